"""Hostile implementations that end their process or never end, judged by the command as a person would run it.

Every run ends with a whole result. What ends no process is judged in this one:
``judged/implementations/test_hostile_in_process.py``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import hostile
from running import TIME_LIMIT, command, write_implementation
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results import file as results
from sparsifier_conformance.results.records import Result, Verdict

WHERE = Path(hostile.__file__)
#: Checks of another name: nothing that a hostile implementation does may reach them.
BYSTANDERS = ("fqn_to_module/submodules", "FakeSparsity/mask-identity", "swap_module/forward-hooks-in-order")


def judge(name: str, folder: Path, *options: str) -> tuple[Result, str]:
    """Judge one of them on what it aims at and on bystanders."""
    only = [f"--only={each}" for each in BYSTANDERS]
    few = ("--examples=2", "--exhaustive=1", "--device=cpu")
    arguments = ("run", f"{WHERE}:{name}", "--json", "result.json", "-n1", *few, *only, *options)
    ended = command(*arguments, cwd=folder)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    result = results.read(folder / "result.json")
    assert (ended.returncode == 0) == (result.verdict in (Verdict.CONFORMS, Verdict.CONFORMS_IN_FULL))
    return result, ended.stdout


def outcomes(result: Result) -> dict[str, Outcome]:
    """Return the outcomes by id and device, bystanders or not."""
    return {f"{each.id} {each.device}": each.outcome for each in result.requirements}


@pytest.mark.parametrize(
    ("name", "outcome", "message"),
    [
        ("EndsTheProcess", Outcome.CRASHED, "the process of the check ended"),
        pytest.param(
            "SegmentationFault", Outcome.CRASHED, "the process of the check ended", marks=pytest.mark.exhaustive
        ),
        ("EndlessLoop", Outcome.TIMED_OUT, "no end within 6 seconds"),
        pytest.param("Exits", Outcome.FAILED, "raised SystemExit: 0", marks=pytest.mark.exhaustive),
        pytest.param("Interrupts", Outcome.FAILED, "raised KeyboardInterrupt", marks=pytest.mark.exhaustive),
    ],
)
def test_it_harms_its_own_checks_alone(tmp_path: Path, name: str, outcome: Outcome, message: str) -> None:
    aimed = "module_contains_param/returns-bool"
    result, output = judge(name, tmp_path, f"--only={aimed}", "--timeout=6" if "Endless" in name else "--timeout=30")
    assert result.verdict is Verdict.DOES_NOT_CONFORM
    seen = outcomes(result)
    assert seen.pop(f"{aimed} None") is outcome
    assert set(seen.values()) == {Outcome.PASSED}
    judged = next(each for each in result.requirements if each.id == aimed)
    assert re.search(message, judged.message or ""), judged.message
    assert f"{aimed} (MUST) {outcome.value.replace('_', ' ')}" in output
    assert len(output) < 20_000


@pytest.mark.exhaustive
def test_after_three_checks_without_an_end_no_more_of_the_utility_are_tried(tmp_path: Path) -> None:
    result, output = judge("EndlessLoop", tmp_path, "--only=module_contains_param", "--timeout=5")
    assert result.verdict is Verdict.DOES_NOT_CONFORM
    aimed = [each for each in result.requirements if each.id.startswith("module_contains_param/")]
    assert {each.outcome for each in result.requirements if each not in aimed} == {Outcome.PASSED}
    timed_out = [each for each in aimed if each.outcome is Outcome.TIMED_OUT]
    assert 1 <= len(timed_out) <= 3 and {each.message for each in timed_out} == {"no end within 5 seconds"}
    assert {each.outcome for each in aimed if each not in timed_out} == {Outcome.BLOCKED}
    assert " (MUST) timed out" in output and len(output) < 20_000
    assert "(3 checks of module_contains_param, or more, timed out, so the others were not tried)" in output


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "outcome", "message"),
    [
        ("EndsTheProcessUnderO", Outcome.FAILED, "python -O ended with status 7"),
        ("EndlessLoopUnderO", Outcome.TIMED_OUT, "python -O gave no answer within 12 seconds"),
    ],
)
def test_it_harms_the_process_under_python_O_alone(tmp_path: Path, name: str, outcome: Outcome, message: str) -> None:
    aimed = "swap_module/rejected-under-O"
    # Time enough for a slow machine to import torch under -O, unless it is the time that is tested.
    result, _ = judge(name, tmp_path, f"--only={aimed}", "--timeout=15" if "Endless" in name else "--timeout=120")
    seen = outcomes(result)
    assert seen.pop(f"{aimed} None") is outcome and set(seen.values()) == {Outcome.PASSED}
    assert message in str(next(each.message for each in result.requirements if each.id == aimed))


@pytest.mark.exhaustive
def test_memory_eaten_up_to_a_limit(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    only = ["--only=module_contains_param/returns-bool", "--only=fqn_to_module"]
    limit = 8 * 2**30
    ended = subprocess.run(
        [sys.executable, "-m", "sparsifier_conformance", "run", f"{WHERE}:EatsMemory", *only, "-n1", "--json=r.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    seen = outcomes(results.read(tmp_path / "r.json"))
    assert seen.pop("module_contains_param/returns-bool None") in (Outcome.FAILED, Outcome.CRASHED)
    assert set(seen.values()) == {Outcome.PASSED}


def test_checks_that_cannot_be_collected_are_missed(tmp_path: Path) -> None:
    """Of a worker pytest-xdist tells only that they are not there, and goes on without them."""
    module = "sparsifier_conformance.suite.module_to_fqn.test_small_models"
    body = f"\nimport sys\nsys.modules[{module!r}] = None\n"
    where = write_implementation(tmp_path / "hides_checks.py", body)
    ended = command("run", where.name, "--only=module_to_fqn/root-is-empty", "--device=cpu", "-n1", cwd=tmp_path)
    *_, missing, verdict = ended.stdout.splitlines()
    assert ended.returncode == 3 and verdict.startswith("verdict: incomplete"), ended.stdout + ended.stderr
    assert missing.startswith("the checks of module_to_fqn/test_small_models.py are missing: ")


@pytest.mark.exhaustive
def test_megabytes_of_chatter_are_not_shown(tmp_path: Path) -> None:
    result, output = judge("Chatter", tmp_path, "--only=module_contains_param/returns-bool")
    assert result.verdict is Verdict.CONFORMS and len(output) < 5_000


def test_threads_that_are_left_keep_no_process(tmp_path: Path) -> None:
    assert judge("LeavesThreads", tmp_path, "--only=module_contains_param/returns-bool")[0].verdict is Verdict.CONFORMS


#: Can be imported once, and ends its process in a check, so that another one has to import it.
ONCE = """
import os
from pathlib import Path

import sparsifier_reference

flag = Path(__file__).with_name("flag")
if flag.exists():
    os._exit(9)
flag.touch()


def fqn_to_module(model, path):
    return sparsifier_reference.fqn_to_module(model, path) if path else os._exit(5)
"""


def test_a_run_ends_where_a_later_process_cannot_import(tmp_path: Path) -> None:
    ours = write_implementation(tmp_path / "ours.py", ONCE)
    few = ("--examples", "1", "--exhaustive", "1", "--device", "cpu", "-n", "1", "--json", "r.json")
    ended = command("run", ours, "--only", "fqn_to_module", *few, cwd=tmp_path)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "\nthe run ended early: " in ended.stdout and "cannot be imported: it ends the process" in ended.stdout
    result = results.read(tmp_path / "r.json")
    assert result.verdict is Verdict.INCOMPLETE
    assert {Outcome.CRASHED, Outcome.NOT_RUN} <= set(outcomes(result).values())
