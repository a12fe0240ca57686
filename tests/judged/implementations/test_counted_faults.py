"""What is counted without importing it is what is there."""

from __future__ import annotations

from aims import aims
from faults import all_faults


def test_the_faults_that_are_counted_are_all() -> None:
    assert sorted(aims()) == sorted(fault.aims_at for fault in all_faults())
