"""Results: the records, the file, and its schema."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from records import judged, result
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results import file
from sparsifier_conformance.results.records import FORMAT_VERSION, Judgement, of_all_devices, passed, worst


def judgement(outcome: Outcome, duration: float = 1.0) -> Judgement:
    return msgspec.structs.replace(judged("utility/slug", outcome.value, "cpu"), duration=duration)


def test_every_outcome_has_its_place_among_the_worst() -> None:
    for outcome in Outcome:
        pair = [judgement(Outcome.PASSED), judgement(outcome)]
        assert (worst(pair).outcome, worst(pair).duration) == (outcome, 2.0)


def test_what_some_checks_do_not_apply_to_says_that_others_passed() -> None:
    applies_not = msgspec.structs.replace(judgement(Outcome.NOT_APPLICABLE), message="tensors hold no values")
    assert worst([applies_not, judgement(Outcome.PASSED)]).message == "tensors hold no values; the other checks passed"
    assert worst([applies_not, applies_not]).message == "tensors hold no values"


def test_a_device_that_a_requirement_does_not_apply_to_says_nothing() -> None:
    applies_not, passes = judgement(Outcome.NOT_APPLICABLE), judgement(Outcome.PASSED)
    assert of_all_devices([applies_not, passes]) == passes and of_all_devices([applies_not]) == applies_not
    fails = judged("utility/other", "failed")
    assert passed([applies_not, passes, fails]) == "1 of 2" and passed([applies_not]) == "-"


def test_what_was_not_reached_is_not_counted_as_failed() -> None:
    assert passed([judgement(Outcome.NOT_RUN), judgement(Outcome.PASSED)]) == "1 of 1"
    assert passed([judgement(Outcome.NOT_RUN)]) == "-"


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = result([judgement(Outcome.PASSED), judged("utility/other", "failed", level="SHOULD")])
    path = tmp_path / "result.json"
    file.write(written, path)
    assert file.read(path) == written
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "result.json"
    path.write_text("what was there before")

    def fail(*args: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        file.write(result(), path)
    assert path.read_text() == "what was there before"
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]


def test_a_file_that_is_no_result_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    file.write(result([judgement(Outcome.PASSED)]), path)
    whole = path.read_text()
    document = json.loads(whole)
    unknown = {**document, "surprise": 1}
    lacking = {name: value for name, value in document.items() if name != "verdict"}
    wrong = {**document, "verdict": "perfect"}
    refused = {
        whole[: len(whole) // 2]: "not a result file",
        "": "not a result file",
        "[]": "not a result file",
        json.dumps({**document, "format_version": 99}): f"99; this version reads format version {FORMAT_VERSION}",
        json.dumps(unknown): "surprise",
        json.dumps(lacking): "verdict",
        json.dumps(wrong): "perfect",
    }
    for text, complaint in refused.items():
        path.write_text(text)
        with pytest.raises(file.ResultError, match=complaint) as error:
            file.read(path)
        assert str(path) in str(error.value)
    with pytest.raises(file.ResultError, match="cannot be read"):
        file.read(tmp_path / "absent.json")


def test_the_schema_is_that_of_the_records() -> None:
    published = json.loads(Path(file.__file__).with_name("result.schema.json").read_text(encoding="utf-8"))
    assert published == file.schema()


def test_the_schema_accepts_results_and_nothing_else() -> None:
    validator = jsonschema.Draft202012Validator(file.schema())
    document = json.loads(msgspec.json.encode(result([judgement(Outcome.PASSED)])))
    validator.validate(document)
    for wrong in ({**document, "seed": "zero"}, {**document, "surprise": 1}, {**document, "format_version": 99}):
        assert not validator.is_valid(wrong)
