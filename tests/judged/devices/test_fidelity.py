"""How made-up devices compare: each fault that a device could show is judged on each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import fidelity
from counts import MARKED
from faults.FakeSparsity.accelerators import ComputesOnCpu
from faults.swap_module.accelerators import MixesCpuAndCuda, MovesToCudaOnly
from sources import read
from sparsifier_conformance.devices.registry import device

MISSING = device("pretend:0").missing()


@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
def test_a_fault_is_found_where_a_device_shows_it() -> None:
    assert fidelity.found_on(ComputesOnCpu, ["cpu", "pretend:0"]) == {"cpu": "not found", "pretend:0": "found"}
    assert fidelity.found_on(MovesToCudaOnly, ["cpu", "pretend:1"]) == {"cpu": "not found", "pretend:1": "found"}
    assert fidelity.found_on(MixesCpuAndCuda, ["cpu", "pretend:1"]) == {"cpu": "found", "pretend:1": "found"}


def test_a_table_has_a_row_for_each_fault_and_says_with_which_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fidelity, "faults", lambda: [ComputesOnCpu])
    monkeypatch.setattr(fidelity, "devices", lambda: ["cpu", "meta"])
    output = tmp_path / "summary.md"
    assert fidelity.main(["--output", str(output)]) == 0
    first, *_, row = read(output).splitlines()
    assert re.match(r"torch \S+, \d{4}-\d\d-\d\d; CUDA: .+", first)
    assert row == "| `ComputesOnCpu` | `FakeSparsity/product` | not found | found |"


def test_the_table_of_one_device_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fidelity, "faults", lambda: [ComputesOnCpu])
    monkeypatch.setattr(fidelity, "DOCUMENT", tmp_path / "none.md")
    assert fidelity.main(["--device", "meta"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| fault | aims at | cpu | meta |",
        "|---|---|---|---|",
        "| `ComputesOnCpu` | `FakeSparsity/product` | not found | found |",
    ]


def test_the_document_has_every_fault_that_a_device_could_show() -> None:
    (written,) = [match["text"] for match in MARKED.finditer(read(fidelity.DOCUMENT)) if match["name"] == "fidelity"]
    rows = re.findall(r"^\| `(\w+)` \|", written, re.MULTILINE)
    assert rows == [fault.__name__ for fault in fidelity.faults()], "run `python tests/tools/fidelity.py`"
