"""The result of a run: its records, its verdict, and the file that holds it.

The records below are the single source of the JSON Schema that is published as ``result.schema.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import msgspec

from ..files import write_whole
from ..specification import Level

FORMAT_VERSION = 2


class Outcome(str, Enum):
    """What became of one requirement on one device."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not applicable"
    EXPECTED_FAILURE = "expected failure"
    UNEXPECTED_PASS = "unexpected pass"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    NOT_RUN = "not run"


#: From the worst to the best: of several checks of one requirement the worst outcome counts.
_WORST_FIRST = (
    Outcome.CRASHED,
    Outcome.TIMED_OUT,
    Outcome.FAILED,
    Outcome.UNEXPECTED_PASS,
    Outcome.BLOCKED,
    Outcome.NOT_RUN,
    Outcome.EXPECTED_FAILURE,
    Outcome.NOT_APPLICABLE,
    Outcome.PASSED,
)
#: The outcomes that count against an implementation.
FAULTY = frozenset({Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.FAILED, Outcome.UNEXPECTED_PASS, Outcome.BLOCKED})


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
    nothing did; ``smallest_input`` is torch code that builds the smallest input found to fail, or the one
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


class Selection(_Record, frozen=True):
    """What the run was asked for: ids and utilities (none for all), the lowest level, and the devices."""

    only: list[str]
    level: Level
    devices: list[str]


class Result(_Record, frozen=True):
    """The result of one run, and the whole of a result file."""

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
    started: str
    duration: Annotated[float, msgspec.Meta(ge=0)]
    requirements: list[Judgement]


class ResultError(ValueError):
    """A file is not a result of this format; the message names it and says why."""


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """Give the judgement that counts among those of several checks of one requirement on one device.

    Returns:
        The first of the worst ones, with the durations added up.
    """
    all_of_them = list(judgements)
    counting = min(all_of_them, key=lambda judgement: _WORST_FIRST.index(judgement.outcome))
    return msgspec.structs.replace(counting, duration=sum(judgement.duration for judgement in all_of_them))


def is_failed_must(level: Level, outcome: Outcome) -> bool:
    """Tell whether one outcome decides that an implementation does not conform."""
    return level == "MUST" and outcome in FAULTY - {Outcome.UNEXPECTED_PASS}


def verdict_of(
    judgements: Iterable[Judgement], *, missing_devices: bool = False, stopped_at_failure: bool = False
) -> Verdict:
    """Draw the verdict from the judgements of a run.

    Parameters:
        judgements: one for each requirement and device.
        missing_devices: whether a device that was asked for is not there, so that nobody is told that
            an implementation holds on it.
        stopped_at_failure: whether the run ended where a MUST failed, as it was asked to, so that what was not run
            could change nothing.
    """
    seen = list(judgements)
    if stopped_at_failure and any(is_failed_must(each.level, each.outcome) for each in seen):
        return Verdict.DOES_NOT_CONFORM
    if any(judgement.outcome is Outcome.NOT_RUN for judgement in seen):
        return Verdict.INCOMPLETE
    if any(judgement.level == "MUST" and judgement.outcome in FAULTY for judgement in seen):
        return Verdict.DOES_NOT_CONFORM
    if missing_devices or not any(judgement.outcome is not Outcome.NOT_APPLICABLE for judgement in seen):
        return Verdict.INCOMPLETE
    if any(judgement.outcome is Outcome.UNEXPECTED_PASS for judgement in seen):
        return Verdict.DOES_NOT_CONFORM
    shoulds = [judgement for judgement in seen if judgement.level == "SHOULD"]
    met = all(judgement.outcome in (Outcome.PASSED, Outcome.NOT_APPLICABLE) for judgement in seen)
    return Verdict.CONFORMS_IN_FULL if shoulds and met else Verdict.CONFORMS


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a result file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Result)}


def write(result: Result, path: Path) -> None:
    """Write a result file, whole or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
    write_whole(path, text)


def read(path: Path) -> Result:
    """Read a result file, and check it against the records.

    Raises:
        ResultError: if it is missing, truncated, of another format version, or no result file.
    """
    try:
        text = path.read_bytes()
        version = msgspec.json.decode(text, type=_FormatVersion).format_version
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise ResultError(f"{path} is not a result file: {error}") from None
    if version != FORMAT_VERSION:
        raise ResultError(f"{path} has format version {version}; this version reads format version {FORMAT_VERSION}")
    try:
        return msgspec.json.decode(text, type=Result)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ResultError(f"{path} is not a whole result file: {error}") from None


class _FormatVersion(msgspec.Struct):
    """As much of a document as tells which version it has."""

    format_version: int


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
