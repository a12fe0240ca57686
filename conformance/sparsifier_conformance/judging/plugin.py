"""The pytest plugin: options, and nothing else in a session that does not judge an implementation.

This module is imported in every pytest session of an environment, so it imports nothing but pytest.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .session import Session

SESSION: pytest.StashKey[Session] = pytest.StashKey()
SUITE = "sparsifier_conformance.suite"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and ini keys; every option has an ini key but those that name files."""
    group = parser.getgroup(
        "sparsifier", "conformance of sparsifier utilities (with --pyargs sparsifier_conformance.suite)"
    )
    group.addoption(
        "--sparsifier-implementation",
        metavar="WHERE",
        help="package.module, package.module:attribute, path/to/file.py[:attribute], or a registered name",
    )
    group.addoption(
        "--sparsifier-device",
        action="append",
        metavar="DEVICE",
        help="cpu, meta, cuda or another accelerator, fake:cuda, pretend, or all (the default); repeatable",
    )
    group.addoption(
        "--sparsifier-only",
        action="append",
        metavar="UTILITY|ID",
        help="judge this utility or requirement only; repeatable",
    )
    group.addoption(
        "--sparsifier-level", choices=("must", "should"), help="judge MUST only, or SHOULD too (the default)"
    )
    group.addoption("--sparsifier-examples", type=int, metavar="N", help="inputs tried for each property (default: 40)")
    group.addoption("--sparsifier-seed", type=int, metavar="N", help="seed of the inputs (default: 0)")
    group.addoption(
        "--sparsifier-expect",
        action="append",
        metavar="FILE",
        help="failures that are expected (TOML), or torch, torchao for theirs; repeatable, later ones override",
    )
    group.addoption("--sparsifier-json", metavar="FILE", help="write the result to this file")
    group.addoption(
        "--sparsifier-reproducers",
        metavar="DIR",
        help="write a script for each failed requirement to this folder; it needs torch and the implementation alone",
    )
    group.addoption(
        "--sparsifier-write-expected", metavar="FILE", help="write what fails to this new file, as expected failures"
    )
    group.addoption("--sparsifier-fail-fast", action="store_true", default=None, help="stop at the first failed MUST")
    parser.addini(
        "sparsifier_implementation", "the implementation to judge, as --sparsifier-implementation", default=""
    )
    parser.addini("sparsifier_device", "devices, as --sparsifier-device", type="args", default=[])
    parser.addini("sparsifier_only", "utilities and ids, as --sparsifier-only", type="args", default=[])
    parser.addini("sparsifier_level", "must or should, as --sparsifier-level", default="should")
    parser.addini("sparsifier_expect", "files, as --sparsifier-expect", type="args", default=[])
    parser.addini("sparsifier_examples", "as --sparsifier-examples", default="40")
    parser.addini("sparsifier_seed", "as --sparsifier-seed", default="0")
    parser.addini("sparsifier_fail_fast", "true or false, as --sparsifier-fail-fast", type="bool", default=False)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hook that may provide an implementation."""
    from . import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def is_named(config: pytest.Config) -> bool:
    """Tell whether an implementation is named, by the option or the key."""
    return bool(config.getoption("--sparsifier-implementation") or config.getini("sparsifier_implementation"))


def pytest_configure(config: pytest.Config) -> None:
    """Take part in the session if an implementation is named, or provided."""
    if is_named(config) or config.hook.pytest_sparsifier_implementation.get_hookimpls():
        from .session import take_part

        take_part(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to run the checks on nothing."""
    if SUITE not in sys.modules or SESSION in config.stash:
        return
    if any(getattr(getattr(item, "module", None), "__name__", "").startswith(SUITE) for item in items):
        raise pytest.UsageError(
            "which implementation is to be judged? Say --sparsifier-implementation=WHERE, set "
            "sparsifier_implementation in the pytest configuration, or provide one by the hook "
            "pytest_sparsifier_implementation"
        )
