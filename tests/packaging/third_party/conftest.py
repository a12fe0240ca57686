"""What the project's pytest does beside what its configuration says."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("sparsely", max_examples=7, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sparsely")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--masked-by", default="product")


def pytest_sparsifier_implementation(config: pytest.Config) -> object:
    """Provide what the project claims: two of the six, one of them made as this session asks for."""
    from sparsely import sparsity

    masks = {"product": sparsity.FakeSparsity, "nothing": sparsity.Unmasked}
    return SimpleNamespace(
        FakeSparsity=masks[config.getoption("--masked-by")], module_contains_param=sparsity.module_contains_param
    )


@pytest.fixture(autouse=True, scope="session")
def implementation() -> str:
    """A fixture of the same name as one of the suite's."""
    return "of the conftest"
