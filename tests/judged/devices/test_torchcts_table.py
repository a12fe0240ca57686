"""What torchcts finds of ``pretend`` is counted by its levels, with the reasons that it gives most."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import torchcts_table


def record(level: int, status: str = "PASS", message: str = "") -> dict[str, Any]:
    return {"semantic_level": level, "status": status, "error_type": "RuntimeError", "error_message": message}


def test_tests_are_counted_by_suite_and_level_and_failures_by_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"of {name}")
    ran = [record(1), record(1), record(4, "FAIL", "no a|b here\nAt x"), record(4, "ERROR", "no a|b here. At y")]
    selected = {"backend_manifest_assertion": {"asserted_test_count": 5}}
    results = {f"at/{'one' if number else 'two'}/test_a.py::test_b[{number}]": each for number, each in enumerate(ran)}
    assert torchcts_table.table({"results": results, "metadata": selected}).splitlines() == [
        "torchcts of torchcts, torch of torch: 4 of 5 tests ran, 2 passed",
        "",
        "| passed | level 1 | level 2 | level 3 | level 4 |",
        "|---|--:|--:|--:|--:|",
        "| `one` | 1 of 1 |  |  | 0 of 2 |",
        "| `two` | 1 of 1 |  |  |  |",
        "",
        "| failed | most frequent reasons |",
        "|--:|---|",
        "| 2 | RuntimeError: no a\\|b here |",
    ]


def test_a_run_without_tests_leaves_the_document_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(torchcts_table, "run", lambda folder, options: None)
    monkeypatch.setattr(torchcts_table, "DOCUMENT", tmp_path / "none.md")
    assert torchcts_table.main([]) == 1
    assert capsys.readouterr() == ("", "torchcts ran no test, so there is no table\n")
