"""Reproducers: where they are written, and that they stand alone. ``test_faults.py`` runs that of every fault."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hostile
from judging import judge
from reproducing import imported_by
from running import TIME_LIMIT, command, pytest_in, write_implementation
from sparsifier_conformance.files import make_folder
from sparsifier_conformance.judging.last_inputs import Notebook, keep
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.outcomes.reproducer.sources import Closure
from sparsifier_conformance.reports.scripts import most_telling
from sparsifier_conformance.results.file import read
from sparsifier_conformance.results.records import Judgement
from sparsifier_conformance.specification import Level, load

NO_DOT = """
import sparsifier_reference

def module_to_fqn(model, module, prefix=""):
    path = sparsifier_reference.module_to_fqn(model, module, prefix)
    return path and path.replace(".", "")
"""


def _run(script: Path, *arguments: str) -> str:
    """Run a script far from here, and give the last line of what it says."""
    process = subprocess.run(
        [sys.executable, str(script), *arguments],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},  # torch's own, when numpy is not there
        cwd=script.anchor,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
    )
    assert bool(process.stderr) == bool(process.returncode)
    return process.stderr.strip().rpartition("\n")[2]


def test_they_are_written_and_run_alone(tmp_path: Path) -> None:
    write_implementation(tmp_path / "ours.py", NO_DOT)
    folder = tmp_path / "scripts"
    only = "--only=module_to_fqn/path-of-descendant"
    ran = command("run", "ours.py", only, "-n1", f"--reproducers={folder}", cwd=tmp_path)
    assert ran.returncode == 1
    [script] = folder.iterdir()
    assert script.name == "module_to_fqn.path-of-descendant.py"
    text = script.read_text(encoding="utf-8")
    assert f"reproducers written to {folder}: 1" in ran.stdout
    # The most telling one stands in the summary as it is.
    assert all(f"    {line}".rstrip() in ran.stdout for line in text.splitlines())
    assert "expected 'a.0'" in text and "conformance" not in text.replace(str(tmp_path), "")
    assert imported_by(text) == {"torch"}
    assert _run(script).startswith("AssertionError: The path of a descendant MUST be the names from the model")
    assert _run(script, "sparsifier_reference") == ""


@pytest.mark.parametrize(
    ("name", "aimed"),
    [
        ("EndsTheProcess", "module_contains_param/returns-bool"),  # the only check: none is left that would tell
        ("SegmentationFault", "module_contains_param"),
        ("EndlessLoop", "module_contains_param/own-tensors-only"),
        ("EndlessLoopUnderO", "swap_module/rejected-under-O"),
    ],
)
def test_a_process_that_ends_or_never_does_has_one(tmp_path: Path, name: str, aimed: str) -> None:
    where, folder = f"{hostile.__file__}:{name}", tmp_path / "scripts"
    ran = command("run", where, f"--only={aimed}", "--timeout=5", "-n1", f"--reproducers={folder}", cwd=tmp_path)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    scripts = list(folder.iterdir())
    assert len(scripts) == (6 if aimed == "module_contains_param" else 1)
    script = next((each for each in scripts if "own-tensors" in each.name), scripts[0])
    text = script.read_text(encoding="utf-8")
    assert ("# The input at which the process ended.\nchains = {}\n" in text) == ("own-tensors" in script.name)
    # As long as a slow machine may take to import torch, or longer, for what was given 5 seconds.
    assert "timeout=20)" in text or "timeout=60)" in text
    assert _run(script, "sparsifier_reference") == ""
    script.write_text(re.sub("timeout=[26]0", "timeout=8", text), encoding="utf-8")
    sentence = load().requirements[script.stem.replace(".", "/")].sentence
    assert _run(script) == f"AssertionError: {sentence}"


def test_what_ended_a_process_is_not_tried_again_where_it_would_end_another(tmp_path: Path) -> None:
    """For it may be torch that ends it, patched by the implementation."""
    body = "import os\nnn.Module.get_submodule = lambda self, target: os._exit(3)\n"
    write_implementation(tmp_path / "ours.py", body)
    only = ("--only=module_to_fqn/root-is-empty", "--only=interface/names")
    options = ("-n1", "--examples=3", "--device=cpu", "--json=result.json")
    ran = command("run", "ours.py", *only, *options, cwd=tmp_path)
    assert ran.returncode == 1 and "verdict: does not conform" in ran.stdout, ran.stdout + ran.stderr
    [ended] = [each for each in read(tmp_path / "result.json").requirements if each.outcome is Outcome.CRASHED]
    assert ended.reproducer is not None
    assert "def same(" in ended.reproducer and "(tuple, list)" not in ended.reproducer  # one that is expected


def test_only_the_input_at_which_a_process_ended_is_kept(tmp_path: Path) -> None:
    notebook = Notebook(str(tmp_path), "gw0")
    notebook.note("a.py::test_longer", {"drawn": list(range(100))})
    notebook.note("a.py::test", {"drawn": 1})
    # A check that was long at many inputs tells of none, nor does one that ended before its first.
    assert keep(str(tmp_path), "gw0", "a.py::test", limit=60.0) is None
    assert keep(str(tmp_path), "gw0", "a.py::test_other", limit=None) is None
    assert keep(str(tmp_path), "gw1", "a.py::test", limit=None) is None
    assert keep(str(tmp_path), "gw0", "a.py::test", limit=None) == tmp_path / "gw0.ended"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_note_that_cannot_be_written_accuses_nobody(tmp_path: Path) -> None:
    (tmp_path / "gw0").symlink_to("/dev/full")
    Notebook(str(tmp_path), "gw0").note("a.py::test", {})
    (tmp_path / "conftest.py").write_text(
        "import pytest\n\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_configure_node(node):\n"
        "    node.workerinput['sparsifier_notes'] = '/no/such/folder'\n"
    )
    only = ("--sparsifier-only=module_contains_param", "--sparsifier-examples=2", "-n1", "-p", "no:cacheprovider")
    judged = pytest_in(
        tmp_path, "--pyargs", "sparsifier_conformance.suite", "--sparsifier-implementation=reference", *only
    )
    assert judged.returncode == 0 and "6 passed" in judged.stdout, judged.stdout + judged.stderr


def test_what_is_expected_to_fail_has_one_too(tmp_path: Path) -> None:
    judge(
        "torch",
        "--sparsifier-only=fqn_to_module/nothing-beyond-missing",
        "--sparsifier-expect=torch",
        f"--sparsifier-reproducers={tmp_path}",
    )
    assert [file.name for file in tmp_path.iterdir()] == ["fqn_to_module.nothing-beyond-missing.py"]


def test_one_device_is_enough(tmp_path: Path) -> None:
    judge(
        "faults.FakeSparsity__shapes:" + _a_shape_fault(),
        "--sparsifier-only=FakeSparsity/shape-mismatch-rejected",
        f"--sparsifier-reproducers={tmp_path}",
    )
    [script] = tmp_path.iterdir()
    assert "fails on cpu:" in script.read_text(encoding="utf-8")


def test_what_a_made_up_device_notes_for_the_run_stays_there() -> None:
    closure = Closure()
    closure.add("sparsifier_conformance.devices.fake", {"faking"})
    definitions = "\n".join(closure.definitions())
    assert "class _Placing" in definitions and "doubts" not in definitions and "_STORAGE" not in definitions


def _a_shape_fault() -> str:
    from faults import FakeSparsity__shapes

    return next(name for name, value in vars(FakeSparsity__shapes).items() if getattr(value, "aims_at", ""))


@pytest.mark.parametrize(
    ("name", "said"), [("file", "is a file; give the name of a folder"), ("no/such", "make it first")]
)
def test_a_folder_that_cannot_be_is_refused_before_anything_runs(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").touch()
    ran = command("run", "reference", f"--reproducers={name}", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr and ran.stderr.count("\n") == 1


def test_a_folder_is_left_as_it_is_by_the_question_whether_it_will_do(tmp_path: Path) -> None:
    """For every worker asks, at the same time."""
    before = tmp_path.stat().st_mtime_ns
    assert make_folder(tmp_path) is None
    assert tmp_path.stat().st_mtime_ns == before


def _failure(level: Level, script: str | None, outcome: Outcome = Outcome.FAILED) -> Judgement:
    return Judgement("utility/slug", level, "It MUST hold.", None, outcome, 1.0, "message", reproducer=script)


def test_the_most_telling_is_the_first_of_a_must_that_is_not_long() -> None:
    long, short, shorter = _failure("MUST", "a\n" * 100), _failure("MUST", "a\nb"), _failure("MUST", "a")
    should, expected = _failure("SHOULD", "a"), _failure("MUST", "a", Outcome.EXPECTED_FAILURE)
    assert most_telling([should, long, short, shorter, expected]) is short
    assert most_telling([should, long]) is long
    assert most_telling([should, expected, _failure("MUST", None)]) is None
