"""A comparison as a person reads it: in a terminal, and in a pull request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from textwrap import indent, wrap
from typing import NamedTuple

from ..outcomes.outcome import Outcome
from ..text import counted, one_line, visible, width
from .comparison import Change, Comparison, Side
from .markdown import block, code, escaped, line

#: Two places at which something differs, each with what was expected and what was got.
MOST_LINES = 6
#: What all numbers of a comparison are of.
COUNTED = "a requirement counts once for each device"
#: Of requirements that merely appeared or disappeared, or were not run, more than this are counted and not named.
MOST_NAMED = 3


def text(comparison: Comparison) -> str:
    """Return a comparison for a terminal: the verdicts first, and last what it comes to."""
    one, other = comparison.old, comparison.new
    lines = [f"verdict: {_arrow(one.verdict, other.verdict)}", ""]
    lines += [f"old  {_judged(one)}", f"new  {_judged(other)}"]
    lines += [one_line(f"{each.what}: {each.old} → {each.new}") for each in comparison.differences]
    lines += ["", *map(one_line, comparison.notes)] if comparison.notes else []
    for title, count, entries in _sections(comparison):
        lines += ["", f"{title}: {count}"]
        for entry in entries:
            said = f"{entry.named(_named)}{entry.where}: {entry.outcomes}"
            lines += wrap(said, width(), initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
            lines += [indent(entry.message, "    ")] if entry.message else []
    lines += ["", f"unchanged: {comparison.unchanged} ({COUNTED})", _ending(comparison)]
    return visible("\n".join(lines))


def markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown."""
    one, other = comparison.old, comparison.new
    parts = [f"**verdict: {escaped(_arrow(one.verdict, other.verdict))}**", f"{escaped(_ending(comparison))}."]
    parts.append(f"From {escaped(_judged(one))} to {escaped(_judged(other))}.")
    if comparison.differences:
        rows = [line(map(escaped, (each.what, each.old, each.new))) for each in comparison.differences]
        parts.append("\n".join(["| differs | old | new |", "| --- | --- | --- |", *rows]))
    parts += map(escaped, comparison.notes)
    for title, count, entries in _sections(comparison):
        parts.append(f"### {title.capitalize()}: {count}")
        for entry in entries:
            names = entry.named(lambda change: f"{code(change.id)} ({change.level})")
            parts.append(f"- {names}{entry.where and f' {escaped(entry.where)}'}: {escaped(entry.outcomes)}")
            parts += [indent(block(entry.message), "  ")] if entry.message else []
    parts.append(f"Unchanged: {comparison.unchanged} ({COUNTED}).")
    return "\n\n".join(parts)


class _Entry(NamedTuple):
    """Changes that are shown together: of one requirement on several devices, and of requirements that are alike."""

    changes: list[Change]
    devices: tuple[str, ...]
    message: str
    is_counted: bool

    @property
    def where(self) -> str:
        return f" on {', '.join(self.devices)}" if self.devices else ""

    @property
    def outcomes(self) -> str:
        change = self.changes[0]
        if change.old is not None and change.new is not None:
            return f"{change.old.value} → {change.new.value}"
        there = change.new or change.old
        assert there is not None
        return f"{there.value} ({'old' if change.old is None else 'new'} result: {change.reason})"

    def named(self, name: Callable[[Change], str]) -> str:
        return counted(len(self.changes), "requirement") if self.is_counted else ", ".join(map(name, self.changes))


def _sections(comparison: Comparison) -> Iterator[tuple[str, int, list[_Entry]]]:
    """Return the kinds of changes that there are, each with the number of changes and its entries."""
    for kind in ("newly_failing", "newly_passing", "otherwise_changed", "appeared", "disappeared"):
        changes, title = getattr(comparison, kind), kind.replace("_", " ")
        if changes:
            yield title, len(changes), list(_entries(title, changes))


def _entries(title: str, changes: Sequence[Change]) -> Iterator[_Entry]:
    on_devices: dict[tuple[object, ...], list[Change]] = defaultdict(list)
    for change in changes:
        on_devices[change.id, change.old, change.new, change.message].append(change)
    alike: dict[tuple[tuple[str, ...], str, tuple[object, ...]], list[Change]] = defaultdict(list)
    for first, *others in on_devices.values():
        devices = tuple(each.device for each in (first, *others) if each.device is not None)
        alike[devices, _said(title, first), (first.old, first.new, first.reason)].append(first)
    for (devices, message, _), firsts in alike.items():
        is_quiet = _is_quiet(title, firsts[0]) or firsts[0].new is Outcome.NOT_RUN
        counted = is_quiet and len(firsts) > MOST_NAMED
        yield _Entry(firsts, devices, message, counted)


def _is_quiet(title: str, change: Change) -> bool:
    there = change.new or change.old
    return title in ("appeared", "disappeared") and there in (Outcome.PASSED, Outcome.NOT_APPLICABLE)


def _said(title: str, change: Change) -> str:
    """Return the words of the new judgement where a reader needs them, and not too many."""
    if title == "newly passing" or change.new in (None, Outcome.PASSED) or _is_quiet(title, change):
        return ""
    lines = (change.message or "").splitlines()
    more = [f"… (and {len(lines) - MOST_LINES} more)"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more])


def _named(change: Change) -> str:
    return one_line(f"{change.id} ({change.level})")


def _arrow(one: str, other: str) -> str:
    return one_line(f"{one} → {other}" if one != other else f"{one}, as before")


def _judged(side: Side) -> str:
    return one_line(f"{side.implementation}{f', version {side.version}' if side.version else ''} ({side.file})")


def _ending(comparison: Comparison) -> str:
    return f"got worse: {comparison.why}" if comparison.worse else comparison.why
