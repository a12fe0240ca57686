"""The result of a run: its records, and the questions that they answer.

The records below are the single source of the JSON Schema that is published as ``result.schema.json``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import Enum
from typing import Annotated

import msgspec

from ..outcomes.outcome import Outcome
from ..specification import Level

FORMAT_VERSION = 3


class Verdict(str, Enum):
    """What the outcomes come to."""

    CONFORMS = "conforms"
    CONFORMS_IN_FULL = "conforms in full"
    DOES_NOT_CONFORM = "does not conform"
    INCOMPLETE = "incomplete"


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the document: nothing unknown, nothing left out."""


class Implementation(_Record, frozen=True):
    """What was judged: as it was named, and what it turned out to be."""

    where: str
    name: str
    version: str | None
    file: str | None


class Environment(_Record, frozen=True):
    """Where it was judged."""

    torch: str
    python: str
    platform: str
    devices: list[str]


class Judgement(_Record, frozen=True):
    """The outcome of one requirement on one device (None where the device plays no part).

    ``duration`` is in seconds. ``message`` says what happened instead of what was required, or why
    nothing did; of what passed, what the implementation made the device do that costs time.
    ``smallest_input`` is torch code that builds the smallest input found to fail, or the one
    at which the process ended; ``reason`` is why a failure was expected; ``reproducer`` is a script that fails
    as the check did, and needs none of ours.
    """

    id: str
    level: Level
    sentence: str
    device: str | None
    outcome: Outcome
    duration: Annotated[float, msgspec.Meta(ge=0)]
    message: str | None = None
    smallest_input: str | None = None
    reason: str | None = None
    reproducer: str | None = None

    @property
    def name_of_input(self) -> str:
        """What the input of a failure is: where a process ended, nobody has looked for a smaller one."""
        ended = self.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT)
        return "the input that it had reached" if ended else "smallest input"


class Selection(_Record, frozen=True):
    """What the run was asked for: ids and utilities (none for all), the lowest level, the devices, own models."""

    only: list[str]
    level: Level
    devices: list[str]
    models: list[str] = []


class SmallModels(_Record, frozen=True):
    """How many ``checks`` that go through every small model were selected, and the requirements of those unfinished."""

    checks: int
    unfinished: list[str]


class Result(_Record, frozen=True):
    """The result of one run, and the whole of a result file.

    ``partial`` says whether some requirements of the specification were not selected. What was selected and not reached
    is there, as ``not run``.
    ``examples`` inputs were drawn for each property, a quarter of them on devices without values. Every model of up to
    ``exhaustive`` modules was tried by the checks of ``small_models``, but for the unfinished ones: they ended before,
    or were not reached.
    """

    format_version: Annotated[int, msgspec.Meta(ge=FORMAT_VERSION, le=FORMAT_VERSION)]
    suite_version: str
    specification_version: str
    verdict: Verdict
    partial: bool
    implementation: Implementation
    environment: Environment
    selection: Selection
    seed: int
    examples: int
    exhaustive: int
    started: str
    duration: Annotated[float, msgspec.Meta(ge=0)]
    requirements: list[Judgement]
    small_models: SmallModels | None = None

    def by_id(self) -> dict[str, list[Judgement]]:
        """Return the judgements of each requirement, one for each device, in their order."""
        return by_id(self.requirements)


def by_id(judgements: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """Return the judgements of each requirement, in the order in which they come."""
    grouped: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        grouped[judgement.id].append(judgement)
    return dict(grouped)


def judged_nothing(result: Result) -> bool:
    """Return whether a run ended before any requirement was judged."""
    return {each.outcome for each in result.requirements} == {Outcome.NOT_RUN}


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """Return the judgement that counts among those of several checks of one requirement on one device.

    Returns:
        The first of the worst ones, of which those with a message come first, with the durations added up.
    """
    all_of_them = list(judgements)
    counting = min(all_of_them, key=lambda each: (_WORST_FIRST.index(each.outcome), each.message is None))
    if counting.outcome is Outcome.NOT_APPLICABLE and any(each.outcome is Outcome.PASSED for each in all_of_them):
        counting = msgspec.structs.replace(counting, message=f"{counting.message or ''}; the other checks passed")
    return msgspec.structs.replace(counting, duration=sum(judgement.duration for judgement in all_of_them))


def of_all_devices(judgements: Iterable[Judgement]) -> Judgement:
    """Return the judgement that stands for all devices: one that a requirement does not apply to says nothing."""
    all_of_them = list(judgements)
    applicable = [each for each in all_of_them if each.outcome is not Outcome.NOT_APPLICABLE]
    return worst(applicable or all_of_them)


def passed(judgements: Iterable[Judgement]) -> str:
    """Return how many requirements passed, of those that were judged on some device at least: ``3 of 4``.

    Parameters:
        judgements: one for each requirement and device.
    """
    judged = (each for each in judgements if each.outcome not in (Outcome.NOT_APPLICABLE, Outcome.NOT_RUN))
    outcomes = [worst(each).outcome for each in by_id(judged).values()]
    count = sum(each in (Outcome.PASSED, Outcome.UNEXPECTED_PASS) for each in outcomes)
    return f"{count} of {len(outcomes)}" if outcomes else "-"


_WORST_FIRST = list(Outcome)
