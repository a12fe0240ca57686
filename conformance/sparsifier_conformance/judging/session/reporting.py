"""What pytest's reports carry of ours, and what an outcome is to pytest: the one place where its own is rewritten."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ...outcomes.judged import Judged
from ...outcomes.outcome import FAILURES, Outcome
from ...specification import load
from ..introduction import Introduction


def attach(report: Any, judged: Judged) -> None:
    """Put what a check comes to on its report, as plain data that a worker can send."""
    report.sparsifier = msgspec.to_builtins(judged)


def judged_of(report: Any) -> Judged | None:
    """Return what ``attach`` put on a report, if it did."""
    said = getattr(report, "sparsifier", None)
    return None if said is None else msgspec.convert(said, Judged)


def introduce(report: Any, introduction: Introduction) -> None:
    """Put what a process says first on a report."""
    report.sparsifier_introduction = msgspec.to_builtins(introduction)


def introduction_of(report: Any) -> Introduction | None:
    """Return what ``introduce`` put on a report, if it did."""
    said = getattr(report, "sparsifier_introduction", None)
    return None if said is None else msgspec.convert(said, Introduction)


def present(report: pytest.TestReport, judged: Judged, *, expected: bool) -> None:
    """Say to pytest what an outcome is to a session: a failed SHOULD, and what is expected, fails none.

    Parameters:
        report: that of the check.
        judged: what the check comes to.
        expected: whether it is expected to fail.
    """
    report.sections = []  # what an implementation prints, which may be megabytes, says nothing here
    requirement = load().requirements[judged.requirement]
    if judged.outcome is Outcome.NOT_APPLICABLE:
        report.outcome, report.longrepr = "skipped", (str(report.fspath), 0, str(judged.message))
    elif judged.outcome in FAILURES - {Outcome.BLOCKED}:
        where = f" on {judged.device}" if judged.device else ""
        lines = [f"{requirement.id} ({requirement.level}){where}", requirement.sentence]
        lines += ["smallest input:", judged.smallest_input] if judged.smallest_input else []
        report.longrepr = "\n".join([*lines, judged.message or ""])
        report.outcome = "failed"
        if requirement.level == "SHOULD" or expected:
            report.outcome, report.wasxfail = "skipped", requirement.id
