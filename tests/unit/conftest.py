"""Settings of the unit tests: none of them may import torch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_ALONE: pytest.StashKey[bool] = pytest.StashKey()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note whether the session has no other tests, which may import torch."""
    folder = Path(__file__).parent
    session.config.stash[_ALONE] = bool(session.items) and all(folder in item.path.parents for item in session.items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session if a unit test has imported torch."""
    if session.config.stash.get(_ALONE, False) and "torch" in sys.modules:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why such a session fails."""
    if terminalreporter.config.stash.get(_ALONE, False) and "torch" in sys.modules:
        terminalreporter.write_line("a unit test imports torch, which takes longer than all of them", red=True)
