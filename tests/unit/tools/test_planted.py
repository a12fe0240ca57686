"""The faults that are planted in our own code: each is still there to be planted."""

from __future__ import annotations

import pytest

from planted import FAULTS, PACKAGE, ROOT, Planted


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_finds_its_place(fault: Planted) -> None:
    assert (ROOT / PACKAGE / fault.file).read_text(encoding="utf-8").count(fault.before) == 1
