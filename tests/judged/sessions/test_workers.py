"""The order of checks: what imports torch's compiler comes last, and if one failure is enough, what is cheap first."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sparsifier_conformance.judging.processes.workers import COSTLY, arrange


class _Item:
    """As much of a check as has a place."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid
        self.path = Path(nodeid.partition("::")[0])
        device = nodeid.partition("[")[2].rstrip("]")
        if device:
            self.callspec = SimpleNamespace(params={"device": device})

    def get_closest_marker(self, name: str) -> Any:
        return object() if name == COSTLY and "traced" in self.nodeid else None


NAMES = (
    "theirs.py::test_a",
    "a.py::test_traced[cpu]",
    "a.py::test_1",
    "a.py::test_2[meta]",
    "b.py::test_should",
    "b.py::test_1",
)


@pytest.mark.parametrize(
    ("fail_fast", "expected"),
    [
        (False, [NAMES[0], NAMES[2], NAMES[4], NAMES[5], NAMES[1], NAMES[3]]),
        (True, [NAMES[0], NAMES[2], NAMES[5], NAMES[1], NAMES[3], NAMES[4]]),
    ],
)
def test_the_order(fail_fast: bool, expected: list[str]) -> None:
    items: Any = [_Item(name) for name in NAMES]

    def level_of(item: pytest.Item) -> str | None:
        return None if "theirs" in item.nodeid else "SHOULD" if "should" in item.nodeid else "MUST"

    arrange(items, level_of, fail_fast=fail_fast)
    assert [item.nodeid for item in items] == expected
