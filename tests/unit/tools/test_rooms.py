"""The rooms of the package: the contract in pyproject.toml holds, and what is planted against it is found."""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Iterator
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
        ("suite/interface/test_names.py", f"import {COPY}.outcomes.outcome"),
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


@pytest.mark.parametrize(
    "name", ["__init__", "judging/__init__", "judging/plugin", "judging/options", "judging/items", "judging/hookspecs"]
)
def test_what_every_session_of_pytest_imports_imports_pytest_alone(name: str) -> None:
    path = ROOT / "conformance" / PACKAGE / f"{name}.py"
    allowed = {*sys.stdlib_module_names, "pytest", ".options", ".items"}
    assert set(_imported_at_once(ast.parse(path.read_text(encoding="utf-8")))) <= allowed


def _imported_at_once(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports when it is imported, not what its functions do."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (f"{dots}{name}".partition(".")[0] if not dots else f"{dots}{name}" for name in names)
