"""The columns of a table: each result with its name, its counts, and what it was judged with."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

from ..results.records import Judgement, Result, passed
from ..specification import Level
from ..text import counted, one_line
from . import likeness


class Name(NamedTuple):
    """The name of a result: the implementation, and what distinguishes it from other results of that."""

    implementation: str
    rest: str

    def __str__(self) -> str:
        return joint([self])


@dataclass(frozen=True)
class Column:
    """One result, its name, and the file that it came from."""

    name: Name
    file: Path
    result: Result

    @cached_property
    def judgements(self) -> dict[str, list[Judgement]]:
        """The judgements of each requirement, one for each device."""
        return self.result.by_id()

    def passed(self, level: Level) -> str:
        """Return how many requirements of a level passed, of those that were judged."""
        return passed(each for each in self.result.requirements if each.level == level)


def columns(results: Sequence[tuple[Path, Result]]) -> list[Column]:
    """Return some results as columns in the order of their implementations, and of versions of one.

    A name says the version; where that is not enough, the version of torch; where that is not enough, the file.

    Parameters:
        results: with the file that each came from; no file twice.
    """
    found = [Name(_implementation(result), without_build(result.implementation.version or "")) for _, result in results]
    torchs = [f"(torch {without_build(result.environment.torch)})" for _, result in results]
    for detail in (torchs, [f"({one_line(str(file))})" for file, _ in results]):
        names, detailed = Counter(found), Counter(zip(found, detail, strict=True))
        found = [
            # Only where it distinguishes one from another of the same name.
            name if names[name] == detailed[name, text] else Name(name.implementation, f"{name.rest} {text}".strip())
            for name, text in zip(found, detail, strict=True)
        ]
    made = [Column(name, *each) for name, each in zip(found, results, strict=True)]
    order = list(dict.fromkeys(name.implementation for name in found))
    return sorted(
        made,
        key=lambda column: (
            order.index(column.name.implementation),
            version_order(column.result.implementation.version or ""),
            version_order(column.result.environment.torch),
        ),
    )


def joint(several: Sequence[Name]) -> str:
    """Return some names together: each implementation once."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for name in several:
        grouped[name.implementation] += [name.rest] if name.rest else []
    return "; ".join(f"{implementation} {', '.join(rest)}".strip() for implementation, rest in grouped.items())


def without_build(version: str) -> str:
    """Return a version without the part that names a build, such as ``+cpu``."""
    return one_line(version.partition("+")[0])


def version_order(version: str) -> tuple[int, Version, str]:
    """Return a key that sorts versions as PEP 440 does, those that it does not know first."""
    try:
        return (1, Version(version), version)
    except InvalidVersion:
        return (0, Version("0"), version)


def _implementation(result: Result) -> str:
    """Return the short name: one that is registered, a file's own, or that of the package."""
    where = result.implementation.where
    if re.search(r"[/\\]|\.py(:|$)", where):
        return one_line(re.split(r"[/\\]", where)[-1])
    source, colon, attribute = where.partition(":")
    return one_line(source.partition(".")[0] + colon + attribute)


#: What is shown of each result only where results differ in it, and of all of them at once where they do not; with
#: the words for all of them, if it is worth a word.
CONDITIONS: dict[str, tuple[Callable[[Result], str], str]] = {
    "torch": (lambda result: without_build(result.environment.torch), "with torch {}"),
    "Python": (lambda result: result.environment.python, "with Python {}"),
    "devices": (lambda result: ", ".join(result.environment.devices) or "none", "on {}"),
    "platform": (lambda result: result.environment.platform, ""),
    "specification": (lambda result: result.specification_version, "against specification {}"),
    "date": (lambda result: result.started[:10], "begun on {}"),
    "seed": (lambda result: str(result.seed), ""),
    "examples": (lambda result: str(result.examples), ""),
    "exhaustive": (lambda result: counted(result.exhaustive, "module"), ""),
    "behaves like": (lambda result: likeness.in_words(result) or "cannot be told", ""),
}


def differing(columns: Sequence[Column]) -> dict[str, list[str]]:
    """Return the conditions that differ between results, with a value for each result."""
    return {name: values for name, values in conditions(columns).items() if len(set(values)) > 1}


def common(columns: Sequence[Column], shown: Callable[[str, str], str] = lambda name, value: value) -> str:
    """Return a sentence about the conditions that are the same for all results; empty if none are.

    Parameters:
        columns: the results.
        shown: returns what stands for a condition in the sentence, from its name and its value.
    """
    same = {name: values[0] for name, values in conditions(columns).items() if len(set(values)) == 1}
    parts = [words.format(shown(name, same[name])) for name, (_, words) in CONDITIONS.items() if name in same and words]
    return f"All judged {', '.join(parts)}." if parts else ""


def conditions(columns: Sequence[Column]) -> dict[str, list[str]]:
    """Return all conditions, with a value for each result."""
    return {name: [one_line(value(each.result)) for each in columns] for name, (value, _) in CONDITIONS.items()}
