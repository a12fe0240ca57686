"""The table of what ``pretend`` can and cannot is what torch does."""

from __future__ import annotations

import re

import pytest
import torch

import pretend_table
from counts import MARKED
from sources import read
from sparsifier_conformance.devices.registry import device

MISSING = device("pretend:0").missing()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


@pytest.mark.exhaustive
def test_the_table_is_what_torch_does() -> None:
    (written,) = [
        match["text"] for match in MARKED.finditer(read(pretend_table.DOCUMENT)) if match["name"] == "pretend"
    ]
    release = re.search(r"with torch (\d+\.\d+)", written)
    assert release is not None
    if not torch.__version__.startswith(f"{release[1]}."):
        pytest.skip(f"the table is of torch {release[1]}")
    assert written.strip() == pretend_table.table(), "run `python tests/tools/pretend_table.py`"


def test_an_ability_that_raises_or_does_something_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretend_table, "abilities", lambda: {"a": lambda d: d, "b": lambda d: "", "c": lambda d: 1 / 0})
    assert list(pretend_table.asked("cpu", 0)) == [
        ("a", "yes"),
        ("b", "no"),
        ("c", "ZeroDivisionError: division by zero"),
    ]
