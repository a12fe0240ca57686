"""What is packaged: a wheel of a clean checkout, installed in an environment of its own, away from the checkout.

The README's commands are run there, word for word.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from running import ROOT, run

# In one worker, so that the environment that the first command makes is made once.
pytestmark = pytest.mark.xdist_group("packaging")

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
JUDGE_TORCH, RUN_TESTS, *OTHERS = COMMANDS


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files that are, or will be, under version control."""
    folder = tmp_path_factory.mktemp("clone") / "sparsifier-conformance"
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the README, the environment that it made being activated."""
    bin_folder = cwd / ".venv" / ("Scripts" if sys.platform == "win32" else "bin")
    activated = f'export PATH="{bin_folder}:$PATH"; {line}' if bin_folder.exists() else line
    return run("bash", "-c", activated, cwd=cwd)


@pytest.fixture(scope="module")
def judged(checkout: Path) -> subprocess.CompletedProcess[str]:
    """The first command of the README, which makes the environment that the others run in."""
    return shell(JUDGE_TORCH, checkout)


def test_the_first_command_judges_torch(judged: subprocess.CompletedProcess[str]) -> None:
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert re.search(r"^verdict: conforms$", judged.stdout, re.MULTILINE)
    assert ".venv" in next(line for line in judged.stdout.splitlines() if line.startswith("file"))


def test_the_readme_shows_what_is_printed(judged: subprocess.CompletedProcess[str]) -> None:
    shown = re.search(r"^```text\n(.*?)\n…\n", README, re.DOTALL | re.MULTILINE)
    assert shown is not None
    assert " ".join(shown[1].split()) in " ".join(judged.stdout.split())


@pytest.mark.parametrize("line", OTHERS)
def test_a_command_of_the_readme(checkout: Path, judged: subprocess.CompletedProcess[str], line: str) -> None:
    ended = shell(line, checkout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict: conforms" in ended.stdout or line.startswith("sparsifier-conformance spec")


def test_it_works_installed_in_an_empty_folder(
    checkout: Path, judged: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    program = checkout / ".venv" / "bin" / "sparsifier-conformance"
    ended = run(program, "run", "reference", "--only", "interface", cwd=tmp_path)
    assert ended.returncode == 0 and "site-packages" in ended.stdout, ended.stdout + ended.stderr


def test_the_three_lines_of_the_readme_embed_the_suite(
    checkout: Path, judged: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    block = re.search(r"^```toml\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert block is not None
    (tmp_path / "pyproject.toml").write_text(block[1].replace("yourpackage.sparsity", "sparsifier_reference"))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_ours.py").write_text("def test_ours():\n    pass\n")
    ended = run(checkout / ".venv" / "bin" / "pytest", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "test_ours.py" in ended.stdout and "verdict: conforms in full" in ended.stdout


def test_the_wheel_holds_the_suite_and_the_specification(checkout: Path, tmp_path: Path) -> None:
    built = run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, checkout, cwd=tmp_path)
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
