"""Settings of the project's own tests.

The tiers are folders: ``unit`` imports no torch and starts no process, ``judged`` judges in this process,
``end_to_end`` and ``packaging`` start a process for each test.
"""

from __future__ import annotations

import os
import tempfile

import pytest

#: A project of somebody else, which is run where it is installed.
collect_ignore = ["packaging/third_party"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what takes long, and let the variants be judged with more inputs than by default."""
    parser.addoption("--exhaustive", action="store_true", help="run what is marked exhaustive, too")
    parser.addoption("--seeds", type=int, default=1, help="judge every variant with this many seeds")
    parser.addoption("--times-examples", type=int, default=1, help="and once with this many times the examples")


def pytest_configure(config: pytest.Config) -> None:
    """Keep what Hypothesis stores out of the checkout."""
    os.environ["COLUMNS"] = "100"  # text follows the width of a terminal, which workers do not have
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", tempfile.mkdtemp(prefix="hypothesis-"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is exhaustive unless it is requested."""
    if config.getoption("--exhaustive"):
        return
    left_out = [item for item in items if item.get_closest_marker("exhaustive")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]
