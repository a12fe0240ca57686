"""What does nothing passes nothing: every check has a positive control."""

from __future__ import annotations

import pytest

import nothing
from judging import judge
from sparsifier_conformance.outcomes.outcome import Outcome

IMPLEMENTATIONS = [name for name in vars(nothing) if name.isupper()]


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_an_implementation_that_does_nothing_passes_no_requirement(name: str) -> None:
    # A device more tells no more of what does nothing.
    result = judge(f"nothing:{name}", "--sparsifier-device=cpu", "--sparsifier-examples=5", scripts=False)
    passed = {each.id for each in result.requirements if each.outcome is Outcome.PASSED}
    assert {id for id in passed if not id.startswith("interface/")} == set()
