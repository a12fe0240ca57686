"""What a session refuses before it judges, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparsifier_conformance.judging.processes.in_process import arguments_for


def test_a_list_of_all_failures_needs_a_whole_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = ("--sparsifier-fail-fast", f"--sparsifier-write-expected={tmp_path / 'known.toml'}")
    assert pytest.main(arguments_for("reference", *options)) == pytest.ExitCode.USAGE_ERROR
    assert "a run that stops at the first failure misses others" in capfd.readouterr().err
