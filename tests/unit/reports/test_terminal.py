"""The summary of a run, as it is printed."""

from __future__ import annotations

from typing import Any

import pytest

from records import judged, result
from sparsifier_conformance.reports.terminal import summarize


class _Reporter:
    """Keeps the lines that pytest's own would print."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write_line(self, line: str, **_: Any) -> None:
        self.lines.append(line)


def _printed(*judgements: Any, **options: Any) -> str:
    reporter: Any = _Reporter()
    summarize(result(judgements), reporter, **options)
    return "\n".join(reporter.lines)


FAILURES = (
    judged("swap_module/should", "failed", level="SHOULD", message="a SHOULD, seen"),
    judged("swap_module/must", "failed", "cpu", message="a MUST,\nseen", reproducer="the script"),
    judged("swap_module/must", "failed", "meta", message="a MUST,\nseen"),
    judged("swap_module/first", "failed", message="one cause"),
    judged("swap_module/second", "failed", message="one cause"),
    judged("swap_module/ends", "crashed", message="a process ended"),
)


@pytest.mark.parametrize("are_told", [False, True])
def test_what_pytest_has_told_is_named_alone(are_told: bool) -> None:
    printed = _printed(*FAILURES, are_told=are_told)
    assert printed.count("swap_module/must (MUST) failed on cpu, meta\n") == 1
    assert "2 requirements (MUST) failed\n  swap_module/first, swap_module/second\n" in printed
    assert printed.count("a SHOULD, seen") == printed.count("a process ended") == 1  # which pytest does not tell whole
    told_here = [printed.count(each) for each in ("a MUST,\n", "one cause", "`swap_module/must` says")]
    assert told_here == ([0, 0, 0] if are_told else [1, 1, 1])
    assert printed.count("the script") == 1


@pytest.mark.parametrize("option", ["--reproducers", "--sparsifier-reproducers"])
def test_the_option_that_writes_scripts_is_named_as_it_is_called(option: str) -> None:
    assert f"({option} DIR writes one for each failure)" in _printed(*FAILURES, writes_scripts=option)
    assert "DIR" not in _printed(*FAILURES)
    assert f"{option} DIR writes a script" in _printed(
        judged("swap_module/should", "failed", level="SHOULD", reproducer="the script"), writes_scripts=option
    )
