"""The reproducers of a result: a file for each failed requirement, and the shortest of all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..devices.names import is_made_up
from ..files import write_whole
from ..outcomes.outcome import Outcome
from ..results.records import Judgement, Result

_FAILURES = (Outcome.FAILED, Outcome.CRASHED, Outcome.TIMED_OUT)
_WRITTEN = (*_FAILURES, Outcome.EXPECTED_FAILURE)


def write_reproducers(result: Result, folder: Path) -> int:
    """Write a script for each failed requirement, expected to fail or not, named after it.

    Parameters:
        result: where the scripts are; of several devices, that of the first counts, and of a real one first.
        folder: where to write them.

    Returns:
        How many there are.

    Raises:
        OSError: if one cannot be written.
    """
    scripts: dict[str, str] = {}
    for judgement in sorted(result.requirements, key=lambda each: is_made_up(each.device)):
        if judgement.outcome in _WRITTEN and judgement.reproducer is not None:
            scripts.setdefault(judgement.id, judgement.reproducer)
    for id, script in scripts.items():
        write_whole(folder / f"{id.replace('/', '.')}.py", script.encode())
    return len(scripts)


def shortest(judgements: Iterable[Judgement]) -> Judgement | None:
    """Give the failure with the shortest reproducer, if there is one: of a MUST, if any of these failed."""
    failures = [each for each in judgements if each.outcome in _FAILURES and each.reproducer is not None]
    return min(failures, key=_must_before_should, default=None)


def _must_before_should(judgement: Judgement) -> tuple[bool, int]:
    return judgement.level != "MUST", len(str(judgement.reproducer).splitlines())
