"""The verdict: one rule, its words, and its exit status."""

from __future__ import annotations

import pytest

from records import judged, result
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Judgement, Selection, Verdict
from sparsifier_conformance.results.verdict import BEST_FIRST, EXIT_STATUS, in_words, is_limited, verdict_of
from sparsifier_conformance.specification import Level, load


def judgement(outcome: Outcome, level: Level = "MUST") -> Judgement:
    return judged("utility/slug", outcome.value, level=level)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ({}, Verdict.INCOMPLETE),
        ({"MUST": Outcome.PASSED}, Verdict.CONFORMS),
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.PASSED}, Verdict.CONFORMS_IN_FULL),
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.NOT_APPLICABLE}, Verdict.CONFORMS_IN_FULL),
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.FAILED}, Verdict.CONFORMS),
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.BLOCKED}, Verdict.CONFORMS),
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.CRASHED}, Verdict.CONFORMS),
        ({"MUST": Outcome.FAILED, "SHOULD": Outcome.PASSED}, Verdict.DOES_NOT_CONFORM),
        ({"MUST": Outcome.BLOCKED}, Verdict.DOES_NOT_CONFORM),
        ({"MUST": Outcome.CRASHED}, Verdict.DOES_NOT_CONFORM),
        ({"MUST": Outcome.TIMED_OUT}, Verdict.DOES_NOT_CONFORM),
        ({"MUST": Outcome.EXPECTED_FAILURE}, Verdict.CONFORMS),
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.UNEXPECTED_PASS}, Verdict.DOES_NOT_CONFORM),
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.EXPECTED_FAILURE}, Verdict.CONFORMS),
        # Where nothing was judged nobody is told that an implementation conforms.
        ({"SHOULD": Outcome.BLOCKED}, Verdict.INCOMPLETE),
        ({"SHOULD": Outcome.NOT_APPLICABLE}, Verdict.INCOMPLETE),
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.NOT_RUN}, Verdict.INCOMPLETE),
        ({"MUST": Outcome.NOT_APPLICABLE}, Verdict.INCOMPLETE),
    ],
)
def test_verdict(outcomes: dict[Level, Outcome], verdict: Verdict) -> None:
    assert verdict_of(judgement(outcome, level) for level, outcome in outcomes.items()) is verdict


def test_a_missing_device_leaves_the_run_incomplete() -> None:
    assert verdict_of([judgement(Outcome.PASSED)], missing=True) is Verdict.INCOMPLETE
    assert verdict_of([judgement(Outcome.FAILED)], missing=True) is Verdict.DOES_NOT_CONFORM


def test_what_was_not_run_matters_only_where_nothing_failed() -> None:
    not_run, failed = judgement(Outcome.NOT_RUN), judgement(Outcome.FAILED)
    should = judgement(Outcome.FAILED, "SHOULD")
    assert verdict_of([not_run, failed], stopped_at_failure=True) is Verdict.DOES_NOT_CONFORM
    assert verdict_of([not_run, failed]) is Verdict.INCOMPLETE
    assert verdict_of([not_run, should], stopped_at_failure=True) is Verdict.INCOMPLETE


def test_only_what_conforms_is_a_success() -> None:
    assert EXIT_STATUS == {
        Verdict.CONFORMS: 0,
        Verdict.CONFORMS_IN_FULL: 0,
        Verdict.DOES_NOT_CONFORM: 1,
        Verdict.INCOMPLETE: 3,
    }
    assert set(BEST_FIRST) == set(Verdict) and BEST_FIRST[-1] is Verdict.DOES_NOT_CONFORM


def test_what_is_expected_stands_beside_the_verdict() -> None:
    must, should = judgement(Outcome.EXPECTED_FAILURE), judgement(Outcome.EXPECTED_FAILURE, "SHOULD")
    stale = judgement(Outcome.UNEXPECTED_PASS)
    passed = judgement(Outcome.PASSED)
    assert in_words(result([passed])) == "conforms"
    assert in_words(result([passed, should])) == "conforms, except for 1 expected failure (1 SHOULD)"
    both = [must, should]
    assert in_words(result([passed, *both])).startswith("conforms, except for 2 expected failures (1 MUST, 1 SHOULD)")
    assert in_words(result([passed, stale])).startswith("does not conform to what is expected: 1 of the expected")
    assert in_words(result([judgement(Outcome.FAILED), stale])) == "does not conform"
    assert [is_limited(result([passed, each])) for each in (must, should, passed)] == [True, False, False]


def test_a_part_stands_beside_the_verdict() -> None:
    part = Selection(["swap_module", "interface"], "MUST", [])
    assert in_words(result(selection=part, partial=True)) == "conforms (judged: swap_module, interface only; MUST only)"
    assert in_words(result(partial=True)) == "conforms (judged: some requirements only)"
    page = load()
    (first, second), only = list(page.select(("swap_module",)))[:2], Selection(["swap_module"], "SHOULD", [])
    some = [judged(first), judged(second)]
    said = in_words(result(some, selection=only, partial=True, specification=page.version))
    assert said == f"conforms (judged: swap_module only; 2 of {len(page.select(('swap_module',)))} requirements)"


def test_an_interrupt_hides_no_failure() -> None:
    said = "incomplete; not everything that was requested could be judged"
    should = judgement(Outcome.FAILED, "SHOULD")
    assert in_words(result([judgement(Outcome.NOT_RUN), should])) == said
    crashed = judged("utility/slug", "crashed", "cpu"), judged("utility/slug", "crashed", "meta")
    assert in_words(result([*crashed, judgement(Outcome.NOT_RUN)])) == f"{said}, and 1 MUST failed"
