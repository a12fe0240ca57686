"""Other correct code: implementations written quite differently, none of which the suite may accuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from judging import failed, judge
from sparsifier_conformance.results import Verdict

VARIANTS = sorted(Path(__file__).with_name("variants").glob("*.py"))


@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: path.stem)
def test_a_correct_implementation_conforms_in_full(path: Path) -> None:
    result = judge(path)
    assert (failed(result), result.verdict) == (set(), Verdict.CONFORMS_IN_FULL)
