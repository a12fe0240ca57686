"""Which requirement each fault aims at, as it stands in the source: nothing is imported, so torch is not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

FAULTS = Path(__file__).parents[1] / "faults"


def aims() -> list[str]:
    """Return the requirement that each fault aims at."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FAULTS.rglob("*.py"))]
    return [aim for tree in trees for aim in _aims_in(tree)]


def _aims_in(tree: ast.Module) -> Iterator[str]:
    """Yield the aims of the faults of a module, constants of the module put in."""
    known: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    known[target.id] = _value(node.value, known)
        if isinstance(node, ast.ClassDef):
            for keyword in node.keywords:
                if keyword.arg == "aims_at":
                    aim = _value(keyword.value, known)
                    if not isinstance(aim, str):
                        raise ValueError(f"what {node.name} aims at must be a literal, or a constant of its own module")
                    yield aim


def _value(node: ast.expr, known: dict[str, object]) -> object:
    """Return what a simple expression comes to, or None if it is not simple."""
    try:
        return eval(compile(ast.Expression(node), "<fault>", "eval"), {"__builtins__": {}}, known)
    except Exception:
        return None
