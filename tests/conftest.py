"""Settings of the project's own tests."""

from __future__ import annotations

import gc
import os
import tempfile
import warnings

import pytest

#: A project of somebody else, which is run where it is installed.
collect_ignore = ["third_party"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the variants be judged with more inputs than by default."""
    parser.addoption("--seeds", type=int, default=1, help="judge every variant with this many seeds")
    parser.addoption("--times-examples", type=int, default=1, help="and once with this many times the examples")


def pytest_configure(config: pytest.Config) -> None:
    """Keep what Hypothesis stores out of the checkout."""
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", tempfile.mkdtemp(prefix="hypothesis-"))
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from sparsifier_conformance.devices import pretend
            from sparsifier_conformance.judging import workers

            # A fifth of the time of a fault is to look for garbage among torch's own objects.
            gc.set_threshold(workers.THRESHOLD)
            # Before any gradient: torch counts the devices that have some once, when it first computes one.
            pretend.missing()
