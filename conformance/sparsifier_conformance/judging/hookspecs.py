"""The hook by which a project provides an implementation that is built at run time."""

from __future__ import annotations

import pytest


@pytest.hookspec(firstresult=True)
def pytest_sparsifier_implementation(config: pytest.Config) -> object | None:
    """Return the implementation to judge, or None to leave it to another plugin.

    The hook is called in every process that judges, if no option or ini key names an implementation. It belongs in a
    ``conftest.py`` that pytest reads before it collects: next to the configuration, or in a folder of ``testpaths``.

    Parameters:
        config: the configuration of the session, which holds the project's own options.

    Returns:
        Any object that has the six names, or those of them that ``sparsifier_only`` selects.
    """
