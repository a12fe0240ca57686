"""Every requirement is broken by a fault, and every fault is found by what it breaks, and by nothing else."""

from __future__ import annotations

import pytest

from faults import all_faults
from faults.base import Fault, Reference
from judging import failed, judge, judge_fault, missing_for
from kill_matrix import _utilities
from reproducing import ending_of, imported_by
from sparsifier_conformance.implementations.names import NAMES
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Result
from sparsifier_conformance.specification import load

FAULTS = all_faults()
#: How many faults of a requirement are judged in any case.
SOME = 4


def named(fault: type[Fault]) -> str:
    """Return the id of a test of a fault."""
    return f"{fault.aims_at}-{fault.__name__}"


def those_in_any_case() -> set[type[Fault]]:
    """Return some faults of each requirement, from all over those that it has, as neighbours are much alike."""
    chosen: set[type[Fault]] = set()
    for id in {fault.aims_at for fault in FAULTS}:
        its = [fault for fault in FAULTS if fault.aims_at == id]
        chosen |= {its[number * len(its) // SOME] for number in range(SOME)}
    return chosen


IN_ANY_CASE = those_in_any_case()
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=named)


@pytest.mark.parametrize(
    "fault",
    [pytest.param(each, marks=() if each in IN_ANY_CASE else pytest.mark.exhaustive) for each in FAULTS],
    ids=named,
)
def test_a_fault_fails_what_it_aims_at(fault: type[Fault]) -> None:
    """On one device, by a check of that requirement: what else fails is looked at where all is exhaustive."""
    _skip_if_missing(fault)
    device = f"--sparsifier-device={fault.on[0]}"
    result = judge(fault.where(), device, "-x", only=[fault.aims_at], names=fault.changed())
    assert failed(result) == {fault.aims_at}
    _check_scripts(result, fault)


@pytest.mark.exhaustive
@each_fault
def test_a_fault_fails_nothing_else_on_all_of_its_devices(fault: type[Fault]) -> None:
    _skip_if_missing(fault)
    result = judge_fault(fault)
    seen = failed(result)
    assert fault.aims_at in seen
    assert seen - {fault.aims_at} - fault.so_too == set()
    _check_scripts(result, fault)


def test_every_requirement_has_a_fault() -> None:
    without = set(load().requirements) - {fault.aims_at for fault in FAULTS}
    assert without == set(), "write one for each in tests/faults/UTILITY/"


def test_the_kill_matrix_has_faults_of_each_utility() -> None:
    assert set(_utilities()) == {each.utility for each in load().requirements.values()}


def test_a_fault_has_every_name() -> None:
    assert set(NAMES) <= set(vars(Reference)), "add what is missing to `Reference` in tests/faults/base.py"


def _skip_if_missing(fault: type[Fault]) -> None:
    if reason := missing_for(fault):
        pytest.skip(reason)


def _check_scripts(result: Result, fault: type[Fault]) -> None:
    """Check that each failure has a script that stands alone: it fails as the check did, and not on the reference."""
    for failure in (each for each in result.requirements if each.outcome is Outcome.FAILED):
        script = failure.reproducer
        assert script is not None
        assert imported_by(script) <= {"torch"}
        assert ending_of(script, fault.where()) == f"AssertionError: {failure.sentence}", script
        assert ending_of(script, "sparsifier_reference") == f"{failure.id} holds for this input", script
