"""What is packaged: a wheel of a clean checkout, installed in an environment of its own, away from the checkout.

The README's commands are run there, word for word.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from records import result, written
from running import ROOT, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
JUDGE_TORCH, RUN_TESTS, *REST = COMMANDS
READING = [line for line in REST if line.split()[1] in ("compare", "matrix")]
OTHERS = [line for line in REST if line not in READING]


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the README, the environment that it made being activated."""
    bin_folder = cwd / ".venv" / ("Scripts" if sys.platform == "win32" else "bin")
    activated = f'export PATH="{bin_folder}:$PATH"; {line}' if bin_folder.exists() else line
    return run("bash", "-c", activated, cwd=cwd)


@dataclass(frozen=True)
class Checkout:
    """A copy of this one, and how the first command of the README ended there."""

    folder: Path
    judged: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Copy the files that are, or will be, under version control, and run the first command of the README there.

    That makes the environment that the other commands run in: once, however many workers there are.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, ended = shared / "clone" / "sparsifier-conformance", shared / "judged.json"
    with FileLock(shared / "clone.lock"):
        if not ended.exists():
            _copy_checkout(folder)
            judged = shell(JUDGE_TORCH, folder)
            ended.write_text(json.dumps([judged.args, judged.returncode, judged.stdout, judged.stderr]))
    return Checkout(folder, subprocess.CompletedProcess(*json.loads(ended.read_text())))


def _copy_checkout(folder: Path) -> None:
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def test_the_first_command_judges_torch(checkout: Checkout) -> None:
    judged = checkout.judged
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert re.search(r"^verdict: conforms$", judged.stdout, re.MULTILINE)
    assert ".venv" in next(line for line in judged.stdout.splitlines() if line.startswith("file"))


def test_the_readme_shows_what_is_printed(checkout: Checkout) -> None:
    shown = re.search(r"^```text\n(.*?)\n…\n", README, re.DOTALL | re.MULTILINE)
    assert shown is not None
    assert " ".join(shown[1].split()) in " ".join(checkout.judged.stdout.split())


@pytest.mark.parametrize("line", OTHERS)
def test_a_command_of_the_readme(checkout: Checkout, line: str) -> None:
    ended = shell(line, checkout.folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict: conforms" in ended.stdout or line.startswith("sparsifier-conformance spec")


def test_the_commands_of_the_readme_that_read_results(checkout: Checkout) -> None:
    (checkout.folder / "results").mkdir()
    written(checkout.folder, old=result(), new=result(version="2.0"))
    written(checkout.folder / "results", old=result(), new=result(version="2.0"))
    for line in READING:
        ended = shell(line, checkout.folder)
        assert ended.returncode == 0 and ended.stderr == "", line + ended.stderr
        assert "conforms" in ended.stdout or "--html" in line
    assert len(READING) == 4 and (checkout.folder / "badge.json").read_text().startswith("{")


def test_it_works_installed_in_an_empty_folder(checkout: Checkout, tmp_path: Path) -> None:
    program = checkout.folder / ".venv" / "bin" / "sparsifier-conformance"
    ended = run(program, "run", "reference", "--only", "interface", cwd=tmp_path)
    assert ended.returncode == 0 and "site-packages" in ended.stdout, ended.stdout + ended.stderr


def test_the_wheel_holds_the_suite_and_the_specification(checkout: Checkout, tmp_path: Path) -> None:
    built = run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, checkout.folder, cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("conformance/sparsifier_conformance", "reference/sparsifier_reference"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and not {"__pycache__", ".hypothesis"} & set(path.parts):
                assert path.relative_to((ROOT / package).parent).as_posix() in names
    assert not any(name.startswith("tests") for name in names)


def test_ci_calls_the_test_command_as_it_stands() -> None:
    """The second command runs these very tests, so it is not run here: what is continuous runs it."""
    assert RUN_TESTS in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
