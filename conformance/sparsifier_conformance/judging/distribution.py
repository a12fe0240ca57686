"""The plugin of the command that gives what imports torch's compiler to one worker, and else to none that has more."""

from __future__ import annotations

from typing import Any

import pytest

from .order import imports_compiler


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give pytest-xdist's own scheduler, which chooses what it sends."""
    from xdist.scheduler import LoadScheduling

    class Choosing(LoadScheduling):  # type: ignore[misc]
        """Sends what suits a worker; a release of pytest-xdist that sends otherwise does so in the order of checks."""

        def _send_tests(self, node: Any, num: int) -> None:
            assert self.collection is not None
            names, first = self.collection, node is self.nodes[0]
            self.pending.sort(key=lambda index: (imports_compiler(names[index]) is not first, index))
            super()._send_tests(node, num)

    return Choosing(config, log)
