"""The one way from a check to the implementation.

The fixture stands here, nearest to the checks, so that no fixture of the same name in somebody's own
configuration takes its place.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sparsifier_conformance.implementations import Names
from sparsifier_conformance.judging.plugin import SESSION


@pytest.fixture(scope="session")
def implementation(pytestconfig: pytest.Config) -> Names:
    """Give the implementation that this session judges."""
    return Names(pytestconfig.stash[SESSION].found.target)


@pytest.fixture(scope="session")
def optimized(pytestconfig: pytest.Config) -> Callable[[Names, str], dict[str, str]]:
    """Give what the implementation does under ``python -O``, for one of its names."""

    def seen(implementation: Names, name: str) -> dict[str, str]:
        getattr(implementation, name)  # blocked if it is missing
        return pytestconfig.stash[SESSION].optimized[name]

    return seen
