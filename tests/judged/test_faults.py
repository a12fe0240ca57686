"""Every requirement is broken by a fault, and every fault is told by what it breaks."""

from __future__ import annotations

import pytest

from faults import all_faults
from faults.base import Fault
from judging import failed, judge_fault, missing_for
from reproducing import ending_of, imported_by
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.specification import load

FAULTS = all_faults()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.aims_at}-{fault.__name__}")
def test_a_fault_fails_what_it_aims_at(fault: type[Fault]) -> None:
    if reason := missing_for(fault):
        pytest.skip(reason)
    result = judge_fault(fault)
    seen = failed(result)
    assert fault.aims_at in seen
    assert seen - {fault.aims_at} - fault.so_too == set()
    for failure in (each for each in result.requirements if each.outcome is Outcome.FAILED):
        script = failure.reproducer
        assert script is not None
        assert imported_by(script) <= {"torch"}
        assert ending_of(script, fault.where()) == f"AssertionError: {failure.sentence}", script
        assert ending_of(script, "sparsifier_reference") == "", script


def test_every_requirement_has_a_fault() -> None:
    assert set(load().requirements) - {fault.aims_at for fault in FAULTS} == set()
