"""A run that stops at the first failed MUST."""

from __future__ import annotations

from pathlib import Path

import pytest

from running import command, write_implementation
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.file import read
from sparsifier_conformance.specification import load

NEVER_FOUND = 'def fqn_to_module(model, path):\n    return "never"\n'
ENDS = "import os\ndef fqn_to_module(model, path):\n    os._exit(3)\n"
ONLY = ("--only", "fqn_to_module", "--only", "get_arg_info_from_tensor_fqn")


@pytest.mark.parametrize(
    ("body", "outcome", "workers"),
    [(NEVER_FOUND, "failed", "2"), pytest.param(ENDS, "crashed", "1", marks=pytest.mark.exhaustive)],
)
def test_the_first_failed_must_decides(tmp_path: Path, body: str, outcome: str, workers: str) -> None:
    ours = write_implementation(tmp_path / "ours.py", body)
    arguments = ("--fail-fast", "--examples", "2", "--exhaustive", "1", "-n", workers, "--json", "result.json")
    ended = command("run", ours, *ONLY, *arguments, cwd=tmp_path)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "verdict: does not conform" in ended.stdout and "Traceback" not in ended.stdout + ended.stderr
    assert "the run stopped at the first failed MUST" in ended.stdout
    result = read(tmp_path / "result.json")
    outcomes = [each.outcome for each in result.requirements]
    assert Outcome(outcome) in outcomes
    assert all(each.reproducer for each in result.requirements if each.outcome is Outcome(outcome))
    # A worker may have begun what was sent to it, but most were not reached, and none is left out.
    assert {each.id for each in result.requirements} == set(load().select((ONLY[1], ONLY[3])))
    assert outcomes.count(Outcome.NOT_RUN) > 8
    # No worker began at the other end, where those stand that cannot end the run.
    assert {each.outcome for each in result.requirements if each.level == "SHOULD"} == {Outcome.NOT_RUN}


@pytest.mark.exhaustive
def test_where_nothing_can_be_told_of_a_process_that_ended_the_result_is_there(tmp_path: Path) -> None:
    notes = tmp_path / "temporary"
    notes.mkdir()
    spoils = f"""
import os
from pathlib import Path

def fqn_to_module(model, path):
    for note in Path({str(notes)!r}).glob("*/gw*"):
        os.truncate(note, note.read_bytes().index(b"\\n") + 3)
    os._exit(3)
"""
    ours = write_implementation(tmp_path / "ours.py", spoils)
    arguments = ("--fail-fast", "--examples", "2", "--exhaustive", "1", "-n", "1", "--json", "result.json")
    elsewhere = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(notes))
    ended = command("run", ours, *ONLY, *arguments, cwd=tmp_path, env=elsewhere)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    judgements = read(tmp_path / "result.json").requirements
    crashed = [each.reproducer for each in judgements if each.outcome is Outcome.CRASHED]
    assert crashed in ([None], [None, None])  # a worker may have begun another one
    assert sum(each.outcome is Outcome.NOT_RUN for each in judgements) > 8
