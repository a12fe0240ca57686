"""Which known implementations a result is like: those that ship, the rule, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from records import judged, result, written
from sparsifier_conformance.cli.main import main
from sparsifier_conformance.reports.likeness import in_words
from sparsifier_conformance.results import known as module
from sparsifier_conformance.results.known import Code, Known, known, likeness, named
from sparsifier_conformance.results.records import Result, Verdict
from sparsifier_conformance.specification import load

A, B = [f"a/x{number}" for number in range(4)], [f"b/x{number}" for number in range(5)]
MADE = Known(
    specification_version="0.2.0",
    torch="2.13.0",
    devices=["cpu", "meta"],
    requirements=[*A, *B],
    codes=[
        Code("1", {"torch": ["1.13", "2.0"]}, [*A, "b/x4"]),
        Code("2", {"torch": ["2.1", "2.9"], "torchao": ["0.4"]}, ["a/x0", "a/x1"]),
        Code("3", {"torch": ["2.10"]}, ["a/x0"]),
        Code("4", {"torchao": ["0.5", "0.18"]}, ["a/x0", "b/x0", "b/x1"]),
        Code("", {"the reference": []}, []),
    ],
)


def failing(fails: Sequence[str], ids: Sequence[str] = (*A, *B), outcome: str = "failed", **more: Any) -> Result:
    """Make a result in which some of the requirements fail."""
    return result([judged(id, outcome if id in fails else "passed") for id in ids], **more)


# What ships


def test_what_ships_is_of_this_specification() -> None:
    page = load()
    assert (known().specification_version, known().requirements) == (page.version, list(page.requirements)), (
        "run `python tests/tools/known_outcomes.py`; it says which wheels it needs"
    )
    assert all(set(code.fails) <= set(page.requirements) for code in known().codes)


@pytest.mark.parametrize("code", known().codes, ids=lambda code: named([code]))
def test_each_known_implementation_names_itself(code: Code) -> None:
    of: dict[str, Any] = {"specification": known().specification_version, "devices": known().devices}
    found = likeness(failing(code.fails, known().requirements, **of))
    assert found is not None and found.number == 0
    assert found.names == named(each for each in known().codes if each.fails == code.fails)
    assert in_words(failing(code.fails, known().requirements, **of)) == found.names


# The rule


@pytest.fixture(autouse=True)
def _made(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.function.__name__.startswith(("test_what_ships", "test_each_known")):
        monkeypatch.setattr(module, "known", lambda: MADE)


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        ([], "the reference"),
        (["a/x0"], "torch 2.10"),
        (["a/x0", "a/x1"], "torch 2.1 to 2.9, torchao 0.4"),
        ([*A, "b/x4"], "torch 1.13 to 2.0"),
        (["b/x2"], "the reference, but for b/x2"),
        (["a/x0", "b/x2", "b/x3"], "torch 2.10, but for b/x2, b/x3"),
        (["a/x0", "b/x0"], "torch 2.10, torchao 0.5 to 0.18, but for 1 requirement"),
        (["a/x0", "a/x2"], "torch 2.10, but for a/x2"),
        (["a/x1"], "torch 2.1 to 2.9, torchao 0.4, the reference, but for 1 requirement"),
        ([*A, *B], ""),
    ],
)
def test_the_nearest_are_named(fails: Sequence[str], words: str) -> None:
    assert in_words(failing(fails)) == words


def test_many_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"c/x{number}" for number in range(20)]
    of_torch = Code("1", {"torch": ["2.9"]}, ids)
    made = structs.replace(MADE, requirements=ids, codes=[of_torch, Code("", {"the reference": []}, [])])
    monkeypatch.setattr(module, "known", lambda: made)
    assert in_words(failing(ids[:3], ids)) == "the reference, but for c/x0, c/x1, c/x2"
    assert in_words(failing(ids[:4], ids)) == "the reference, but for 4 requirements"


def test_whatever_was_expected_of_it() -> None:
    assert in_words(failing(["a/x0"], outcome="expected failure")) == "torch 2.10"


def test_what_passes_unexpectedly_passes() -> None:
    assert in_words(failing([*A[1:], *B], outcome="unexpected pass")) == "the reference"


@pytest.mark.parametrize("outcome", ["blocked", "not run"])
def test_nothing_is_said_of_a_part(outcome: str) -> None:
    """What lacks a name is no copy of what has it, and an interrupted run has not seen it all."""
    assert in_words(failing(["a/x0", "b/x2"], outcome=outcome)) == ""
    assert in_words(failing(["a/x0"], outcome="failed", verdict=Verdict.INCOMPLETE)) == ""


def test_what_lacks_the_names_that_a_release_lacks_is_like_it() -> None:
    assert in_words(failing([*A, "b/x4"], outcome="blocked")) == "torch 1.13 to 2.0"
    assert in_words(failing([*A, "b/x3"], outcome="blocked")) == ""
    assert in_words(failing([*A, "b/x4"], outcome="not run")) == ""


def test_it_is_said_what_is_compared() -> None:
    assert in_words(failing(["a/x0"], devices=["cpu"])) == "torch 2.10 (on cpu)"
    limited = failing(["a/x0"], [*A, "b/x0", "unknown/x"])
    assert in_words(limited) == "torch 2.10 (5 of 9 requirements compared)"
    both = failing(["a/x0"], [*A, "b/x0"], devices=["cpu"])
    assert in_words(both) == "torch 2.10 (5 of 9 requirements compared, on cpu)"
    inapplicable = failing(["b/x4", "b/x3"], outcome="not applicable")
    assert in_words(inapplicable) == "the reference (7 of 9 requirements compared)"


def test_nothing_is_said_where_little_is_known() -> None:
    assert in_words(failing(["a/x0"], A[:3])) == ""
    assert in_words(failing(["a/x0"], A)) != ""
    assert in_words(failing(["b/x2"], [*B[2:4], "a/x0", "a/x1"])) != ""
    assert in_words(failing(["a/x0"], specification="0.1.0")) == ""


def test_nothing_is_said_where_all_are_as_near(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ["b/x2", "b/x3", "a/x0", "a/x1"]
    apart = failing(["a/x0"], ids)
    assert in_words(apart) != ""
    monkeypatch.setattr(module, "known", lambda: Known("0.2.0", "2.13.0", [], [*A, *B], MADE.codes[2:4]))
    assert in_words(apart) == ""


def test_more_than_a_third_is_no_likeness() -> None:
    assert in_words(failing(["b/x0", "b/x1", "b/x2", "b/x3"])) == "torchao 0.5 to 0.18, but for a/x0, b/x2, b/x3"
    assert in_words(failing(["a/x1", "b/x1", "b/x2", "b/x3"])) == ""


# Where it is shown


def test_results_that_are_like_different_ones_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = map(str, written(tmp_path, old=failing(["a/x0", "a/x1"]), new=failing(["a/x0"])))
    assert main(["compare", old, new]) == 0
    assert "behaves like: torch 2.1 to 2.9, torchao 0.4 → torch 2.10\n" in capsys.readouterr().out
    assert main(["compare", old, old]) == 0
    assert "behaves like" not in capsys.readouterr().out
    assert main(["matrix", old, new, "--markdown", str(tmp_path / "table.md")]) == 0
    assert "| torch 2.1 to 2.9, torchao 0.4 |" in (tmp_path / "table.md").read_text(encoding="utf-8")
