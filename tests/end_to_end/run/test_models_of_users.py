"""The user's own models, for the command: what it prints, and whose fault is whose."""

from __future__ import annotations

from pathlib import Path

import pytest

from running import command

MODELS = """\
import os, time
from torch import nn

def build():
    return nn.Sequential(nn.Linear(2, 2))

def raises():
    raise ValueError("no such size")

def ends_the_process():
    os._exit(3)

def never_ends():
    time.sleep(1000)
"""
ONLY = ("--only", "swap_module/unmapped-is-same-object", "-n1", "--timeout", "3")


@pytest.mark.exhaustive
def test_a_model_is_named_in_the_summary(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS)
    ended = command("run", "reference", "--model", "models:build", "--model", "models.py:build", *ONLY, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "\nmodel     models:build\nmodel     models.py:build\n" in ended.stdout


@pytest.mark.parametrize(
    ("builder", "complaint"),
    [
        pytest.param("raises", "cannot be built: ValueError: no such size (", marks=pytest.mark.exhaustive),
        ("ends_the_process", "cannot be built: it ends the process ("),
        pytest.param("never_ends", "cannot be built: no end within 3 seconds (", marks=pytest.mark.exhaustive),
    ],
)
def test_a_fault_of_a_model_ends_the_run_in_one_line(builder: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS)
    ended = command("run", "reference", "--model", f"models.py:{builder}", *ONLY, cwd=tmp_path)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    (line,) = ended.stderr.splitlines()
    assert f"model 'models.py:{builder}' {complaint}" in line
