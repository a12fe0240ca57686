"""The hook by which a project provides an implementation that no name stands for."""

from __future__ import annotations

import pytest


@pytest.hookspec(firstresult=True)
def pytest_sparsifier_implementation(config: pytest.Config) -> object | None:
    """Give the implementation to judge: any object that has the six names, or those of them that are claimed.

    Called in every process that judges, if no implementation is named. It belongs into a ``conftest.py`` that pytest
    reads before it collects: next to the configuration, or in a folder of ``testpaths``.

    Parameters:
        config: the configuration of the session.
    """
