"""Results: the verdict, the file, and its schema."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from sparsifier_conformance.results import records as results
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Judgement, Result, Verdict
from sparsifier_conformance.results.verdict import verdict_of
from sparsifier_conformance.specification import Level

VERSION = results.FORMAT_VERSION


def judgement(outcome: Outcome, level: Level = "MUST", duration: float = 1.0) -> Judgement:
    return Judgement("utility/slug", level, "It MUST hold.", "cpu", outcome, duration, "message", None)


def result(*judgements: Judgement) -> Result:
    return Result(
        format_version=results.FORMAT_VERSION,
        suite_version="0",
        specification_version="0",
        verdict=verdict_of(judgements),
        partial=False,
        implementation=results.Implementation("here", "name", None, None),
        environment=results.Environment("2", "3", "Linux", ["cpu"]),
        selection=results.Selection([], "SHOULD", []),
        seed=0,
        examples=50,
        started="2026-01-01T00:00:00+00:00",
        duration=1.5,
        requirements=list(judgements),
    )


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
        ({"MUST": Outcome.PASSED, "SHOULD": Outcome.NOT_RUN}, Verdict.INCOMPLETE),
        ({"MUST": Outcome.NOT_APPLICABLE}, Verdict.INCOMPLETE),
    ],
)
def test_verdict(outcomes: dict[Level, Outcome], verdict: Verdict) -> None:
    assert verdict_of(judgement(outcome, level) for level, outcome in outcomes.items()) is verdict


def test_a_missing_device_leaves_the_run_incomplete() -> None:
    assert verdict_of([judgement(Outcome.PASSED)], missing_devices=True) is Verdict.INCOMPLETE
    assert verdict_of([judgement(Outcome.FAILED)], missing_devices=True) is Verdict.DOES_NOT_CONFORM


def test_every_outcome_has_its_place_among_the_worst() -> None:
    for outcome in Outcome:
        pair = [judgement(Outcome.PASSED), judgement(outcome)]
        assert results.worst(pair) == judgement(outcome, duration=2.0)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = result(judgement(Outcome.PASSED), judgement(Outcome.FAILED, "SHOULD"))
    path = tmp_path / "result.json"
    results.write(written, path)
    assert results.read(path) == written
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "result.json"
    path.write_text("what was there before")

    def fail(*args: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        results.write(result(), path)
    assert path.read_text() == "what was there before"
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]


def test_a_file_that_is_no_result_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    results.write(result(judgement(Outcome.PASSED)), path)
    whole = path.read_text()
    document = json.loads(whole)
    unknown = {**document, "surprise": 1}
    lacking = {name: value for name, value in document.items() if name != "verdict"}
    wrong = {**document, "verdict": "perfect"}
    refused = {
        whole[: len(whole) // 2]: "not a result file",
        "": "not a result file",
        "[]": "not a result file",
        json.dumps({**document, "format_version": 99}): f"99; this version reads format version {VERSION}",
        json.dumps(unknown): "surprise",
        json.dumps(lacking): "verdict",
        json.dumps(wrong): "perfect",
    }
    for text, complaint in refused.items():
        path.write_text(text)
        with pytest.raises(results.ResultError, match=complaint) as error:
            results.read(path)
        assert str(path) in str(error.value)
    with pytest.raises(results.ResultError, match="cannot be read"):
        results.read(tmp_path / "absent.json")


def test_the_schema_is_that_of_the_records() -> None:
    published = json.loads(Path(results.__file__).with_name("result.schema.json").read_text(encoding="utf-8"))
    assert published == results.schema()


def test_the_schema_accepts_results_and_nothing_else() -> None:
    validator = jsonschema.Draft202012Validator(results.schema())
    document = json.loads(msgspec.json.encode(result(judgement(Outcome.PASSED))))
    validator.validate(document)
    for wrong in ({**document, "seed": "zero"}, {**document, "surprise": 1}, {**document, "format_version": 99}):
        assert not validator.is_valid(wrong)
