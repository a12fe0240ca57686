"""In which order checks run: what takes long to begin with is begun early, or late.

Torch's compiler takes as long to import as torch, and not only to compile does so: to trace and to transform functions
imports a part of it, and the first sum on ``meta`` or a fake device most of it. The check of ``python -O`` waits for
another process that imports torch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..devices.names import FAKE

if TYPE_CHECKING:
    import pytest

_COMPILES = "test_compiled_and_exported"
_IMPORT_COMPILER = (_COMPILES, "test_traced", "test_functional_transforms")
_IN_ANOTHER_PROCESS = "test_rejected_under_O"
_NEED_COMPILER = {"meta", FAKE}


def imports_compiler(nodeid: str) -> bool:
    """Tell whether a check imports torch's compiler, or a part of it."""
    given = nodeid.partition("[")[2].rstrip("]").split("-")
    return any(name in nodeid for name in _IMPORT_COMPILER) or not _NEED_COMPILER.isdisjoint(given)


def arrange(items: list[pytest.Item], level_of: Callable[[pytest.Item], str | None], *, fail_fast: bool) -> None:
    """Put the checks among the items of a session in order.

    Parameters:
        items: checks, and items of others, which stay where they are.
        level_of: gives the level of a check, and None for an item of others.
        fail_fast: whether the run ends at the first failed MUST.
    """
    places: Counter[Path] = Counter()
    ranks = {}
    for item in items:
        if (level := level_of(item)) is not None:
            ranks[item] = _rank(item.nodeid, level, places[item.path], fail_fast=fail_fast)
            places[item.path] += 1
    in_order = iter(sorted(ranks, key=ranks.__getitem__))
    items[:] = [next(in_order) if item in ranks else item for item in items]


def _rank(nodeid: str, level: str, place: int, *, fail_fast: bool) -> tuple[int, ...]:
    """Say where a check belongs: if one failure is enough, what is cheap comes first, and what begins its module.

    Else what takes long does, so that no worker is left alone with it.
    """
    if not fail_fast:
        return (_IN_ANOTHER_PROCESS not in nodeid,)
    return level == "SHOULD", _IN_ANOTHER_PROCESS in nodeid, _COMPILES in nodeid, imports_compiler(nodeid), place
