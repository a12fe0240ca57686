"""The reproducers of a result: a file for each failed requirement, and the most telling of all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..files import write_whole
from ..outcomes.outcome import Outcome
from ..results.records import Judgement, Result

#: The outcomes that somebody will want to reproduce.
FAILED = (Outcome.FAILED, Outcome.CRASHED, Outcome.TIMED_OUT)
#: A script of more lines than this is long: about two screens.
LONG = 90
#: The outcomes of which there may be a script.
WRITTEN = (*FAILED, Outcome.EXPECTED_FAILURE)


def write_reproducers(result: Result, folder: Path) -> int:
    """Write a script for each failed requirement, expected to fail or not, named after it.

    Parameters:
        result: where the scripts are; of several devices, that of the first counts, which is the plainest.
        folder: where to write them.

    Returns:
        How many there are.

    Raises:
        OSError: if one cannot be written.
    """
    scripts: dict[str, str] = {}
    for judgement in result.requirements:
        if judgement.outcome in WRITTEN and judgement.reproducer is not None:
            scripts.setdefault(judgement.id, judgement.reproducer)
    for id, script in scripts.items():
        write_whole(file_of(id, folder), script.encode())
    return len(scripts)


def file_of(id: str, folder: Path) -> Path:
    """Return the file for the script of a requirement."""
    return folder / f"{id.replace('/', '.')}.py"


def most_telling(judgements: Iterable[Judgement]) -> Judgement | None:
    """Return the failed MUST whose script explains most, if one failed that has a script.

    That is the first in the order of the specification whose script is not long, for a utility's plain requirements
    stand before the special ones there; those of the interface, which ask for several names at once, come last. If all
    are long it is the shortest. Where a name is missing no script says more than that.
    """
    seen = list(judgements)
    failures = [each for each in seen if each.level == "MUST" and each.outcome in FAILED and each.reproducer]
    if any(each.outcome is Outcome.BLOCKED for each in seen):
        failures = [each for each in failures if not each.id.startswith("interface/")]
    failures.sort(key=lambda each: each.id.startswith("interface/"))
    short = (each for each in failures if _lines(each) <= LONG)
    return next(short, None) or min(failures, key=_lines, default=None)


def _lines(judgement: Judgement) -> int:
    return len(str(judgement.reproducer).splitlines())
