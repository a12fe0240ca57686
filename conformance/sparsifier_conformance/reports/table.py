"""Results side by side: implementations are columns, requirements are rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..outcomes.outcome import Outcome
from ..results.records import Judgement, Result, of_all_devices
from ..specification import Level
from ..text import counted
from .columns import Column, columns, joint, version_order

NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Cell:
    """What became of one requirement in one result.

    ``outcome`` is the worst on any device, or None where it was not judged; ``devices`` are those that it was
    seen on, if others saw another one; ``reason`` says why nothing was judged.
    """

    outcome: Outcome | None
    devices: tuple[str, ...]
    words: str
    judgements: tuple[Judgement, ...]
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One requirement, with a cell for each result."""

    id: str
    level: Level
    sentence: str
    cells: tuple[Cell, ...]

    @property
    def utility(self) -> str:
        """The utility that the requirement is about."""
        return self.id.partition("/")[0]

    @cached_property
    def outcomes(self) -> list[str]:
        """What became of it, each different answer once; results that do not judge it do not count."""
        return list(dict.fromkeys(cell.words for cell in self.cells if cell.outcome is not None))

    @property
    def differs(self) -> bool:
        """Whether not all results say the same."""
        return len(self.outcomes) > 1

    @property
    def passed(self) -> bool:
        """Whether it passed wherever it was judged."""
        return self.outcomes == [Outcome.PASSED.value]

    @property
    def everywhere(self) -> bool:
        """Whether every result judges it."""
        return all(cell.outcome is not None for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """The whole: columns, rows by utility, and what a reader must know of how they were made."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @cached_property
    def utilities(self) -> dict[str, list[Row]]:
        """The rows of each utility, MUST before SHOULD."""
        grouped: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            grouped[row.utility].append(row)
        return dict(grouped)

    @cached_property
    def merged(self) -> list[list[int]]:
        """The positions of columns, those together in which every cell says the same."""
        alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for index in range(len(self.columns)):
            alike[tuple(row.cells[index].words for row in self.rows)].append(index)
        return list(alike.values())

    def heading(self, indices: Sequence[int]) -> str:
        """Return the names of some columns together."""
        return joint([self.columns[index].name for index in indices])


def make(results: Sequence[tuple[Path, Result]]) -> Table:
    """Return results side by side.

    Rows come in the order of the newest specification that a result follows, utility by utility.

    Parameters:
        results: with the file that each came from; at least one, and no file twice.
    """
    made = columns(results)
    newest_first = sorted(made, key=lambda each: version_order(each.result.specification_version), reverse=True)
    requirements: dict[str, Judgement] = {}
    for column in newest_first:
        for judgement in column.result.requirements:
            requirements.setdefault(judgement.id, judgement)
    utilities = list(dict.fromkeys(id.partition("/")[0] for id in requirements))
    ordered = sorted(
        requirements.values(), key=lambda each: (utilities.index(each.id.partition("/")[0]), each.level == "SHOULD")
    )
    rows = tuple(
        Row(each.id, each.level, each.sentence, tuple(_cell(each.id, each.level, column) for column in made))
        for each in ordered
    )
    return Table(tuple(made), rows, tuple(_notes(made, rows)))


def why_absent(id: str, level: Level, result: Result) -> str:
    """Return why a result does not have a requirement that another one has.

    Parameters:
        id: that of the requirement.
        level: that of the requirement, as the other result has it.
        result: the one that does not have it.
    """
    only = result.selection.only
    if (only and id not in only and id.partition("/")[0] not in only) or (
        level == "SHOULD" and result.selection.level == "MUST"
    ):
        return "not requested in this run"
    if result.partial:
        return "this run judged a part of the specification"
    return f"specification {result.specification_version} does not have it"


def texts(judgement: Judgement) -> tuple[tuple[str, str], ...]:
    """Return whatever a judgement says in words, each with what it is."""
    labelled = (
        ("message", judgement.message),
        (judgement.name_of_input, judgement.smallest_input),
        ("reason", judgement.reason),
        ("reproducer", judgement.reproducer),
    )
    return tuple((label, text) for label, text in labelled if text)


def _cell(id: str, level: Level, column: Column) -> Cell:
    judgements = column.judgements.get(id)
    if judgements is None:
        return Cell(None, (), NOT_JUDGED, (), why_absent(id, level, column.result))
    outcome = of_all_devices(judgements).outcome
    applicable = [each for each in judgements if each.outcome is not Outcome.NOT_APPLICABLE]
    devices: dict[Outcome, list[str]] = defaultdict(list)
    for each in applicable:
        devices[each.outcome].append(each.device or "no device")
    if len(devices) <= 1:
        return Cell(outcome, (), outcome.value, tuple(judgements))
    shown = sorted((each for each in devices if each is not Outcome.PASSED), key=lambda each: each is not outcome)
    words = "; ".join(f"{each.value} on {', '.join(devices[each])}" for each in shown)
    return Cell(outcome, tuple(devices[outcome]), words, tuple(judgements))


def _notes(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    """Return what a reader must know when results follow different specifications."""
    versions = sorted({column.result.specification_version for column in columns}, key=version_order)
    sentences: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for column in columns:
        for judgement in column.result.requirements:
            sentences[judgement.id].add((judgement.level, judgement.sentence))
    reworded = [id for id, different in sentences.items() if len(different) > 1]
    notes = []
    if len(versions) > 1:
        lacking = [row.id for row in rows if any("does not have it" in cell.reason for cell in row.cells)]
        notes.append(
            f"The results follow different specifications ({', '.join(versions)}); "
            f"{_requirements(len(lacking))} not in all of them."
        )
    if reworded:
        notes.append(
            f"The sentences of {', '.join(reworded)} differ between results; "
            "those of the newest specification are shown, and each outcome is of its own."
        )
    return notes


def _requirements(count: int) -> str:
    return f"{counted(count, 'requirement')} {'is' if count == 1 else 'are'}"
