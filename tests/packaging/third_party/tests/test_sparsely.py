"""The project's own tests, which would notice if the suite changed how they run."""

from __future__ import annotations

import os
import warnings

import pytest
from hypothesis import HealthCheck, Verbosity, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.sparsely


@pytest.fixture
def implementation() -> str:
    return "a fixture of the project's own"


@pytest.fixture(params=["one", "two"])
def device(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_fixtures_are_the_projects(implementation: str, device: str) -> None:
    assert implementation == "a fixture of the project's own" and device in ("one", "two")


def test_warnings_are_errors() -> None:
    with pytest.raises(UserWarning):
        warnings.warn("told", UserWarning, stacklevel=1)


def test_the_environment_is_as_it_was() -> None:
    assert "OMP_NUM_THREADS" not in os.environ and "PYTEST_DISABLE_PLUGIN_AUTOLOAD" not in os.environ


def test_the_settings_of_properties_are_the_projects() -> None:
    assert settings.default is not None
    assert (settings.default.max_examples, settings.default.verbosity) == (7, Verbosity.normal)
    assert HealthCheck.too_slow in settings.default.suppress_health_check


@given(st.integers())
def test_properties_run_by_them(number: int) -> None:
    assert settings.default is not None and settings.default.max_examples == 7
