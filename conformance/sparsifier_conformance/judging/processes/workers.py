"""Which process runs what, and when: the order of checks, what goes to which worker, and when to look for garbage.

Torch's compiler takes as long to import as torch. So of several workers one begins with the checks that import it,
which stand at the end, and the others come to them last.
"""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from ...checking.costs import IMPORTS_COMPILER
from ...specification import Requirement, load
from ..items import device_of
from .interrupts import ignore_further, interrupt_once

#: New objects until Python looks for garbage: 700 by default. Torch's modules hold a million objects, which stay; to
#: look through them again and again takes a tenth of a run, and a last time, at its end, a third of an import of torch.
THRESHOLD = 1_000_000
#: The mark of a check that imports torch's compiler, or a part of it.
COSTLY = IMPORTS_COMPILER.name


def arrange(
    items: list[pytest.Item], requirement_of: Callable[[pytest.Item], Requirement | None], *, fail_fast: bool
) -> None:
    """Put the checks among the items of a session in order: what imports torch's compiler comes last.

    Parameters:
        items: checks, and items of others, which stay where they are.
        requirement_of: returns what a check is for, and None for an item of others.
        fail_fast: whether the run ends at the first failed MUST, so that each SHOULD can wait.
    """
    ranks: dict[pytest.Item, tuple[Any, ...]] = {}
    for item in items:
        requirement = requirement_of(item)
        if requirement is not None:
            is_should = requirement.level == "SHOULD"
            costly = _is_costly(item)
            ranks[item] = (is_should, costly, *_rank(requirement)) if fail_fast else (costly,)
    in_order = iter(sorted(ranks, key=ranks.__getitem__))
    items[:] = [next(in_order) if item in ranks else item for item in items]


def _rank(requirement: Requirement) -> tuple[bool, int]:
    """Return when a requirement is looked at if one failure is enough: the plainest of each utility first.

    These stand first in the specification. What holds for all utilities comes last, as a fault of one fails it too; but
    for its first, which is whether they are there.
    """
    utility = [each.id for each in load().requirements.values() if each.utility == requirement.utility]
    place = utility.index(requirement.id)
    return requirement.utility == "interface" and place > 0, place


def _is_costly(item: pytest.Item) -> bool:
    device = device_of(item)
    return item.get_closest_marker(COSTLY) is not None or (device is not None and device.imports_compiler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Return pytest-xdist's own scheduler, which chooses what it sends; None, if one failure is enough, for the usual.

    Then no worker is to begin with what stands at the end.
    """
    if config.getoption("--sparsifier-fail-fast"):
        return None
    from xdist.scheduler import LoadScheduling

    class Choosing(LoadScheduling):  # type: ignore[misc]
        """Sends the first worker what stands last; a pytest-xdist that sends otherwise keeps the order of checks."""

        def _send_tests(self, node: Any, num: int) -> None:
            self.pending.sort(reverse=node is self.nodes[0] and len(self.nodes) > 1)
            super()._send_tests(node, num)

    return Choosing(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Look for garbage less often from the start, for it is imports that make most objects; be ready for interrupts."""
    if hasattr(config, "workerinput"):
        # What pluggy says of an interrupt within a hook.
        warnings.filterwarnings("ignore", "A plugin raised an exception during an old-style hookwrapper teardown")
        gc.set_threshold(THRESHOLD)
        interrupt_once()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave out whatever is there when the first check begins."""
    if hasattr(session.config, "workerinput"):
        gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what is there when a costly check begins, as torch's compiler looks for garbage after its work."""
    if hasattr(item.config, "workerinput") and _is_costly(item):
        gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave out what has been imported since, too: the process ends, and needs nothing back, nor an interrupt.

    But for Triton, which lists on the terminal what is not freed at the end, and comes with torch for CUDA.
    """
    if hasattr(config, "workerinput"):
        ignore_further()
        (gc.unfreeze if "triton" in sys.modules else gc.freeze)()
