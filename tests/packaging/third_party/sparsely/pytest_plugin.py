"""A plugin of the project's own, with habits of its own."""

from __future__ import annotations

from collections.abc import Generator

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.reverse()


@pytest.fixture(autouse=True)
def sparsely_note(request: pytest.FixtureRequest) -> Generator[None, None, None]:
    request.node.user_properties.append(("sparsely", "noted"))
    yield
