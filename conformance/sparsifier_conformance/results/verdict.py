"""The verdict of a run: one rule, its words, and its exit status."""

from __future__ import annotations

from collections.abc import Iterable

from ..outcomes.outcome import FAULTY, Outcome, is_failed_must
from ..specification import UnknownRequirement, load
from ..text import counted
from .records import Judgement, Result, Verdict

#: The exit status of a process that reached a verdict. 2 is for wrong usage.
EXIT_STATUS = {
    Verdict.CONFORMS_IN_FULL: 0,
    Verdict.CONFORMS: 0,
    Verdict.DOES_NOT_CONFORM: 1,
    Verdict.INCOMPLETE: 3,
}
#: From the best to the worst, for those who show several.
BEST_FIRST = (Verdict.CONFORMS_IN_FULL, Verdict.CONFORMS, Verdict.INCOMPLETE, Verdict.DOES_NOT_CONFORM)
_JUDGED_NOTHING = {Outcome.NOT_APPLICABLE, Outcome.BLOCKED}


def verdict_of(judgements: Iterable[Judgement], *, missing: bool = False, stopped_at_failure: bool = False) -> Verdict:
    """Return the verdict that the judgements of a run come to.

    Parameters:
        judgements: one for each requirement and device.
        missing: whether a requested device is not available, or checks could not be collected.
        stopped_at_failure: whether the run ended where a MUST failed, as requested, so that what was not run could
            change nothing.
    """
    seen = list(judgements)
    failed = any(is_failed_must(each.level, each.outcome) for each in seen)
    not_run = any(each.outcome is Outcome.NOT_RUN for each in seen)
    if failed and (stopped_at_failure or not not_run):
        return Verdict.DOES_NOT_CONFORM
    if not_run or missing or all(each.outcome in _JUDGED_NOTHING for each in seen):
        return Verdict.INCOMPLETE
    if any(each.outcome is Outcome.UNEXPECTED_PASS for each in seen):
        return Verdict.DOES_NOT_CONFORM
    met = all(each.outcome in (Outcome.PASSED, Outcome.NOT_APPLICABLE) for each in seen)
    return Verdict.CONFORMS_IN_FULL if met and any(each.level == "SHOULD" for each in seen) else Verdict.CONFORMS


def in_words(result: Result) -> str:
    """Return the verdict of a result, and what it is limited to."""
    return result.verdict.value + limits_of(result)


def limits_of(result: Result) -> str:
    """Return what the verdict of a result is limited to, to put after the verdict; empty if it is not limited."""
    if result.verdict is Verdict.INCOMPLETE:
        failed = len({each.id for each in result.requirements if is_failed_must(each.level, each.outcome)})
        return "; not everything that was requested could be judged" + (f", and {failed} MUST failed" if failed else "")
    judged = []
    if result.selection.only:
        judged.append(f"{', '.join(result.selection.only)} only")
    if result.selection.level == "MUST":
        judged.append("MUST only")
    if part := _part(result):
        judged.append(part)
    return _expectations(result) + (f" (judged: {'; '.join(judged)})" if judged else "")


def _part(result: Result) -> str:
    """Return how many requirements a result has of those that were selected, if pytest left some out; else nothing."""
    page, level = load(), result.selection.level
    if result.specification_version != page.version:
        whole = not result.partial or result.selection.only or level == "MUST"
        return "" if whole else "some requirements only"
    try:
        selected = page.select(tuple(result.selection.only)).values()
    except UnknownRequirement:  # of a file that somebody wrote
        return ""
    wanted = {each.id for each in selected if level == "SHOULD" or each.level == "MUST"}
    judged = wanted & {each.id for each in result.requirements}
    return f"{len(judged)} of {counted(len(wanted), 'requirement')}" if result.partial and judged != wanted else ""


def is_limited(result: Result) -> bool:
    """Return whether a result conforms only because a MUST was expected to fail."""
    return any(each.level == "MUST" and each.outcome is Outcome.EXPECTED_FAILURE for each in result.requirements)


def _expectations(result: Result) -> str:
    """Return what of the verdict comes from expectations."""
    if result.verdict is Verdict.DOES_NOT_CONFORM:
        faulty = {each.outcome for each in result.requirements if each.level == "MUST"} & FAULTY
        passed = {each.id for each in result.requirements if each.outcome is Outcome.UNEXPECTED_PASS}
        only = passed and not faulty - {Outcome.UNEXPECTED_PASS}
        return f" to what is expected: {len(passed)} of the expected failures passed" if only else ""
    expected = {(each.id, each.level) for each in result.requirements if each.outcome is Outcome.EXPECTED_FAILURE}
    counts = {level: sum(level == each for _, each in expected) for level in ("MUST", "SHOULD")}
    parts = ", ".join(f"{count} {level}" for level, count in counts.items() if count)
    return f", except for {counted(len(expected), 'expected failure')} ({parts})" if parts else ""
