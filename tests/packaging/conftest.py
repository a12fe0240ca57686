"""The clean checkout that tests of packaging share."""

from __future__ import annotations

import os

import pytest

from checkout import Checkout, make_checkout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A clean checkout, in which the first command of the README has been run."""
    shared = tmp_path_factory.getbasetemp()
    return make_checkout(shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared)
