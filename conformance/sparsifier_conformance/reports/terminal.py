"""The end of a run, as a person reads it: what was judged, how it did, what failed and how, the verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from textwrap import indent, wrap
from typing import TYPE_CHECKING

from ..results.records import FAULTY, Judgement, Outcome, Result, Verdict, worst
from ..specification import load
from .scripts import shortest

if TYPE_CHECKING:
    import pytest

WIDTH = 100
MOST_INPUT_LINES = 10
_COLOURS = {
    Verdict.CONFORMS: "green",
    Verdict.CONFORMS_IN_FULL: "green",
    Verdict.DOES_NOT_CONFORM: "red",
    Verdict.INCOMPLETE: "yellow",
}


def summarize(result: Result, reporter: pytest.TerminalReporter) -> None:
    """Print the summary of a result; pytest colours it where the output is a terminal."""
    line: Callable[..., None] = reporter.write_line
    line("")
    for text in _judged(result):
        line(text)
    line("")
    for text in _table(result):
        line(text)
    # Failures of MUST last, where the eye is: next to the verdict.
    for level in ("SHOULD", "MUST"):
        for failures in _failures(result, level):
            line("")
            line(_heading(failures), bold=True, red=level == "MUST", yellow=level == "SHOULD")
            for text in _failure(failures):
                line(text)
    for text in _reproducer(result):
        line(text)
    for text in _not_judged(result):
        line("")
        line(text)
    for text in _expected(result):
        line(text)
    for judgements in by_id(each for each in result.requirements if each.outcome is Outcome.UNEXPECTED_PASS).values():
        line("")
        line(_heading(judgements), bold=True, red=True)
        for message in dict.fromkeys(each.message for each in judgements):
            line(f"  {message}")
    line("")
    line(f"verdict: {verdict_in_words(result)}", bold=True, **{_COLOURS[result.verdict]: True})


def verdict_in_words(result: Result) -> str:
    """Say the verdict, and what it is limited to."""
    words = result.verdict.value
    if result.verdict is Verdict.INCOMPLETE:
        return words + "; not everything that was asked for could be judged"
    words += _expectations_in_words(result)
    if result.selection.only:
        words += f" (judged: {', '.join(result.selection.only)} only)"
    if result.selection.level == "MUST":
        words += " (judged: MUST only)"
    elif result.partial and not result.selection.only:
        words += " (judged in part only)"
    return words


def _expectations_in_words(result: Result) -> str:
    """Say what of the verdict comes from expectations."""
    outcomes = {each.outcome for each in result.requirements if each.level == "MUST"} & FAULTY
    if result.verdict is Verdict.DOES_NOT_CONFORM:
        passed = {each.id for each in result.requirements if each.outcome is Outcome.UNEXPECTED_PASS}
        only = passed and not outcomes - {Outcome.UNEXPECTED_PASS}
        return f" to what is expected: {len(passed)} of the expected failures passed" if only else ""
    expected = {(each.id, each.level) for each in result.requirements if each.outcome is Outcome.EXPECTED_FAILURE}
    counts = {level: sum(level == each for _, each in expected) for level in ("MUST", "SHOULD")}
    counted = " and ".join(f"{count} {level}" for level, count in counts.items() if count)
    return f", but for what is expected to fail: {counted}" if counted else ""


def _judged(result: Result) -> Iterable[str]:
    judged, where = result.implementation, result.environment
    yield f"judged    {judged.name}" + (f", version {judged.version}" if judged.version else "")
    yield f"file      {judged.file or 'none'}"
    yield f"with      torch {where.torch}, Python {where.python}, {where.platform}"
    yield f"devices   {', '.join(where.devices) or 'none'}; seed {result.seed}, {result.examples} examples"
    yield f"against   specification {result.specification_version}, suite {result.suite_version}"


def _table(result: Result) -> Iterable[str]:
    """Give a line for each utility: requirements passed of those judged, whatever the number of devices."""
    counts: dict[str, dict[str, list[Judgement]]] = defaultdict(lambda: {"MUST": [], "SHOULD": []})
    for judgements in by_id(result.requirements).values():
        counts[judgements[0].id.partition("/")[0]][judgements[0].level].append(of_all_devices(judgements))
    yield f"{'passed of judged':30}{'MUST':>12}{'SHOULD':>12}"
    for section in load().sections:
        if section.utility in counts:
            levels = counts[section.utility]
            yield f"{section.utility:30}{count(levels['MUST']):>12}{count(levels['SHOULD']):>12}"


def count(judgements: list[Judgement]) -> str:
    """Say how many of some judgements passed, of those that were judged at all."""
    judged = [each for each in judgements if each.outcome is not Outcome.NOT_APPLICABLE]
    passed = sum(each.outcome in (Outcome.PASSED, Outcome.UNEXPECTED_PASS) for each in judged)
    return f"{passed} of {len(judged)}" if judged else "-"


def name_of_input(judgement: Judgement) -> str:
    """Say what the input of a failure is: where a process ended, nobody has looked for a smaller one."""
    ended = judgement.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT)
    return "the input that it had reached" if ended else "smallest input"


def of_all_devices(judgements: list[Judgement]) -> Judgement:
    """Give the judgement that stands for all devices: one that a requirement does not apply to says nothing."""
    applicable = [each for each in judgements if each.outcome is not Outcome.NOT_APPLICABLE]
    return worst(applicable or judgements)


def by_id(judgements: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """Give the judgements of each requirement, in the order in which they come."""
    grouped: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        grouped[judgement.id].append(judgement)
    return dict(grouped)


def _failures(result: Result, level: str) -> list[list[Judgement]]:
    shown = FAULTY - {Outcome.BLOCKED, Outcome.UNEXPECTED_PASS}
    shown_of_level = (each for each in result.requirements if each.level == level and each.outcome in shown)
    return list(by_id(shown_of_level).values())


def _heading(failures: list[Judgement]) -> str:
    return f"{failures[0].id} ({failures[0].level}) {failures[0].outcome.value}{_on_devices(failures)}"


def _failure(failures: list[Judgement]) -> Iterable[str]:
    yield from wrap(failures[0].sentence, WIDTH, initial_indent="  ", subsequent_indent="  ")
    smallest = (failures[0].smallest_input or "").splitlines()
    if smallest:
        more = [f"… ({len(smallest) - MOST_INPUT_LINES} more lines)"] if len(smallest) > MOST_INPUT_LINES else []
        yield f"  {name_of_input(failures[0])}:"
        yield indent("\n".join(smallest[:MOST_INPUT_LINES] + more), "    ")
    yield "  instead:"
    yield indent(failures[0].message or "", "    ")


def _reproducer(result: Result) -> Iterable[str]:
    """Give the shortest script that shows a failure, to paste as it stands."""
    judgement = shortest(result.requirements)
    if judgement is not None and judgement.reproducer is not None:
        yield ""
        yield f"reproducer of {judgement.id} (the shortest; --reproducers DIR writes them all):"
        yield ""
        yield indent(judgement.reproducer.rstrip(), "    ")


def _not_judged(result: Result) -> Iterable[str]:
    """Give a line for each reason for which something was not judged."""
    reasons: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for each in result.requirements:
        if each.outcome in (Outcome.BLOCKED, Outcome.NOT_APPLICABLE, Outcome.NOT_RUN):
            reasons[each.outcome.value, each.message or ""].append(each)
    for (outcome, reason), judgements in reasons.items():
        unique = list(dict.fromkeys(each.id for each in judgements))
        names = ", ".join(unique) if len(unique) <= 3 else f"{len(unique)} requirements"
        yield f"{outcome}{_on_devices(judgements)}: {names} ({reason})"


def _expected(result: Result) -> Iterable[str]:
    """Give a line for each requirement that failed as expected, with the reason."""
    failures = [each for each in result.requirements if each.outcome is Outcome.EXPECTED_FAILURE]
    if failures:
        yield ""
        yield "expected failures:"
    reasons: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for each in failures:
        reasons[each.id.partition("/")[0], each.reason or ""].append(each)
    for (_, reason), judgements in reasons.items():
        ids = list(dict.fromkeys(each.id for each in judgements))
        more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        text = f"{ids[0]}{more}{_on_devices(judgements)}: {reason}"
        yield from wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _on_devices(judgements: list[Judgement]) -> str:
    """Name the devices of some judgements, each once; nothing where no device plays a part."""
    devices = dict.fromkeys(each.device for each in judgements if each.device)
    return f" on {', '.join(devices)}" if devices else ""
