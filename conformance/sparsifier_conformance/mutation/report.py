"""What became of mutants, as a person reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..specification import load
from ..text import counted, visible
from .records import Fate, Mutation, Tried


def lines(mutation: Mutation) -> Iterator[str]:
    """Yield the lines of a report: equivalent mutants and their reasons, survivors as diffs, and the count, last."""
    for each in mutation.of(Fate.EQUIVALENT):
        yield f"equivalent {_named(each)}: {each.reason}"
    for each in mutation.of(Fate.SURVIVING):
        yield f"\nsurvivor {_named(each)}\n{visible(each.diff)}"
    yield ""
    yield from mutation.stale
    yield from _left_out(mutation)
    told = mutation.of(Fate.TOLD)
    requirements = load().requirements
    ways = Counter("a check" if each.by in requirements else str(each.by) for each in told)
    if told:
        yield f"told by {', '.join(f'{way}: {count}' for way, count in ways.most_common())}"
    yield count(mutation)


def count(mutation: Mutation) -> str:
    """Return how many mutants are told, of how many."""
    if not mutation.counted:
        return f"interrupted before any of {counted(mutation.made, 'mutant')} was judged"
    told, of_all = len(mutation.of(Fate.TOLD)), mutation.counted
    mutants = f"{counted(of_all, 'mutant')} {'is' if of_all == 1 else 'are'}"
    parts = [f"{told} of {mutants} told", f"{100 * told // of_all} %"]
    for fate in (Fate.EQUIVALENT, Fate.SURVIVING):
        parts += [f"{len(found)} {fate.value}" for found in [mutation.of(fate)] if found]
    if mutation.interrupted:
        parts.append(f"interrupted after {len(mutation.tried)} of {mutation.made}")
    return ", ".join(parts)


def _left_out(mutation: Mutation) -> Iterator[str]:
    if mutation.not_met:
        yield f"requirements that the original does not meet, so that they tell nothing: {len(mutation.not_met)}"
    broken = mutation.of(Fate.BROKEN)
    if broken:
        yield f"cannot be imported, so not counted: {', '.join(each.id for each in broken)}"


def _named(mutant: Tried) -> str:
    place = f", {mutant.function}" if mutant.function else ""
    return f"{mutant.id} in {mutant.module}{place}, line {mutant.line} ({mutant.operator})"
