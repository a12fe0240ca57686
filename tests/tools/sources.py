"""The files of this project, as text and as Python reads them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "conformance" / "sparsifier_conformance"


def read(path: Path) -> str:
    """Return the text of a file."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the code of a module as Python reads it, once for all who ask."""
    return ast.parse(read(path))


def python_files(folder: Path) -> list[Path]:
    """Return the Python files in a folder, or the file itself."""
    return [folder] if folder.is_file() else sorted(folder.rglob("*.py"))
