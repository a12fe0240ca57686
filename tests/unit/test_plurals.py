"""A number and its noun: one of them has no plural, wherever text is made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import sparsifier_conformance
from sparsifier_conformance.text import counted

PACKAGE = Path(sparsifier_conformance.__file__).parent
#: What is counted in what a user reads.
NOUNS = (
    *("characters", "checks", "devices", "entries", "examples", "failures", "files", "inputs", "lines", "models"),
    *("modules", "mutants", "requirements", "results", "seconds", "scripts", "tests", "workers"),
)
AFTER = re.compile(rf" (expected |newly )?({'|'.join(NOUNS)})\b(?!:)")


def test_one_has_no_plural() -> None:
    assert [counted(each, "check") for each in (0, 1, 2)] == ["0 checks", "1 check", "2 checks"]
    assert [counted(each, "second") for each in (0.5, 1.0, 60.0)] == ["0.5 seconds", "1 second", "60 seconds"]


def test_no_number_has_its_noun_written_behind_it() -> None:
    paths = (path for path in PACKAGE.rglob("*.py") if "suite" not in path.relative_to(PACKAGE).parts)
    assert [said for path in paths for said in _written(path)] == [], "use `counted` of sparsifier_conformance.text"


def _written(path: Path) -> Iterator[str]:
    """Yield where a formatted number is followed by what it counts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for value, text in pairwise(parts):
            is_text = isinstance(text, ast.Constant) and isinstance(value, ast.FormattedValue)
            if is_text and AFTER.match(str(text.value)):  # type: ignore[attr-defined]
                yield f"{path.relative_to(PACKAGE)}, line {value.lineno}: {ast.unparse(node)}"
