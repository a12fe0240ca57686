"""Expected failures of a project and of the command."""

from __future__ import annotations

import re
from pathlib import Path

from expecting import entry
from running import command, pytest_in, write_implementation

ID = "module_contains_param/returns-bool"
RETURNS_INT = "def module_contains_param(module, parametrization, real=module_contains_param):\n"
RETURNS_INT += "    return int(real(module, parametrization))\n"


def test_a_project_expects_failures_in_its_configuration(tmp_path: Path) -> None:
    """The path is relative to the file that names it; pytest succeeds, and says why, after a crash too."""
    crash = "def fqn_to_module(model, path):\n    import os\n    os._exit(1)\n"
    write_implementation(tmp_path / "ours.py", RETURNS_INT + crash)
    crashing = "fqn_to_module/round-trip-name"
    (tmp_path / "known.toml").write_text(entry() + entry(crashing, reason="crashes"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\nsparsifier_implementation = ours\nsparsifier_expect = known.toml\n"
        f"sparsifier_only = {ID} {crashing}\n"
        "sparsifier_device = cpu meta\nsparsifier_examples = 2\nsparsifier_exhaustive = 1\n"
    )
    ended = pytest_in(tmp_path / "sub", "--pyargs", "sparsifier_conformance.suite", "-n1", "-rx", "-c", "../pytest.ini")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"[2-9] xfailed\b", ended.stdout)
    said = " ".join(ended.stdout.split())
    assert f"{ID}: known" in said and f"{crashing}: crashes" in said
    assert "except for 2 expected failures (2 MUST)" in ended.stdout


def test_a_run_that_cannot_expect_does_not_begin(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(f'[[expected]]\nid = "{ID}"\nreason = ""\n')
    options = ("--only", ID, "-n1", "--expect", "wrong.toml", "--json", "result.json")
    ended = command("run", "reference", *options, cwd=tmp_path)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    errors = [line for line in ended.stderr.splitlines() if line]
    assert (
        len(errors) == 1
        and f"wrong.toml: {ID}: the reason is empty" in errors[0]
        and not (tmp_path / "result.json").exists()
    )
