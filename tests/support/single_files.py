"""Implementations written into one file each, as most code is that somebody copies: every fault, and the reference."""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path

import sparsifier_reference
from faults.base import Fault
from sparsifier_conformance.implementations.names import NAMES

#: What stands where a fault asks a module or a class for the reference's names.
_HOLDER = "class {name}:\n" + "".join(f"    {each} = staticmethod({each})\n" for each in NAMES if each[0].islower())
_HOLDER += "    FakeSparsity = FakeSparsity\n"


def reference() -> str:
    """Return the source of the reference in one piece."""
    folder = Path(sparsifier_reference.__file__).parent
    return "\n".join(
        _without(folder.joinpath(f"{name}.py").read_text(encoding="utf-8"), "__future__")
        for name in ("masks", "paths", "swap")
    )


def of_fault(fault: type[Fault]) -> str | None:
    """Return a fault in one piece, its names at the top; None where it is written in a way that this cannot follow."""
    module = sys.modules[fault.__module__]
    helpers = _helpers(inspect.getsource(module), module.__name__)
    (node,) = (each for each in ast.parse(inspect.getsource(fault)).body if isinstance(each, ast.ClassDef))
    lifted = [each for each in node.body if getattr(each, "name", None) in NAMES]
    if fault.changed() - {getattr(each, "name", None) for each in lifted}:
        return None
    for each in lifted:
        if isinstance(each, ast.FunctionDef):
            each.decorator_list = []
    return of_text("\n".join([helpers, *map(ast.unparse, lifted)]))


def of_text(text: str) -> str:
    """Return code that imports the reference's names as code that has them in its own file."""
    nodes = list(ast.walk(ast.parse(text)))
    imported = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "sparsifier_reference"]
    modules = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    lines = [_HOLDER.format(name="Reference")]
    lines += [
        _HOLDER.format(name=alias.asname or alias.name) for alias in modules if alias.name == "sparsifier_reference"
    ]
    lines += [f"{alias.asname} = {alias.name}" for node in imported for alias in node.names if alias.asname]
    return "\n".join(
        ["from __future__ import annotations", reference(), *lines, _without(text, "sparsifier_reference")]
    )


def _helpers(text: str, module: str) -> str:
    """Return what a module of faults has beside faults, and what it takes from others of them."""
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            other = f"{module.rpartition('.')[0]}.{node.module}"
            found.append(_helpers(inspect.getsource(sys.modules[other]), other))
        elif not _is_fault(node) and not (isinstance(node, ast.ImportFrom) and node.level):
            found.append(ast.unparse(node))
    return _without("\n".join(found), "__future__")


def _is_fault(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef) and any(each.arg == "aims_at" for each in node.keywords)


def _without(text: str, module: str) -> str:
    """Return code without the statements at its top that import a module, or what is in it."""
    tree = ast.parse(text)
    for node in list(tree.body):
        names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
        if module in names or (isinstance(node, ast.ImportFrom) and not node.level and node.module == module):
            tree.body.remove(node)
    return ast.unparse(tree)
