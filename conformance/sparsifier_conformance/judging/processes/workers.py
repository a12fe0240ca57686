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
from ..items import device_of
from .interrupts import interrupt_once

#: New objects until Python looks for garbage: 700 by default. Torch's modules hold a million objects, which stay; to
#: look through them again and again takes a tenth of a run, and a last time, at its end, a third of an import of torch.
THRESHOLD = 100_000
#: The mark of a check that imports torch's compiler, or a part of it.
COSTLY = IMPORTS_COMPILER.name


def arrange(items: list[pytest.Item], level_of: Callable[[pytest.Item], str | None], *, fail_fast: bool) -> None:
    """Put the checks among the items of a session in order: what imports torch's compiler comes last.

    Parameters:
        items: checks, and items of others, which stay where they are.
        level_of: returns the level of a check, and None for an item of others.
        fail_fast: whether the run ends at the first failed MUST, so that each SHOULD can wait.
    """
    checks = [item for item in items if level_of(item) is not None]
    places: dict[Any, int] = {}
    ranks: dict[pytest.Item, tuple[Any, ...]] = {}
    for check in checks:
        # If one failure is enough, what comes first in its module tells most for the least time.
        place = places[check.path] = places.get(check.path, -1) + 1
        ranks[check] = (level_of(check) == "SHOULD", _is_costly(check), place) if fail_fast else (_is_costly(check),)
    in_order = iter(sorted(checks, key=ranks.__getitem__))
    items[:] = [next(in_order) if item in ranks else item for item in items]


def _is_costly(item: pytest.Item) -> bool:
    device = device_of(item)
    return item.get_closest_marker(COSTLY) is not None or (device is not None and device.imports_compiler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Return pytest-xdist's own scheduler, which chooses what it sends."""
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


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave out what has been imported since, too: the process ends, and needs nothing back.

    But for Triton, which lists on the terminal what is not freed at the end, and comes with torch for CUDA.
    """
    if hasattr(config, "workerinput"):
        (gc.unfreeze if "triton" in sys.modules else gc.freeze)()
