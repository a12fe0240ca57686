"""The rooms of the package: the contract in pyproject.toml holds, and what is planted against it is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_ERROR, EXIT_STATUS_SUCCESS, lint_imports

from running import ROOT

PACKAGE = "sparsifier_conformance"
#: Under this name a copy is read, since a package of the first one is imported already.
COPY = "copied_conformance"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package under another name, with the contract for it."""
    folder = tmp_path / COPY
    shutil.copytree(ROOT / "conformance" / PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.rglob("*.py"):
        path.write_text(path.read_text(encoding="utf-8").replace(PACKAGE, COPY), encoding="utf-8")
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8").replace(PACKAGE, COPY)
    (tmp_path / "pyproject.toml").write_text(contract, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def status_of(copy: Path) -> int:
    return lint_imports(config_filename=str(copy.parent / "pyproject.toml"), no_cache=True)


def test_a_room_imports_only_rooms_below_it(copy: Path) -> None:
    assert status_of(copy) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize(
    ("file", "planted"),
    [
        ("reports/table.py", f"from {COPY}.cli import main"),
        ("suite/test_interface.py", f"import {COPY}.outcomes.outcome"),
        ("checking/skips.py", "def late():\n    from ..judging import session"),
        ("protocols.py", "from . import implementations"),
        ("room.py", ""),
    ],
)
def test_what_is_planted_against_it_is_found(
    copy: Path, file: str, planted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (copy / file).open("a", encoding="utf-8") as module:
        module.write(f"\n{planted}\n")
    assert status_of(copy) == EXIT_STATUS_ERROR
    assert Path(file).parts[0].removesuffix(".py") in capsys.readouterr().out
