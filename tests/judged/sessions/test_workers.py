"""The order of checks: what imports torch's compiler comes last, and if one failure is enough, what is cheap first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sparsifier_conformance.judging.processes.workers import COSTLY, arrange
from sparsifier_conformance.specification import Requirement, load


class _Item:
    """As much of a check as has a place."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid
        device = nodeid.partition("[")[2].rstrip("]")
        if device:
            self.callspec = SimpleNamespace(params={"device": device})

    def get_closest_marker(self, name: str) -> Any:
        return object() if name == COSTLY and "traced" in self.nodeid else None


NAMES = (
    "theirs.py::test_a",
    "FakeSparsity/traced[cpu]",
    "FakeSparsity/copies[meta]",
    "FakeSparsity/product",
    "FakeSparsity/strict-reload",
    "module_to_fqn/path-of-descendant",
    "module_to_fqn/root-is-empty",
    "interface/parameters",
    "interface/names",
)


@pytest.mark.parametrize(
    ("fail_fast", "expected"),
    [(False, [0, 3, 4, 5, 6, 7, 8, 1, 2]), (True, [0, 3, 6, 8, 5, 7, 2, 1, 4])],
)
def test_the_order(fail_fast: bool, expected: list[int]) -> None:
    items: Any = [_Item(name) for name in NAMES]

    def requirement_of(item: pytest.Item) -> Requirement | None:
        return load().requirements.get(item.nodeid.partition("[")[0])

    arrange(items, requirement_of, fail_fast=fail_fast)
    assert [item.nodeid for item in items] == [NAMES[index] for index in expected]
