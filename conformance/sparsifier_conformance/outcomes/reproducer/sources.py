"""The source of our own functions and classes, cut out so that it stands alone: what a reproducer is made of."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

_FOR_LINTERS = re.compile(r"  # (type: ignore|noqa).*")
PACKAGE = __name__.partition(".")[0]
#: What ends a check that cannot judge. A reproducer is of one that could, and goes without.
_ENDINGS = {"reject", "not_applicable", "holds_values"}
#: Where a made-up device notes for the run that it cannot tell: a reproducer goes without that, too.
_NOTES = "doubts"


@dataclass(frozen=True)
class Edit:
    """A piece of a source that is replaced: from and to, in bytes, and the text in its place."""

    begin: int
    end: int
    text: str


@dataclass(frozen=True)
class Source:
    """A module's source: its bytes, what it defines at the top, and what it imports, by name."""

    data: bytes
    definitions: dict[str, ast.stmt]
    imports: dict[str, tuple[str, str]]  # the module, and the name in it, which is empty for the module itself

    def begin(self, node: Any) -> int:
        """Give the offset of a node, decorators included."""
        first = min(each.lineno for each in [node, *getattr(node, "decorator_list", [])])
        return int(self._lines[first - 1] + node.col_offset)

    def end(self, node: Any) -> int:
        """Give the offset behind a node."""
        return int(self._lines[node.end_lineno - 1] + node.end_col_offset)

    @cached_property
    def _lines(self) -> list[int]:
        offsets = [0]
        for line in self.data.splitlines(keepends=True):
            offsets.append(offsets[-1] + len(line))
        return offsets

    def line_at(self, node: ast.expr) -> bytes:
        """Give the line in which an expression begins, without its end; offsets of nodes are in bytes, too."""
        return self.data[self._lines[node.lineno - 1] : self._lines[node.lineno]].rstrip(b"\r\n")

    def line_of(self, node: ast.stmt) -> Edit:
        """Give the edit that takes a statement out with its lines."""
        lines = self._lines
        return Edit(lines[node.lineno - 1], lines[node.end_lineno or node.lineno], "")

    def text(self, begin: int, end: int, edits: list[Edit]) -> str:
        """Give a piece of the source, edited."""
        pieces = []
        for edit in sorted(edits, key=lambda each: each.begin):
            pieces.append(self.data[begin : edit.begin].decode())
            pieces.append(edit.text)
            begin = edit.end
        return "".join([*pieces, self.data[begin:end].decode()])


@lru_cache(maxsize=32)
def source_of(module: str) -> Source:
    """Read a module's source.

    Parameters:
        module: the name of a module that is imported.
    """
    data = Path(str(sys.modules[module].__file__)).read_bytes()
    definitions: dict[str, ast.stmt] = {}
    imports: dict[str, tuple[str, str]] = {}
    for node in ast.parse(data).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            definitions[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    definitions[target.id] = node
        elif isinstance(node, ast.Import):
            imports.update({each.asname or each.name: (each.name, "") for each in node.names})
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), module.rpartition(".")[0])
            imports.update({each.asname or each.name: (origin, each.name) for each in node.names})
    return Source(data, definitions, imports)


def is_ours(module: str) -> bool:
    """Tell whether a module is one of this package."""
    return module == PACKAGE or module.startswith(PACKAGE + ".")


def endings(module: str, body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Find the statements that only end a check that cannot judge, or note that it cannot, at any depth."""
    for node in body:
        if _ends(module, node):
            yield node
        else:
            for block in ("body", "orelse", "finalbody"):
                yield from endings(module, getattr(node, block, []))


def _ends(module: str, node: ast.stmt) -> bool:
    if isinstance(node, ast.If):
        return not node.orelse and all(_ends(module, each) for each in node.body)
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    called = node.value.func
    if isinstance(called, ast.Attribute):
        return isinstance(called.value, ast.Name) and called.value.id == _NOTES
    return isinstance(called, ast.Name) and (called.id in _ENDINGS or _is_an_ending(module, called.id))


def _is_an_ending(module: str, name: str) -> bool:
    """Tell whether a function of the module does nothing but end checks that cannot judge."""
    function = source_of(module).definitions.get(name)
    if not isinstance(function, ast.FunctionDef) or not isinstance(function.returns, ast.Constant):
        return False
    return any(_ends(module, each) for each in function.body)


@dataclass(frozen=True)
class Cut:
    """What is left out of a definition: the edits that do it, and the code that is gone then."""

    edits: tuple[Edit, ...] = ()
    gone: tuple[ast.AST, ...] = ()


@dataclass
class Closure:
    """The definitions that some code needs, with all that these need in turn."""

    #: By module and name, the edits that leave out what only ends a check, and what was cut.
    _found: dict[tuple[str, str], list[Edit]] = field(default_factory=dict)
    _imports: set[str] = field(default_factory=set)
    _cuts: dict[tuple[str, str], Cut] = field(default_factory=dict)

    def add(self, module: str, names: set[str]) -> None:
        """Add what names of a module stand for."""
        source = source_of(module)
        for name in sorted(names):
            if name in source.definitions:
                self._define(module, name)
            elif name in source.imports:
                origin, original = source.imports[name]
                if is_ours(origin):
                    self.add(origin, {original})
                else:
                    self._imports.add(f"from {origin} import {original}" if original else f"import {origin}")

    def require(self, *statements: str) -> None:
        """Add import statements, of one name each."""
        self._imports.update(statements)

    def cut(self, module: str, name: str, cut: Cut) -> None:
        """Leave out of a definition what this script has no use for, when it is added."""
        self._cuts[module, name] = cut

    def _define(self, module: str, name: str) -> None:
        if (module, name) in self._found:
            return
        if any(name == each for _, each in self._found):
            raise ValueError(f"two modules define {name}, and a script has room for one")
        source = source_of(module)
        node = source.definitions[name]
        ended = list(endings(module, getattr(node, "body", [])))
        cut = self._cuts.get((module, name), Cut())
        self._found[module, name] = [*map(source.line_of, ended), *cut.edits]
        gone = {id(each) for code in (*ended, *cut.gone) for each in ast.walk(code)}
        self.add(module, names_in(node, gone) - {name})

    def imports(self) -> list[str]:
        """List the import statements, the standard library's first, as linters want them."""
        groups: list[list[str]] = [[], []]
        merged: dict[str, set[str]] = {}
        for line in self._imports:
            if line.startswith("from "):
                _, module, _, name = line.split()
                merged.setdefault(module, set()).add(name)
        lines = [line for line in self._imports if line.startswith("import ")]
        lines += [f"from {module} import {', '.join(sorted(names))}" for module, names in merged.items()]
        for line in sorted(lines, key=lambda line: (line.startswith("from "), line)):
            groups[line.split()[1].partition(".")[0] not in sys.stdlib_module_names].append(line)
        return ["\n".join(group) for group in groups if group]

    def definitions(self) -> list[str]:
        """List the sources, those of a module in their order, and what the check's own module defines last."""
        modules = sorted({module for module, _ in self._found}, key=lambda module: (".suite." in module, module))
        return [text for module in modules for text in self._of(module)]

    def _of(self, module: str) -> Iterator[str]:
        source = source_of(module)
        for name, node in source.definitions.items():  # in their order
            if (module, name) in self._found:
                text = source.text(source.begin(node), source.end(node), self._found[module, name])
                yield _FOR_LINTERS.sub("", text).rstrip("\n")  # whose last line may have been left out


def names_in(node: ast.AST, without: Collection[int] = ()) -> set[str]:
    """Give the names that code reads, annotations included, but for those that Python itself has.

    Parameters:
        node: the code.
        without: the ids of nodes that do not count.
    """
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and id(each) not in without and not hasattr(builtins, each.id)
    }
