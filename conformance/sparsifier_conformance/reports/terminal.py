"""The end of a run, as a person reads it: what was judged, how it did, what failed and how, its likes, the verdict."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from textwrap import indent, wrap
from typing import TYPE_CHECKING

from ..devices.names import plainness
from ..outcomes.outcome import FAULTY, Outcome
from ..results.records import Judgement, Result, Verdict, by_id, judged_nothing, passed
from ..results.verdict import in_words
from ..specification import load
from ..text import counted, width
from . import likeness, small_models
from .scripts import FAILED, most_telling

if TYPE_CHECKING:
    import pytest

MOST_INPUT_LINES = 10
_COLOURS = {
    Verdict.CONFORMS: "green",
    Verdict.CONFORMS_IN_FULL: "green",
    Verdict.DOES_NOT_CONFORM: "red",
    Verdict.INCOMPLETE: "yellow",
}


def summarize(
    result: Result,
    reporter: pytest.TerminalReporter,
    notes: Sequence[str] = (),
    *,
    not_available: Collection[str] = (),
    prefix: str = "--",
    scripts: bool = False,
    are_told: bool = False,
) -> None:
    """Print the summary of a result; pytest colours it where the output is a terminal.

    Parameters:
        result: that of the run.
        reporter: pytest's own.
        notes: lines that stand before the verdict.
        not_available: the devices of which a note says that nothing can be judged on them.
        prefix: what options are called by, before their names.
        scripts: whether a script of each failure was written.
        are_told: whether pytest has told what was seen of each failed MUST, so that a line is enough.
    """
    line: Callable[..., None] = reporter.write_line
    if judged_nothing(result):
        line(f"nothing was judged: {result.requirements[0].message}")
    else:
        _tell(result, reporter, not_available, prefix, scripts=scripts, are_told=are_told)
    for note in (*notes, *_like(result)):
        line(note)
    line(f"verdict: {in_words(result)}", bold=True, **{_COLOURS[result.verdict]: True})


def _tell(
    result: Result,
    reporter: pytest.TerminalReporter,
    not_available: Collection[str],
    prefix: str,
    *,
    scripts: bool,
    are_told: bool,
) -> None:
    """Print all that stands before the notes and the verdict."""
    line: Callable[..., None] = reporter.write_line
    for text in ("", *_judged(result), "", *_table(result)):
        line(text)
    # Failures of MUST last, where the eye is: next to the verdict.
    for level in ("SHOULD", "MUST"):
        for failures in _by_cause(result, level):
            line("")
            line(_heading(failures), bold=True, red=level == "MUST", yellow=level == "SHOULD")
            # Of a process that ended pytest knows no input, and of a failed SHOULD nothing.
            is_told = are_told and level == "MUST" and failures[0].outcome is Outcome.FAILED
            for text in _failure(failures, in_full=not is_told):
                line(text)
    for text in (
        *(() if scripts else _reproducer(result, f"{prefix}reproducers")),
        *_not_judged(result, not_available),
        *_missing(result, f"{prefix}only"),
        *_noticed(result),
        *_expected(result),
    ):
        line(text)
    for judgements in by_id(each for each in result.requirements if each.outcome is Outcome.UNEXPECTED_PASS).values():
        line("")
        line(_heading(judgements), bold=True, red=True)
        for message in dict.fromkeys(each.message for each in judgements):
            line(f"  {message}")
    line("")


def _wrapped(text: str, further: str = "  ") -> list[str]:
    return wrap(text, width(), initial_indent="  ", subsequent_indent=further, break_on_hyphens=False)


def _judged(result: Result) -> Iterable[str]:
    judged, where = result.implementation, result.environment
    yield f"judged    {judged.name}" + (f", version {judged.version}" if judged.version else "")
    yield f"file      {judged.file or 'none'}"
    yield f"with      torch {where.torch}, Python {where.python}, {where.platform}"
    yield f"devices   {', '.join(where.devices) or 'none'}"
    drawn = f"seed {result.seed}, {counted(result.examples, 'example')}"
    yield f"inputs    {'; '.join(filter(None, (drawn, small_models.in_words(result))))}"
    yield from (f"model     {model}" for model in result.selection.models)
    yield f"against   specification {result.specification_version}, suite {result.suite_version}"


def _table(result: Result) -> Iterable[str]:
    """Return a line for each utility: requirements passed of those judged, whatever the number of devices."""
    counts: dict[str, dict[str, list[Judgement]]] = defaultdict(lambda: {"MUST": [], "SHOULD": []})
    for each in result.requirements:
        counts[each.id.partition("/")[0]][each.level].append(each)
    yield f"{'passed of judged':30}{'MUST':>12}{'SHOULD':>12}"
    for section in load().sections:
        if section.utility in counts:
            levels = counts[section.utility]
            yield f"{section.utility:30}{passed(levels['MUST']):>12}{passed(levels['SHOULD']):>12}"


def _by_cause(result: Result, level: str) -> list[list[Judgement]]:
    """Return the failures of a level: those of one requirement together, and those that one error explains."""
    shown = FAULTY - {Outcome.BLOCKED, Outcome.UNEXPECTED_PASS}
    causes: dict[object, list[Judgement]] = defaultdict(list)
    for judgements in by_id(x for x in result.requirements if x.level == level and x.outcome in shown).values():
        first = judgements[0]
        causes[(first.outcome, _cause(first.message)) if _cause(first.message) else first.id] += judgements
    return list(causes.values())


def _cause(message: str | None) -> str:
    """Return what is the same in messages of one error: its class and its place; empty if the message is of none."""
    if message is None or "\n" in message:  # a difference has two lines or more
        return ""
    error = re.fullmatch(r".*?(raised \w+).*( \(.*, line [0-9]+\))", message)  # whatever case stands before it
    return "".join(error.groups()) if error else message


def _heading(failures: list[Judgement]) -> str:
    first, count = failures[0], len(by_id(failures))
    what = first.id if count == 1 else counted(count, "requirement")
    return f"{what} ({first.level}) {first.outcome.value}{_on_devices(failures)}"


def _failure(failures: list[Judgement], *, in_full: bool) -> Iterable[str]:
    """Return what is seen of failures with one cause, and the smallest input of one of them, or their names alone."""
    shown = min(failures, key=lambda each: (plainness(each.device), not each.smallest_input))
    ids = list(by_id(failures))
    if len(ids) > 1:
        yield from _wrapped(", ".join(ids))
    elif in_full:
        yield from _wrapped(shown.sentence)
    if not in_full:
        return
    smallest = (shown.smallest_input or "").splitlines()
    if smallest:
        more = [f"… (and {len(smallest) - MOST_INPUT_LINES} more)"] if len(smallest) > MOST_INPUT_LINES else []
        yield f"  {shown.name_of_input}{'' if len(ids) == 1 else f' of {shown.id}'}:"
        yield indent("\n".join(smallest[:MOST_INPUT_LINES] + more), "    ")
    yield "  what was seen:"
    yield indent(shown.message or "", "    ")


def _reproducer(result: Result, option: str) -> Iterable[str]:
    """Return how to get the scripts, which are longer than a screen, and which is the most telling."""
    first = most_telling(result.requirements)
    failed = {each.id for each in result.requirements if each.outcome in FAILED and each.reproducer}
    if failed:
        yield ""
        begin = f"; begin with that of {first.id}" if first is not None and len(failed) > 1 else ""
        yield from wrap(f"{option} DIR writes a script of each failure{begin}", width(), break_on_hyphens=False)


def _not_judged(result: Result, not_available: Collection[str]) -> Iterable[str]:
    """Return a line for each reason for which something was not judged, but for devices that are not there."""
    reasons: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for each in result.requirements:
        if each.device in not_available and each.outcome is Outcome.NOT_APPLICABLE:
            continue
        if each.outcome in (Outcome.BLOCKED, Outcome.NOT_APPLICABLE, Outcome.NOT_RUN):
            reasons[each.outcome.value, each.message or ""].append(each)
    count = Counter(each.id for each in result.requirements)
    for (outcome, reason), judgements in reasons.items():
        wholly = all(len(each) == count[id] for id, each in by_id(judgements).items())
        yield ""
        yield f"{outcome}{_which(judgements, wholly=wholly)} ({reason})"


def _missing(result: Result, option: str) -> Iterable[str]:
    """Return a line that says how to judge only what is there, if some of the six names are missing."""
    outcomes: dict[str, set[Outcome]] = defaultdict(set)
    for each in result.requirements:
        outcomes[each.id.partition("/")[0]].add(each.outcome)
    outcomes.pop("interface", None)
    unjudged = {Outcome.NOT_APPLICABLE, Outcome.NOT_RUN}
    missing = [utility for utility, seen in outcomes.items() if seen - unjudged == {Outcome.BLOCKED}]
    there = [f"{option} {utility}" for utility in outcomes if utility not in missing]
    if missing:
        way = f"to judge only what is there: {' '.join(there)}" if there else "name what has the six names"
        yield ""
        yield from wrap(f"missing: {', '.join(missing)}; {way}", width(), break_on_hyphens=False)


def _noticed(result: Result) -> Iterable[str]:
    """Return a line for each thing that an implementation made a device do where all is well."""
    facts: dict[str, list[Judgement]] = defaultdict(list)
    for each in result.requirements:
        if each.outcome is Outcome.PASSED and each.message:
            facts[each.message].append(each)
    for fact, judgements in facts.items():
        yield ""
        yield f"noticed{_which(judgements)} passed, and the implementation {fact}"


def _expected(result: Result) -> Iterable[str]:
    """Return the requirements that failed as expected, by reason."""
    reasons: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for each in result.requirements:
        if each.outcome is Outcome.EXPECTED_FAILURE:
            reasons[each.id.partition("/")[0], each.reason or ""].append(each)
    yield from ("", "expected failures:") if reasons else ()
    for (_, reason), judgements in reasons.items():
        ids = list(dict.fromkeys(each.id for each in judgements))
        more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        yield from _wrapped(f"{ids[0]}{more}{_on_devices(judgements)}: {reason}", "    ")


def _like(result: Result) -> Iterable[str]:
    """Return a line that says which known implementations behave the same, or nearly the same."""
    words = likeness.in_words(result)
    yield from (f"behaves like {words}",) if words else ()


def _which(judgements: list[Judgement], *, wholly: bool = False) -> str:
    """Return on which devices what is said holds, and of which requirements; of many their number on each device.

    Parameters:
        judgements: those of which something is said.
        wholly: whether it is said of the requirements on all their devices, which need not be named then.
    """
    devices = {id: _on_devices(each) for id, each in by_id(judgements).items()}
    number = counted(len(devices), "requirement")
    if len(set(devices.values())) == 1:
        return f"{_on_devices(judgements)}: {', '.join(devices) if len(devices) <= 3 else number}"
    if len(devices) <= 3:
        return f": {', '.join(f'{id}{on}' for id, on in devices.items())}"
    if wholly:
        return f": {number}"
    counts = Counter(each.device for each in judgements)
    in_order = sorted(counts, key=lambda device: (device is None, plainness(device)))
    each = [f"{counts[device]} {f'on {device}' if device else 'without a device'}" for device in in_order]
    what = "requirement" if counts[in_order[0]] == 1 else "requirements"
    return f": {', '.join(each).replace(' ', f' {what} ', 1)}"


def _on_devices(judgements: list[Judgement]) -> str:
    """Return the devices of some judgements, each once; nothing where no device plays a part."""
    devices = dict.fromkeys(each.device for each in judgements if each.device)
    return f" on {', '.join(devices)}" if devices else ""
