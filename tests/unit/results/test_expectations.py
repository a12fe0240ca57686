"""Expected failures: what an entry covers, and where it holds."""

from __future__ import annotations

import sys

import pytest

from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.expectations import Entry, Expectations, Expected
from sparsifier_conformance.results.expected_files import read
from sparsifier_conformance.results.records import Judgement

ID = "module_contains_param/returns-bool"


def expectations(*entries: Entry) -> Expectations:
    return Expectations(tuple(Expected(entry, "f.toml") for entry in entries))


def judgement(outcome: Outcome, id: str = ID, device: str | None = None) -> Judgement:
    return Judgement(id, "MUST", "It MUST hold.", device, outcome, 1.0, "seen")


@pytest.mark.parametrize("outcome", Outcome)
def test_an_entry_covers_every_way_to_fail(outcome: Outcome) -> None:
    fails = (Outcome.FAILED, Outcome.BLOCKED, Outcome.CRASHED, Outcome.TIMED_OUT)
    applied = expectations(Entry(ID, " known ")).apply(judgement(outcome))
    if outcome in fails:
        assert (applied.outcome, applied.reason, applied.message) == (Outcome.EXPECTED_FAILURE, "known", "seen")
    elif outcome is Outcome.PASSED:
        assert (applied.outcome, applied.reason) == (Outcome.UNEXPECTED_PASS, "known")
        assert applied.message is not None and applied.message.startswith(f"f.toml expects {ID} to fail; remove")
    elif outcome is not Outcome.UNEXPECTED_PASS:
        assert applied == judgement(outcome)


def test_nobody_is_sent_to_change_a_file_of_this_package() -> None:
    ours, theirs = (Expected(Entry(ID, "known"), "f.toml", shipped) for shipped in (True, False))
    assert "fails = false" in str(Expectations((ours,)).apply(judgement(Outcome.PASSED)).message)
    assert "remove the entry" in str(Expectations((theirs,)).apply(judgement(Outcome.PASSED)).message)
    assert {each.shipped for each in read(["torch"]).entries} == {True}


@pytest.mark.parametrize(
    ("conditions", "device", "holds"),
    [
        ({}, "cuda:1", True),
        ({"device": "cuda"}, "cuda:1", True),
        ({"device": "cuda:1"}, "cuda:1", True),
        ({"device": "cuda:0"}, "cuda:1", False),
        ({"device": "cuda"}, None, False),
        ({"device": "cuda"}, "cpu", False),
        ({"torch": ">=2.1,<2.10"}, None, True),
        ({"torch": "<2.9"}, None, False),
        ({"torch": ">=2.9"}, None, True),
        ({"version": "==1.*"}, None, True),
        ({"version": ">=2"}, None, False),
        ({"platform": sys.platform}, None, True),
        ({"platform": "another"}, None, False),
    ],
)
def test_where_an_entry_holds(conditions: dict[str, str], device: str | None, holds: bool) -> None:
    here = expectations(Entry(ID, "known", **conditions)).here("2.9.0a0+git1", "1.2")  # type: ignore[arg-type]
    assert (here.of(ID, device) is not None) == holds


def test_an_entry_for_a_version_says_nothing_of_an_implementation_without_one() -> None:
    there = expectations(Entry(ID, "known", version=">=0"))
    assert there.here("2.1", None).of(ID, None) is None and there.here("2.1", "unknown").of(ID, None) is None


def test_the_last_entry_that_holds_counts() -> None:
    here = expectations(Entry("interface", "first"), Entry("interface/names", "second", device="cpu"), Entry(ID, "x"))
    said = [here.of("interface/names", device) for device in ("cpu", "meta")]
    assert [each.entry.reason for each in said if each] == ["second", "first"]
    taken_back = expectations(Entry("interface", "first"), Entry("interface/names", "mended", fails=False))
    assert taken_back.of("interface/names", None) is None and taken_back.of("interface/parameters", None) is not None


def test_a_file_without_effect_is_known() -> None:
    here = expectations(Entry("interface", "first", device="cuda"))
    assert here.about([("interface/names", None), (ID, "cuda:0")]) == []
    assert here.about([("interface/names", "cuda:0")]) == list(here.entries)
