"""The one way from a check to the implementation.

The fixture stands here, nearest to the checks, so that no fixture of the same name in somebody's own
configuration takes its place.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sparsifier_conformance.implementations.names import JUDGED, WITHOUT_ASSERTS, Names


@pytest.fixture(scope="session")
def implementation(pytestconfig: pytest.Config) -> Names:
    """Return the implementation that this session judges."""
    return pytestconfig.stash[JUDGED]


@pytest.fixture(scope="session")
def optimized(pytestconfig: pytest.Config) -> Callable[[Names, str], dict[str, str]]:
    """Return what is seen of one of the six names without its asserts, as a function."""

    def seen(implementation: Names, name: str) -> dict[str, str]:
        getattr(implementation, name)  # blocked if it is missing
        return pytestconfig.stash[WITHOUT_ASSERTS](name)

    return seen
