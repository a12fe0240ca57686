"""The same answer twice: a result is the same but for times, however and wherever the run is made."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from running import command, pytest_in
from sparsifier_conformance.results import file as results

# torch fails some requirements, whose smallest inputs must be the same too; the slow checks are the same to any order.
ONLY = (
    *("interface/names", "module_to_fqn/first-path-when-shared", "module_to_fqn/equal-siblings-found"),
    *("swap_module/kwargs-hooks", "swap_module/device-follows-buffers"),
    *("FakeSparsity/product", "FakeSparsity/strict-reload"),
)
OPTIONS = [*(f"--only={each}" for each in ONLY), "--examples=5", "--device=cpu", "--device=meta"]


def document(path: Path) -> Any:
    """Give a result but for its times, and for the words that name a checkout's own folder."""
    result = results.read(path)
    requirements = [msgspec.structs.replace(each, duration=0.0) for each in result.requirements]
    return msgspec.structs.replace(result, requirements=requirements, duration=0.0, started="")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("expected")
    command("run", "torch", *OPTIONS, "-n0", "--json", "result.json", cwd=folder)
    return document(folder / "result.json")


@pytest.mark.parametrize(
    ("options", "env"),
    [
        pytest.param(("-n0",), {"PYTHONHASHSEED": "1"}, marks=pytest.mark.exhaustive),
        (("-n2",), {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2"}),
    ],
)
def test_by_the_command(tmp_path: Path, expected: Any, options: tuple[str, ...], env: dict[str, str]) -> None:
    # What an earlier run of Hypothesis may have left, in the folder where it looks.
    left = tmp_path / ".hypothesis" / "examples"
    left.mkdir(parents=True)
    (left / "0123456789abcdef").write_bytes(b"\x00")
    command("run", "torch", *OPTIONS, *options, "--json", "result.json", cwd=tmp_path, env=env)
    assert document(tmp_path / "result.json") == expected


SHUFFLE = """\
import random

def pytest_collection_modifyitems(items):
    random.Random({seed}).shuffle(items)
"""


@pytest.mark.exhaustive
@pytest.mark.parametrize("options", [(), ("-n2",)])
def test_by_pytest_in_a_random_order(tmp_path: Path, expected: Any, options: tuple[str, ...]) -> None:
    (tmp_path / "conftest.py").write_text(SHUFFLE.format(seed=random.randrange(1000)))
    suite = ("--pyargs", "sparsifier_conformance.suite", "--sparsifier-implementation=torch", f"--rootdir={tmp_path}")
    only = [option.replace("--", "--sparsifier-", 1) for option in OPTIONS]
    # pytest reads the conftest of its folder only where that is among the folders of its arguments.
    pytest_in(tmp_path, *suite, *only, *options, "-p", "conftest", "--sparsifier-json=result.json")
    assert document(tmp_path / "result.json") == expected
