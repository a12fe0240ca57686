"""What does nothing passes nothing: every check has a positive control."""

from __future__ import annotations

import pytest

import nothing
from judging import judge
from sparsifier_conformance.outcomes.outcome import Outcome

#: Each check is to fail, or not to judge, at whatever it tries.
FEW = ("--sparsifier-device=cpu", "--sparsifier-examples=1", "--sparsifier-exhaustive=2")
IMPLEMENTATIONS = [name for name in vars(nothing) if name.isupper()]


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_an_implementation_that_does_nothing_passes_no_requirement(name: str) -> None:
    # A device more tells no more of what does nothing.
    result = judge(f"nothing:{name}", *FEW, scripts=False)
    passed = {each.id for each in result.requirements if each.outcome is Outcome.PASSED}
    assert {id for id in passed if not id.startswith("interface/")} == set()
