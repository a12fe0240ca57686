"""What is told of checks whose processes ended: as much as of any other that failed."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Generator
from inspect import getsource
from pathlib import Path
from typing import Any

import pytest

from judging import judge
from reproducing import ending_of, never_run
from running import command, write_implementation
from sparsifier_conformance.checking.comparing import same
from sparsifier_conformance.implementations import load
from sparsifier_conformance.judging.about import about
from sparsifier_conformance.judging.ended import tell
from sparsifier_conformance.judging.last_inputs import Notebook
from sparsifier_conformance.judging.session import Session
from sparsifier_conformance.results.records import Outcome, read

DEVICES = ("cpu", "pretend:0", "pretend:1")
#: What the branches of our own comparison say.
OUR_OWN = {ast.unparse(node) for node in ast.walk(ast.parse(getsource(same))) if isinstance(node, ast.Return)}


class _Notebooks:
    """Notes what each check tries last, in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}

    def note(self, nodeid: str, drawn: dict[str, Any]) -> None:
        """Note it as a worker would."""
        file = self.files.setdefault(nodeid, self.folder / str(len(self.files)))
        Notebook(str(self.folder), file.name).note(nodeid, drawn)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, dict[str, str | None]], None, None]:
    """Say that each check ended its process, at its only input."""
    notebooks = _Notebooks(tmp_path_factory.mktemp("notes"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "notebook", notebooks)
        # But for what imports torch's compiler, which takes longest.
        judge("reference", "--sparsifier-examples=1", "--sparsifier-device=cpu", "-k", "not in_torch")
        judge("reference", "--sparsifier-examples=1", "--sparsifier-device=pretend", "--sparsifier-only=swap_module")
        patch.setenv("IN_ITS_OWN_PROCESS", "yes")
        devices = {nodeid: next((each for each in DEVICES if each in nodeid), None) for nodeid in notebooks.files}
        yield tell(notebooks.files, devices, about(load("reference"), DEVICES), 60.0)


def test_each_has_a_script_that_compares_no_more_than_it_must(told: dict[str, dict[str, str | None]]) -> None:
    assert len(told) > 100
    for nodeid, each in told.items():
        script, ran = each["reproducer"], set[int]()
        assert script is not None, nodeid
        if "__debug__" in script:  # what it sees is text of another process
            assert "assert observed == expected, " in script
            continue
        assert ending_of(script, "sparsifier_reference", ran) == "", script
        # All else may be for what the implementation did.
        assert [each for each in never_run(script, ran) if each in OUR_OWN] == [], script


def test_half_a_note_tells_nothing_and_hides_no_other(tmp_path: Path) -> None:
    checks = "sparsifier_conformance/suite/test_module_contains_param.py::test_"
    notes = {f"{checks}{name}": tmp_path / name for name in ("own_tensors_only", "returns_bool")}
    for nodeid, note in notes.items():
        note.write_bytes(nodeid.encode() + b"\n" + pickle.dumps({}))
    notes[f"{checks}own_tensors_only"].write_bytes(b"a.py::test\n\x80\x04\x95")
    told = tell(notes, dict.fromkeys(notes), about(load("reference"), ("cpu",)), 0)
    assert list(told) == [f"{checks}returns_bool"] and told[f"{checks}returns_bool"]["reproducer"] is not None


def test_a_vendors_device_comes_with_the_implementation(tmp_path: Path) -> None:
    write_implementation(
        tmp_path / "ours.py",
        """
import os
from sparsifier_conformance.devices import pretend

pretend.PRETEND = "npu"
pretend.register_backend()

def swap_module(mod, mapping):
    os._exit(3)
""",
    )
    options = ("--only=swap_module/no-tensors-no-move", "--device=npu:0", "-n1", "--json=result.json")
    ran = command("run", "ours.py", *options, cwd=tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    [ended] = read(tmp_path / "result.json").requirements
    assert (ended.outcome, ended.device) == (Outcome.CRASHED, "npu:0")
    assert ended.reproducer is not None and '"npu:0"' in ended.reproducer
    assert "def same(" not in ended.reproducer  # as where it is not known what is expected
