"""The plugin of the command's own workers that lets Python look for garbage less often.

Torch's modules hold a million objects, which stay; to look through them again and again takes a tenth of a run, and to
look through them a last time, when the process ends, as long as a third of an import of torch.
"""

from __future__ import annotations

import gc

import pytest

#: New objects until Python looks again: 700 by default.
THRESHOLD = 100_000


def pytest_configure(config: pytest.Config) -> None:
    """Look less often from the start, for it is imports that make most objects."""
    if hasattr(config, "workerinput"):
        gc.set_threshold(THRESHOLD)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave out whatever is there when the first check begins."""
    if hasattr(session.config, "workerinput"):
        gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave out what has been imported since, too: the process ends, and needs nothing back."""
    if hasattr(config, "workerinput"):
        gc.freeze()
