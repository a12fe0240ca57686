"""A comparison as a person reads it: in a terminal, and in a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import indent, wrap

from ..outcomes.outcome import Outcome
from ..text import one_line, visible
from .comparison import Change, Comparison, Side
from .markdown import block, code, escaped, line

WIDTH = 100
MOST_LINES = 5
#: Of requirements that merely appeared or disappeared, more than this are counted and not named.
MOST_NAMED = 3


def text(comparison: Comparison) -> str:
    """Write a comparison for a terminal: the verdicts first, and last what it comes to."""
    one, other = comparison.old, comparison.new
    lines = [f"verdict: {_arrow(one.verdict, other.verdict)}", ""]
    lines += [f"old  {_judged(one)}", f"new  {_judged(other)}"]
    lines += [one_line(f"{each.what}: {each.old} → {each.new}") for each in comparison.differences]
    lines += ["", *map(one_line, comparison.notes)] if comparison.notes else []
    for title, changes in _sections(comparison):
        lines += ["", f"{title}: {len(changes)}"]
        for entry in _entries(title, changes):
            names = f"{entry.count} requirements" if entry.count else ", ".join(map(_named, entry.changes))
            said = f"{names}{entry.where}: {entry.outcomes}"
            lines += wrap(said, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
            lines += [indent(entry.message, "    ")] if entry.message else []
    lines += ["", f"unchanged: {comparison.unchanged}", _ending(comparison)]
    return visible("\n".join(lines))


def markdown(comparison: Comparison) -> str:
    """Write a comparison as Markdown."""
    one, other = comparison.old, comparison.new
    parts = [f"**verdict: {escaped(_arrow(one.verdict, other.verdict))}**", f"{escaped(_ending(comparison))}."]
    parts.append(f"From {escaped(_judged(one))} to {escaped(_judged(other))}.")
    if comparison.differences:
        rows = [line(map(escaped, (each.what, each.old, each.new))) for each in comparison.differences]
        parts.append("\n".join(["| differs | old | new |", "| --- | --- | --- |", *rows]))
    parts += map(escaped, comparison.notes)
    for title, changes in _sections(comparison):
        parts.append(f"### {title.capitalize()}: {len(changes)}")
        for entry in _entries(title, changes):
            names = ", ".join(f"{code(change.id)} ({change.level})" for change in entry.changes)
            names = f"{entry.count} requirements" if entry.count else names
            parts.append(f"- {names}{entry.where and f' {escaped(entry.where)}'}: {escaped(entry.outcomes)}")
            parts += [indent(block(entry.message), "  ")] if entry.message else []
    parts.append(f"Unchanged: {comparison.unchanged}.")
    return "\n\n".join(parts)


@dataclass(frozen=True)
class _Entry:
    """Changes that are told together: of one requirement on several devices, or of several that are alike.

    ``count`` is their number where they are not named.
    """

    changes: list[Change]
    devices: tuple[str, ...]
    count: int
    message: str

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


def _sections(comparison: Comparison) -> Iterator[tuple[str, list[Change]]]:
    for title, changes in (
        ("newly failing", comparison.newly_failing),
        ("newly passing", comparison.newly_passing),
        ("otherwise changed", comparison.otherwise_changed),
        ("appeared", comparison.appeared),
        ("disappeared", comparison.disappeared),
    ):
        if changes:
            yield title, changes


def _entries(title: str, changes: Sequence[Change]) -> Iterator[_Entry]:
    """Put together what is alike: first over devices, then over requirements that all say the same."""
    on_devices: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        key = (change.id, change.old, change.new, change.message)
        on_devices.setdefault(key, []).append(change)
    alike: dict[tuple[object, ...], list[list[Change]]] = {}
    for same in on_devices.values():
        first = same[0]
        together = _is_quiet(title, first) or first.new is Outcome.BLOCKED
        what = _said(title, first) if together else (first.id, first.message)
        alike.setdefault((_devices(same), first.old, first.new, first.reason, what), []).append(same)
    for several in alike.values():
        firsts = [same[0] for same in several]
        counted = _is_quiet(title, firsts[0]) and len(firsts) > MOST_NAMED
        message = _said(title, firsts[0])
        yield _Entry(firsts, _devices(several[0]), len(firsts) if counted else 0, message)


def _devices(changes: Sequence[Change]) -> tuple[str, ...]:
    return tuple(change.device for change in changes if change.device is not None)


def _is_quiet(title: str, change: Change) -> bool:
    there = change.new or change.old
    return title in ("appeared", "disappeared") and there in (Outcome.PASSED, Outcome.NOT_APPLICABLE)


def _said(title: str, change: Change) -> str:
    """Give the words of the new judgement where a reader needs them, and not too many."""
    if title == "newly passing" or change.new in (None, Outcome.PASSED) or _is_quiet(title, change):
        return ""
    lines = (change.message or "").splitlines()
    more = [f"… ({len(lines) - MOST_LINES} more lines)"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more])


def _named(change: Change) -> str:
    return one_line(f"{change.id} ({change.level})")


def _arrow(one: str, other: str) -> str:
    return one_line(f"{one} → {other}" if one != other else f"{one}, as before")


def _judged(side: Side) -> str:
    return one_line(f"{side.implementation}{f', version {side.version}' if side.version else ''} ({side.file})")


def _ending(comparison: Comparison) -> str:
    return f"got worse: {comparison.why}" if comparison.worse else comparison.why
