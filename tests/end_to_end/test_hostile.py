"""Hostile implementations, judged by the command as a person would run it: every run ends with a whole result."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import hostile
from running import TIME_LIMIT, command
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results import file as results
from sparsifier_conformance.results.records import Result, Verdict

WHERE = Path(hostile.__file__)
#: Checks of another name: nothing that a hostile implementation does may reach them.
BYSTANDERS = ("fqn_to_module/submodules", "FakeSparsity/mask-identity", "swap_module/forward-hooks-in-order")


def judge(name: str, folder: Path, *options: str) -> tuple[Result, str]:
    """Judge one of them on what it aims at and on bystanders."""
    only = [f"--only={each}" for each in BYSTANDERS]
    arguments = ("run", f"{WHERE}:{name}", "--json", "result.json", "--timeout=30", "-n1", *only, *options)
    ended = command(*arguments, cwd=folder)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    result = results.read(folder / "result.json")
    assert (ended.returncode == 0) == (result.verdict in (Verdict.CONFORMS, Verdict.CONFORMS_IN_FULL))
    return result, ended.stdout


def outcomes(result: Result, utility: str = "") -> dict[str, Outcome]:
    """Give the outcomes by id and device, bystanders or not."""
    return {f"{each.id} {each.device}": each.outcome for each in result.requirements if each.id.startswith(utility)}


@pytest.mark.parametrize(
    ("name", "outcome", "message"),
    [
        ("EndlessLoop", Outcome.TIMED_OUT, "no end within 5 seconds"),
        ("EndsTheProcess", Outcome.CRASHED, "the process of the check ended"),
        ("SegmentationFault", Outcome.CRASHED, "the process of the check ended"),
        ("Exits", Outcome.FAILED, "raised SystemExit: 0"),
        ("Interrupts", Outcome.FAILED, "raised KeyboardInterrupt"),
        ("EndsTheSession", Outcome.FAILED, "raised Exit"),
        ("Skips", Outcome.FAILED, "raised Skipped"),
        ("UnboundedRecursion", Outcome.FAILED, "raised RecursionError"),
        ("UnprintableError", Outcome.FAILED, "raised Unprintable: and its message cannot be read"),
        ("UnprintableResult", Outcome.FAILED, "a Unprintable whose repr raises KeyboardInterrupt instead of False"),
        ("EndlessResult", Outcome.FAILED, r"xxx… \(10000000 characters\) instead of False"),
        ("NotCallable", Outcome.BLOCKED, "module_contains_param is not callable, and must be callable"),
    ],
)
def test_it_harms_its_own_checks_alone(tmp_path: Path, name: str, outcome: Outcome, message: str) -> None:
    aimed = "module_contains_param/returns-bool"
    result, output = judge(name, tmp_path, f"--only={aimed}", *(["--timeout=5"] if name == "EndlessLoop" else []))
    assert result.verdict is Verdict.DOES_NOT_CONFORM
    seen = outcomes(result)
    assert seen.pop(f"{aimed} None") is outcome
    assert set(seen.values()) == {Outcome.PASSED}
    judged = next(each for each in result.requirements if each.id == aimed)
    assert re.search(message, judged.message or ""), judged.message
    assert f"{aimed} (MUST) {outcome.value}" in output or outcome is Outcome.BLOCKED
    assert len(output) < 20_000


@pytest.mark.parametrize(
    ("name", "outcome", "message"),
    [
        ("EndsTheProcessUnderO", Outcome.FAILED, "python -O ended with status 7"),
        ("EndlessLoopUnderO", Outcome.TIMED_OUT, "python -O gave no answer within 12 seconds"),
    ],
)
def test_it_harms_the_process_under_python_O_alone(tmp_path: Path, name: str, outcome: Outcome, message: str) -> None:
    aimed = "swap_module/rejected-under-O"
    result, _ = judge(name, tmp_path, f"--only={aimed}", "--timeout=15")
    seen = outcomes(result)
    assert seen.pop(f"{aimed} None") is outcome and set(seen.values()) == {Outcome.PASSED}
    assert message in str(next(each.message for each in result.requirements if each.id == aimed))


def test_it_fails_properties_too_without_ending_the_run(tmp_path: Path) -> None:
    aimed = "module_contains_param/own-tensors-only"
    for name in ("Interrupts", "EndsTheSession"):
        result, _ = judge(name, tmp_path, f"--only={aimed}")
        assert outcomes(result)[f"{aimed} None"] is Outcome.FAILED, name


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


@pytest.mark.parametrize("name", ["Chatter", "LeavesThreads"])
def test_what_is_correct_conforms_however_odd(tmp_path: Path, name: str) -> None:
    result, output = judge(name, tmp_path, "--only=module_contains_param", "--examples=10")
    assert result.verdict in (Verdict.CONFORMS, Verdict.CONFORMS_IN_FULL) and len(output) < 5_000


def test_a_subclass_of_str_is_text(tmp_path: Path) -> None:
    assert judge("SubclassOfStr", tmp_path, "--only=module_to_fqn")[0].verdict is Verdict.CONFORMS_IN_FULL


def test_text_that_lies_about_being_equal_passes_nothing(tmp_path: Path) -> None:
    result, _ = judge("LyingText", tmp_path, "--only=module_to_fqn")
    assert set(outcomes(result, "module_to_fqn").values()) == {Outcome.FAILED}


def test_a_FakeSparsity_that_is_no_class_is_one_failure(tmp_path: Path) -> None:
    result, _ = judge("NoClass", tmp_path, "--only=interface/names", "--only=FakeSparsity")
    assert outcomes(result)["interface/names None"] is Outcome.FAILED
    assert set(outcomes(result, "FakeSparsity").values()) <= {Outcome.BLOCKED, Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("name", ["ChangesGlobalState", "PatchesModule"])
def test_no_state_leaks_into_the_next_check(tmp_path: Path, name: str) -> None:
    # All in one process, so that there is a next check; what the state breaks in its own check is its own affair.
    everything = ["--only=module_contains_param", "--only=module_to_fqn", "--only=interface", "--only=FakeSparsity"]
    result, _ = judge(name, tmp_path, "--only=swap_module", *everything)
    others = {id: outcome for id, outcome in outcomes(result).items() if not id.startswith("swap_module/")}
    assert set(others.values()) == {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    assert len(others) > 50


def test_a_model_that_loses_a_submodule_is_a_failure(tmp_path: Path) -> None:
    result, _ = judge("DeletesSubmodules", tmp_path, "--only=interface/no-side-effects")
    assert outcomes(result)["interface/no-side-effects None"] is Outcome.FAILED
