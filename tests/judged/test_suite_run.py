"""The suite as a whole: what a run emits is what the specification requires."""

from __future__ import annotations

from judging import judge
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Verdict
from sparsifier_conformance.specification import load


def test_the_ids_that_a_run_emits_are_those_of_the_specification() -> None:
    result = judge("reference", "--sparsifier-examples=1")
    emitted = {judgement.id for judgement in result.requirements}
    assert emitted == set(load().requirements)
    assert result.verdict is Verdict.CONFORMS_IN_FULL and not result.partial
    outcomes = {judgement.outcome for judgement in result.requirements}
    assert outcomes <= {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    for judgement in result.requirements:
        requirement = load().requirements[judgement.id]
        assert (judgement.level, judgement.sentence) == (requirement.level, requirement.sentence)
