"""A project of somebody else that embeds the suite: installed in an environment of its own, beside the built wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from filelock import FileLock

from checkout import README, Checkout
from running import ROOT, run
from sparsifier_conformance import Outcome, Verdict
from sparsifier_conformance.results import file as results

pytestmark = pytest.mark.exhaustive
BIN = "Scripts" if sys.platform == "win32" else "bin"


@dataclass(frozen=True)
class Project:
    """The project, and the Python of its environment."""

    folder: Path
    python: Path

    def pytest(self, *arguments: str, cwd: Path | None = None) -> CompletedProcess[str]:
        """Run its pytest, as its owner would."""
        return run(self.python, "-m", "pytest", *arguments, cwd=cwd or self.folder)


@pytest.fixture(scope="session")
def project(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Install the project, in an environment that sees what was installed with the wheel, torch above all."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, environment = shared / "third_party", shared / "third_party_environment"
    made = Project(folder, environment / BIN / "python")
    with FileLock(shared / "third_party.lock"):
        if not folder.exists():
            shutil.copytree(
                ROOT / "tests" / "packaging" / "third_party", folder, ignore=shutil.ignore_patterns("__pycache__")
            )
            wheel = checkout.folder / ".venv" / BIN / "python"
            _run(wheel, "-m", "venv", "--without-pip", environment, cwd=shared)
            ask = "import json, sysconfig; print(json.dumps(sysconfig.get_path('purelib')))"
            installed, own = (json.loads(_run(python, "-c", ask, cwd=shared)) for python in (wheel, made.python))
            Path(own, "beside.pth").write_text(installed + "\n")
            _run(wheel, "-m", "pip", "--python", made.python, "install", "-q", "--no-deps", folder, cwd=shared)
            shutil.rmtree(folder / "sparsely")  # so that what is installed is what runs
    return made


def _run(*arguments: str | Path, cwd: Path) -> str:
    ended = run(*arguments, cwd=cwd)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_three_lines_of_the_readme_embed_the_suite(project: Project, tmp_path: Path) -> None:
    block = re.search(r"^```toml\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert block is not None
    (tmp_path / "pyproject.toml").write_text(block[1].replace("yourpackage", "sparsely"))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_ours.py").write_text("def test_ours():\n    pass\n")
    ended = project.pytest(cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "test_ours.py" in ended.stdout and "verdict: conforms" in ended.stdout
    assert "judged    sparsely.sparsity, version 1.5" in ended.stdout


def test_an_object_of_its_conftest_beside_its_own_strict_tests(project: Project, tmp_path: Path) -> None:
    """A hook provides it, two of the six are claimed, two workers judge; the project has its own plugin and filters."""
    ended = project.pytest("-c", "strict.ini", "-n", "2", f"--sparsifier-json={tmp_path / 'result.json'}")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    result = results.read(tmp_path / "result.json")
    assert {each.id.partition("/")[0] for each in result.requirements} == {"module_contains_param", "FakeSparsity"}
    assert result.verdict is Verdict.CONFORMS_IN_FULL and result.partial and result.examples == 5
    outcomes = {each.id: each.outcome for each in result.requirements}
    assert outcomes["FakeSparsity/rejected-under-O"] is Outcome.NOT_APPLICABLE
    assert result.implementation.where.startswith("pytest_sparsifier_implementation in ")
    assert "verdict: conforms in full (judged: module_contains_param, FakeSparsity only)" in ended.stdout


def test_an_object_of_its_conftest_that_is_wrong(project: Project) -> None:
    """In the very process of its own tests, which pass all the same."""
    only = ("--sparsifier-only=FakeSparsity/shape-mismatch-rejected", "-rA")
    ended = project.pytest("-c", "strict.ini", "--masked-by=nothing", *only)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "FakeSparsity/shape-mismatch-rejected (MUST) failed on cpu" in ended.stdout
    assert ended.stdout.count("PASSED tests/test_sparsely.py") == 6
    failed = re.findall(r"^FAILED (\S+)", ended.stdout, re.MULTILINE)
    assert failed and all("shape_mismatch_rejected" in name for name in failed)
