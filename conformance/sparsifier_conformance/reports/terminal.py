"""The end of a run, as a person reads it: what was judged, how it did, what failed and how, the verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from textwrap import indent, wrap
from typing import TYPE_CHECKING

from ..outcomes.outcome import FAULTY, Outcome
from ..results.records import Judgement, Result, Verdict, by_id, of_all_devices, passed
from ..results.verdict import in_words
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


def summarize(result: Result, reporter: pytest.TerminalReporter, notes: Sequence[str] = ()) -> None:
    """Print the summary of a result; pytest colours it where the output is a terminal.

    Parameters:
        result: that of the run.
        reporter: pytest's own.
        notes: lines that stand before the verdict.
    """
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
    for note in notes:
        line(note)
    line(f"verdict: {in_words(result)}", bold=True, **{_COLOURS[result.verdict]: True})


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
    for judgements in result.by_id().values():
        counts[judgements[0].id.partition("/")[0]][judgements[0].level].append(of_all_devices(judgements))
    yield f"{'passed of judged':30}{'MUST':>12}{'SHOULD':>12}"
    for section in load().sections:
        if section.utility in counts:
            levels = counts[section.utility]
            yield f"{section.utility:30}{passed(levels['MUST']):>12}{passed(levels['SHOULD']):>12}"


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
        yield f"  {failures[0].name_of_input}:"
        yield indent("\n".join(smallest[:MOST_INPUT_LINES] + more), "    ")
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
