"""The rooms of the machinery, as ``docs/architecture.md`` lists them, and which imports which."""

from __future__ import annotations

import ast

from sources import PACKAGE, python_files, tree_of

#: The rooms of the machinery, in the order in which data flows: each imports only those before it.
ROOMS = (
    "text.py",
    "files.py",
    "specification.py",
    "devices",
    "checking",
    "implementations",
    "own_models.py",
    "protocols.py",
    "suite",
    "outcomes",
    "results",
    "reports",
    "judging",
    "mutation",
    "api.py",
    "cli",
)


def table() -> str:
    """List the rooms, each with the first line of what it says of itself."""
    rows = ["| room | what is in it |", "|---|---|"]
    for name in ROOMS:
        module = PACKAGE / name if name.endswith(".py") else PACKAGE / name / "__init__.py"
        first = (ast.get_docstring(tree_of(module)) or "").partition("\n")[0]
        rows.append(f"| `{name if name.endswith('.py') else f'{name}/'}` | {first} |")
    return "\n".join(rows)


def imports() -> str:
    """Draw which room imports which: every mark is left of the diagonal, or else the line ends with ``!``."""
    names = [name.removesuffix(".py") for name in ROOMS]
    width = max(map(len, names))
    used = {name: imported_rooms(name) for name in ROOMS}
    numbers = range(len(names))
    drawn = ["```text", f"{'':{width}}     " + " ".join(f"{number + 1:2}" for number in numbers)]
    for row, name in enumerate(names):
        imported = [names[column] in used[ROOMS[row]] for column in numbers]
        marks = ["·" if column == row else "x" if imported[column] else "" for column in numbers]
        wrong = any(imported[row:])
        drawn.append(
            f"{row + 1:2} {name:{width}}  " + " ".join(f"{mark:>2}" for mark in marks).rstrip() + "  !" * wrong
        )
    return "\n".join([*drawn, "```"])


def imported_rooms(name: str) -> set[str]:
    """Return the rooms that the modules of a room import."""
    found = set()
    for path in python_files(PACKAGE / name):
        inside = path.relative_to(PACKAGE).parts[:-1]
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and node.level:
                start = inside[: len(inside) - node.level + 1]
                parts = [*start, *(node.module or "").split(".")]
                found |= {parts[0]} if parts[0] else {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sparsifier_conformance."):
                found.add(str(node.module).split(".")[1])
    return found & {room.removesuffix(".py") for room in ROOMS} - {name.removesuffix(".py")}
