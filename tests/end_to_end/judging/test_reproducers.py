"""Reproducers: where they are written, and that they stand alone. ``test_faults.py`` runs those of faults."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import hostile
from reproducing import imported_by
from running import TIME_LIMIT, command, pytest_in, write_implementation
from sparsifier_conformance.judging.processes.last_inputs import Notebook
from sparsifier_conformance.specification import load

NO_DOT = """
import sparsifier_reference

def module_to_fqn(model, module, prefix=""):
    path = sparsifier_reference.module_to_fqn(model, module, prefix)
    return path and path.replace(".", "")
"""


def _run(script: Path, *arguments: str) -> str:
    """Run a script far from here, and give the last line of what it says: nothing where the requirement holds."""
    process = subprocess.run(
        [sys.executable, str(script), *arguments],
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
    assert f"reproducers written to {folder}: 1\n" in ran.stdout and "import sys" not in ran.stdout
    assert "expected 'a.b'" in text and "conformance" not in text.replace(str(tmp_path), "")
    assert imported_by(text) == {"torch"}
    assert _run(script).startswith("AssertionError: The path of a descendant MUST be the names from the model")
    assert _run(script, "sparsifier_reference") == ""


@pytest.mark.exhaustive  # judged/failures/test_ended.py looks at the scripts of others that end
@pytest.mark.parametrize(
    ("name", "aimed"),
    [
        ("EndsTheProcess", "module_contains_param/own-tensors-only"),  # the only check: none is left that would tell
        ("SegmentationFault", "module_contains_param"),
        ("EndlessLoop", "module_contains_param/own-tensors-only"),
        ("EndlessLoopUnderO", "swap_module/rejected-under-O"),
    ],
)
def test_a_process_that_ends_or_never_does_has_one(tmp_path: Path, name: str, aimed: str) -> None:
    where, folder = f"{hostile.__file__}:{name}", tmp_path / "scripts"
    # The script has half of the limit, in which a slow machine imports torch twice.
    limit = "--timeout=5" if "Endless" in name else "--timeout=120"
    ran = command("run", where, f"--only={aimed}", limit, "-n1", f"--reproducers={folder}", cwd=tmp_path)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    scripts = list(folder.iterdir())
    assert len(scripts) == len(load().select((aimed,)))
    script = next((each for each in scripts if "own-tensors" in each.name), scripts[0])
    text = script.read_text(encoding="utf-8")
    assert ("# The input at which the process ended.\nchains = {}\n" in text) == ("own-tensors" in script.name)
    # As long as a slow machine may take to import torch, or longer, for what was given 5 seconds.
    assert "timeout=20)" in text or "timeout=60)" in text
    if "Endless" in name:  # judged/failures/test_ended.py runs those of processes that end
        assert _run(script, "sparsifier_reference") == ""
    text = re.sub("timeout=[26]0", "timeout=15", text).replace("dump_traceback_later(60", "dump_traceback_later(20")
    script.write_text(text, encoding="utf-8")
    sentence = load().requirements[script.stem.replace(".", "/")].sentence
    assert _run(script) == f"AssertionError: {sentence}"


@pytest.mark.exhaustive
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
    assert judged.returncode == 0 and "passed" in judged.stdout and "failed" not in judged.stdout, (
        judged.stdout + judged.stderr
    )


@pytest.mark.parametrize(
    ("name", "said"), [("file", "is a file; give the name of a folder"), ("no/such", "make it first")]
)
def test_a_folder_that_cannot_be_is_refused_before_anything_runs(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").touch()
    ran = command("run", "reference", f"--reproducers={name}", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr and ran.stderr.count("\n") == 1
