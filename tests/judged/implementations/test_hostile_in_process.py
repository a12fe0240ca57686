"""Hostile implementations that end no process: each harms its own checks alone, and leaves this process as it was."""

from __future__ import annotations

import re

import pytest
import torch

from hostile import ChangesTheDtype
from judging import judge
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Result, Verdict

AIMED = "module_contains_param/returns-bool"
#: A check of another name.
BYSTANDER = "fqn_to_module/submodules"


def judged(name: str, *only: str) -> Result:
    """Judge one of them, with few inputs, on the device where nothing is slow."""
    return judge(
        f"hostile:{name}", "--sparsifier-device=cpu", "--sparsifier-examples=5", "--sparsifier-exhaustive=2", only=only
    )


def outcomes(result: Result, utility: str = "") -> dict[str, Outcome]:
    """Return the outcomes by id, for all utilities or for one."""
    return {each.id: each.outcome for each in result.requirements if each.id.startswith(utility)}


@pytest.mark.parametrize(
    ("name", "outcome", "message"),
    [
        ("Exits", Outcome.FAILED, "raised SystemExit: 0"),
        ("Interrupts", Outcome.FAILED, "raised KeyboardInterrupt"),
        ("EndsTheSession", Outcome.FAILED, "raised Exit"),
        ("Skips", Outcome.FAILED, "raised Skipped"),
        ("UnboundedRecursion", Outcome.FAILED, "raised RecursionError"),
        ("UnprintableError", Outcome.FAILED, "raised Unprintable: and its message cannot be read"),
        ("UnprintableResult", Outcome.FAILED, "got      a Unprintable whose repr raises KeyboardInterrupt"),
        ("EndlessResult", Outcome.FAILED, r"expected False\n +got      x+… \(10000000 characters\)"),
        ("NotCallable", Outcome.BLOCKED, "module_contains_param is not callable, and must be callable"),
    ],
)
def test_it_harms_its_own_checks_alone(name: str, outcome: Outcome, message: str) -> None:
    result = judged(name, AIMED, BYSTANDER)
    assert result.verdict is Verdict.DOES_NOT_CONFORM
    assert outcomes(result) == {AIMED: outcome, BYSTANDER: Outcome.PASSED}
    judgement = next(each for each in result.requirements if each.id == AIMED)
    assert re.search(message, judgement.message or ""), judgement.message


@pytest.mark.parametrize("name", ["Interrupts", "EndsTheSession"])
def test_it_fails_properties_too_without_ending_the_run(name: str) -> None:
    aimed = "module_contains_param/own-tensors-only"
    assert outcomes(judged(name, aimed, BYSTANDER)) == {aimed: Outcome.FAILED, BYSTANDER: Outcome.PASSED}


def test_a_subclass_of_str_is_text() -> None:
    assert judged("SubclassOfStr", "module_to_fqn").verdict is Verdict.CONFORMS_IN_FULL


def test_text_that_lies_about_being_equal_passes_nothing() -> None:
    assert set(outcomes(judged("LyingText", "module_to_fqn")).values()) == {Outcome.FAILED}


def test_a_FakeSparsity_that_is_no_class_is_one_failure() -> None:
    result = judged("NoClass", "interface/names", "FakeSparsity")
    assert outcomes(result)["interface/names"] is Outcome.FAILED
    assert set(outcomes(result, "FakeSparsity").values()) <= {Outcome.BLOCKED, Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("name", ["ChangesGlobalState", "PatchesModule"])
def test_no_state_leaks_into_the_next_check(name: str) -> None:
    # What the state breaks in its own check is its own affair.
    result = judged(name, "swap_module", "module_contains_param", "module_to_fqn", "interface")
    # Some checks of these swap, too.
    own = ("swap_module/", *(f"interface/{each}" for each in ("answers-for-now", "parameters", "reentrant", "threads")))
    others = {id: outcome for id, outcome in outcomes(result).items() if not id.startswith(own)}
    assert set(others.values()) == {Outcome.PASSED, Outcome.NOT_APPLICABLE} or set(others.values()) == {Outcome.PASSED}
    assert len(others) > 20


def test_no_state_leaks_into_the_next_input() -> None:
    ChangesTheDtype.seen.clear()
    assert judged("ChangesTheDtype", "get_arg_info_from_tensor_fqn/root-tensor").verdict is Verdict.CONFORMS
    assert set(ChangesTheDtype.seen) == {torch.float32} and len(ChangesTheDtype.seen) > 3


def test_a_model_that_loses_a_submodule_is_a_failure() -> None:
    assert outcomes(judged("DeletesSubmodules", "interface/no-side-effects")) == {
        "interface/no-side-effects": Outcome.FAILED
    }
