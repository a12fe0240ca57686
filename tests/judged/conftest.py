"""Settings of what is judged in this process, which imports torch once."""

from __future__ import annotations

import gc
import warnings

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Prepare torch, before any test imports it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sparsifier_conformance.devices.registry import device
        from sparsifier_conformance.judging.processes import workers

        # A fifth of the time of a fault is to look for garbage among torch's own objects.
        gc.set_threshold(workers.THRESHOLD)
        # Before any gradient: torch counts the devices that have some once, when it first computes one.
        device("pretend:0").missing()
