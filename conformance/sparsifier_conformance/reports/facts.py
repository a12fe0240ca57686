"""The facts of each result in a table: its verdict, its counts, and what it was judged with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..results.records import Result, of_all_devices, passed
from ..specification import Level
from ..text import one_line
from .columns import without_build
from .table import Column

#: What is told of each result only where results differ in it, and of all of them at once where they do not.
_CONDITIONS: dict[str, Callable[[Result], str]] = {
    "torch": lambda result: without_build(result.environment.torch),
    "Python": lambda result: result.environment.python,
    "devices": lambda result: ", ".join(result.environment.devices) or "none",
    "platform": lambda result: result.environment.platform,
    "specification": lambda result: result.specification_version,
    "seed": lambda result: str(result.seed),
    "examples": lambda result: str(result.examples),
}
_IN_A_SENTENCE = {
    "torch": "with torch {}",
    "Python": "with Python {}",
    "devices": "on {}",
    "specification": "against specification {}",
}


def passed_of(column: Column, level: Level) -> str:
    """Say how many requirements of a level passed, of those that were judged."""
    judgements = [of_all_devices(each) for each in column.judgements.values()]
    return passed(each for each in judgements if each.level == level)


def differing(columns: Sequence[Column]) -> dict[str, list[str]]:
    """Give the conditions that differ between results, with a value for each result."""
    return {name: values for name, values in _all(columns).items() if len(set(values)) > 1}


def common(columns: Sequence[Column]) -> str:
    """Say in one sentence which conditions are the same for all results; empty if none are."""
    values = {name: values[0] for name, values in _all(columns).items() if len(set(values)) == 1}
    parts = [words.format(values[name]) for name, words in _IN_A_SENTENCE.items() if name in values]
    return f"All judged {', '.join(parts)}." if parts else ""


def _all(columns: Sequence[Column]) -> dict[str, list[str]]:
    return {name: [one_line(value(each.result)) for each in columns] for name, value in _CONDITIONS.items()}
