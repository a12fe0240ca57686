"""The benchmarks run at all; what they say is for a person to read."""

from __future__ import annotations

import pytest

from benchmarks import page, runs, utilities
from benchmarks.cases import cases
from sparsifier_conformance.implementations.names import NAMES


def test_the_utilities_are_timed_against_torchs_own(capsys: pytest.CaptureFixture[str]) -> None:
    utilities.main(["--rounds", "2", "--scale", "0.001"])
    printed = capsys.readouterr().out
    assert all(f"| `{name}` |" in printed for name in NAMES)
    assert "sharing over 4 levels" in printed and "memory of a product" in printed


def test_every_utility_has_cases() -> None:
    assert {case.utility for case in cases(0.001)} == set(NAMES)


def test_processes_are_timed_in_turns(capsys: pytest.CaptureFixture[str]) -> None:
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    seen = runs.in_turns({"floor": (*runs.PYTHON, "pass"), "busy": (*runs.PYTHON, busy)}, 1)
    runs.print_table(seen)
    assert "| busy |" in capsys.readouterr().out
    floor, taken = seen["floor"][0], seen["busy"][0]
    assert taken.cpu >= 0.2 > floor.cpu and taken.wall >= 0.2 and floor.memory > 0


def test_the_page_has_a_place_for_each_part() -> None:
    shown = page.PAGE.read_text(encoding="utf-8")
    for part in page.PARTS:
        shown = page.placed(shown, part, f"what {part} takes\n{page.circumstances()}")
    assert all(f"<!-- measured: {part} -->\n\nwhat {part} takes\n" in shown for part in page.PARTS)
    assert shown.count("<!-- measured: ") == shown.count("<!-- end -->") == len(page.PARTS)
