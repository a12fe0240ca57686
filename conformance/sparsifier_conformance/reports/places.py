"""Where in an implementation a failure is, to show it beside the code. Only the standard library is needed."""

from __future__ import annotations

import ast
import re
from pathlib import Path


def place_of(file: str | None, id: str, message: str | None, root: Path) -> tuple[str, int | None] | None:
    """Return the file, relative to a folder, and the line, if it is known; None if the file is not in the folder.

    Parameters:
        file: that of the implementation, if it has one.
        id: of the requirement that failed; where no line raised, that which defines its utility counts.
        message: what was seen, which may name a line.
        root: the folder.
    """
    path, line = place_anywhere(file, id, message)
    if path is None or not path.is_relative_to(root.resolve()):
        return None
    return path.relative_to(root.resolve()).as_posix(), line


def place_anywhere(file: str | None, id: str, message: str | None) -> tuple[Path | None, int | None]:
    """Return the file, by its absolute path, and the line, each if it is known; for the parameters see ``place_of``."""
    if file is None or not Path(file).is_file():
        return None, None
    path, line = _raised_in(Path(file).resolve(), message or "")
    return path, line or _defined_in(path, id.partition("/")[0])


def _raised_in(file: Path, message: str) -> tuple[Path, int | None]:
    """Return where an error came from, which the message names as ``(package/module.py, line 12)``."""
    for name, line in re.findall(r"\(([^()]+\.py), line (\d+)\)", message):
        for folder in file.parents:
            if (folder / name).is_file():
                return folder / name, int(line)
    return file, None


def _defined_in(path: Path, utility: str) -> int | None:
    """Return the line of a file where a utility is defined."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return None
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, kinds) and node.name == utility]
    return min(lines, default=None)
