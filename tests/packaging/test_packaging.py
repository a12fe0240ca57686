"""What is packaged: a wheel of a clean checkout, installed in an environment of its own, away from the checkout.

The README's commands are run there, word for word. As that installs torch anew, most of it is exhaustive.
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest

from checkout import OTHERS, READING, README, RUN_TESTS, Checkout, copy_checkout, shell
from records import result, written
from running import ROOT, run


@pytest.mark.exhaustive
def test_the_first_command_judges_torch(checkout: Checkout) -> None:
    judged = checkout.judged
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert re.search(r"^verdict: conforms$", judged.stdout, re.MULTILINE)
    assert ".venv" in next(line for line in judged.stdout.splitlines() if line.startswith("file"))


@pytest.mark.exhaustive
def test_the_readme_shows_what_is_printed(checkout: Checkout) -> None:
    shown = re.search(r"^```text\n(.*?)\n…\n", README, re.DOTALL | re.MULTILINE)
    assert shown is not None
    assert " ".join(shown[1].split()) in " ".join(checkout.judged.stdout.split())


@pytest.mark.exhaustive
@pytest.mark.parametrize("line", OTHERS)
def test_a_command_of_the_readme(checkout: Checkout, line: str) -> None:
    ended = shell(line, checkout.folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict: conforms" in ended.stdout or line.startswith("sparsifier-conformance spec")


@pytest.mark.exhaustive
def test_the_commands_of_the_readme_that_read_results(checkout: Checkout) -> None:
    (checkout.folder / "results").mkdir()
    written(checkout.folder, old=result(), new=result(version="2.0"))
    written(checkout.folder / "results", old=result(), new=result(version="2.0"))
    for line in READING:
        ended = shell(line, checkout.folder)
        assert ended.returncode == 0 and ended.stderr == "", line + ended.stderr
        assert "conforms" in ended.stdout or "--html" in line
    assert len(READING) == 4 and (checkout.folder / "badge.json").read_text().startswith("{")


@pytest.mark.exhaustive
def test_it_works_installed_in_an_empty_folder(checkout: Checkout, tmp_path: Path) -> None:
    program = checkout.folder / ".venv" / "bin" / "sparsifier-conformance"
    ended = run(program, "run", "reference", "--only", "interface", cwd=tmp_path)
    assert ended.returncode == 0 and "site-packages" in ended.stdout, ended.stdout + ended.stderr


def test_the_wheel_holds_the_suite_and_the_specification(tmp_path: Path) -> None:
    copy_checkout(tmp_path / "clone")
    built = run(
        sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, tmp_path / "clone", cwd=tmp_path
    )
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
