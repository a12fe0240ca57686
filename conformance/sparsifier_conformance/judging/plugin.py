"""The pytest plugin: options, and nothing else in a session that does not judge an implementation.

This module is imported in every pytest session of an environment, so it imports nothing but pytest.
"""

from __future__ import annotations

import sys

import pytest

from . import options
from .items import SESSION, SUITE, is_check


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and ini keys."""
    options.add_to_pytest(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hook that may provide an implementation."""
    from . import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """Take part in the session if an implementation is named, or provided."""
    config.addinivalue_line("markers", "sparsifier_imports_compiler: the check imports torch's compiler")
    if options.is_named(config) or config.hook.pytest_sparsifier_implementation.get_hookimpls():
        from .session import take_part

        take_part(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to run the checks on nothing."""
    if SUITE not in sys.modules or config.pluginmanager.has_plugin(SESSION):
        return
    if any(is_check(item) for item in items):
        raise pytest.UsageError(
            "no implementation is named: give --sparsifier-implementation=WHERE, set sparsifier_implementation in the "
            "pytest configuration, or provide one by the hook pytest_sparsifier_implementation"
        )
