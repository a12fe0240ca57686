"""The start of a session with workers, in which interrupts wait: before it has begun, it has no end that writes."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from .interrupts import hold, release

#: Where pytest-xdist tells a worker that interrupts were kept when it was started.
HELD = "sparsifier_held"


class Starting:
    """Keeps interrupts while pytest-xdist starts workers, unless the session runs where they are kept anyway.

    Parameters:
        config: the configuration of pytest.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._held = False

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionstart(self) -> Generator[None, Any, None]:
        """Keep interrupts from now on."""
        self._held = self._config.pluginmanager.has_plugin("dsession") and hold()
        outcome = yield
        if outcome.excinfo is not None:
            self._let_through()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker, which keeps interrupts too where this process did when it was started."""
        node.workerinput[HELD] = self._held

    @pytest.hookimpl(hookwrapper=True)
    def pytest_collection(self) -> Generator[None, None, None]:
        """Let interrupts through, and the one that was kept: now the session has begun."""
        self._let_through()
        yield

    def _let_through(self) -> None:
        if self._held:
            self._held = False
            release()


def let_through(config: pytest.Config) -> None:
    """Let interrupts through in a worker that was started while they were kept."""
    if getattr(config, "workerinput", {}).get(HELD):
        release()
