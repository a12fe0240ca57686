"""Every requirement is broken by a fault, and every fault is told by what it breaks."""

from __future__ import annotations

import pytest

from faults import all_faults
from faults.base import Fault
from judging import failed_by, missing_for
from sparsifier_conformance.specification import load

FAULTS = all_faults()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.aims_at}-{fault.__name__}")
def test_a_fault_fails_what_it_aims_at(fault: type[Fault]) -> None:
    if reason := missing_for(fault):
        pytest.skip(reason)
    seen = failed_by(fault)
    assert fault.aims_at in seen
    assert seen - {fault.aims_at} - fault.so_too == set()


def test_every_requirement_has_a_fault() -> None:
    assert set(load().requirements) - {fault.aims_at for fault in FAULTS} == set()
