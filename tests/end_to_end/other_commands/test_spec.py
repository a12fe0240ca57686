"""The command ``spec``."""

from __future__ import annotations

from pathlib import Path

from running import command
from sparsifier_conformance import specification


def test_the_command_prints_it_without_importing_torch(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')")
    env = {"PYTHONPATH": str(tmp_path)}
    whole = command("spec", cwd=tmp_path, env=env)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout.strip() == specification.load().text.strip()
    utility = command("spec", "swap_module", cwd=tmp_path, env=env)
    assert utility.stdout.startswith("## swap_module\n") and "#### Unspecified" in utility.stdout
    requirement = command("spec", "FakeSparsity/product", cwd=tmp_path, env=env)
    assert requirement.stdout.startswith("### FakeSparsity/product\n") and "IEEE" in requirement.stdout


def test_an_unknown_name_gets_one_line(tmp_path: Path) -> None:
    ended = command("spec", "swap_modul", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1 and "did you mean swap_module" in ended.stderr
