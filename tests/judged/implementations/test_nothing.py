"""What does nothing passes nothing: every check has a positive control."""

from __future__ import annotations

import pytest

import nothing
from judging import judge
from sparsifier_conformance.outcomes.outcome import Outcome

#: Each check is to fail, or not to judge, at whatever it tries.
FEW = ("--sparsifier-device=cpu", "--sparsifier-examples=1", "--sparsifier-exhaustive=2")
#: What could be right of some names alone: quickly by the checks of these, by all checks where all is exhaustive.
MEANT_FOR = {
    "RETURNS_TRUE": ["module_contains_param"],
    "RETURNS_EMPTY_TEXT": ["module_to_fqn"],
    "RETURNS_AN_EMPTY_DICT": ["get_arg_info_from_tensor_fqn"],
}
#: What takes long, and is quickly seen by others.
SLOW = ["RETURNS_A_MOCK", "EVERYTHING"]
IMPLEMENTATIONS = [name for name in vars(nothing) if name.isupper() and name != "NAMES"]


def passed(name: str, *, names: list[str]) -> set[str]:
    """Return what an implementation passes, by the checks of some names, or of all if none is given."""
    # A device more tells no more of what does nothing.
    result = judge(f"nothing:{name}", *FEW, names=names, scripts=False)
    found = {each.id for each in result.requirements if each.outcome is Outcome.PASSED}
    return {id for id in found if not id.startswith("interface/")}


@pytest.mark.parametrize("name", [name for name in IMPLEMENTATIONS if name not in SLOW])
def test_an_implementation_that_does_nothing_passes_no_requirement(name: str) -> None:
    assert passed(name, names=MEANT_FOR.get(name, [])) == set()


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", [*MEANT_FOR, *SLOW])
def test_it_does_so_by_all_checks(name: str) -> None:
    assert passed(name, names=[]) == set()
