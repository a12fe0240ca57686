"""What checks were trying when their processes ended: told at the end of a session, by a process of its own.

Run as a script it is that process. It has torch and the checks, but not the implementation, which may have changed
torch: so it can run a check with the reference, and see what is expected.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .last_inputs import NO_LIMIT, long

#: What the reproducer of such a check says of it.
ENDED = "the process of the check ended, or did not come to an end"
#: The time that the process may take: to import torch, and to run each check once, in seconds.
_TO_IMPORT, _TO_RUN = 120.0, 10.0


def tell(
    notes: Mapping[str, Path], devices: Mapping[str, str | None], about: dict[str, Any], limit: float
) -> dict[str, dict[str, str | None]]:
    """Say of each check what it was trying, and make a reproducer of it.

    Parameters:
        notes: what was noted last, by check.
        devices: the device that each check ran on, as it was asked for.
        about: the implementation and the environment, as ``about.about`` describes them.
        limit: the time that a check had, in seconds; 0 for no limit.

    Returns:
        For each check of which the note tells, its smallest input and reproducer.
    """
    answers = next(iter(notes.values())).with_name("answers")
    path = [str(Path(folder).absolute()) for folder in sys.path if folder]
    task = {
        "path": path,
        "folder": str(Path.cwd()),
        "checks": [[nodeid, devices[nodeid], str(note)] for nodeid, note in notes.items()],
        "about": about,
        "seconds": long(limit or NO_LIMIT),
        "answers": str(answers),
    }
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):  # what was told by then is worth as much
        subprocess.run(
            [sys.executable, "-W", "ignore", "-m", __name__],
            input=json.dumps(task).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            cwd=answers.parent,  # where nothing hides what is installed
            timeout=_TO_IMPORT + _TO_RUN * len(notes),
        )
    lines = answers.read_text(encoding="utf-8").splitlines() if answers.exists() else []
    told: dict[str, dict[str, str | None]] = {}
    for line in lines:
        with suppress(ValueError):  # the end of one that was cut short
            told.update(json.loads(line))
    return told


def answer(task: dict[str, Any]) -> None:
    """Write down, check by check, what is asked.

    Parameters:
        task: the ``path`` to import from and the current ``folder``; the ``checks``, each with its device and the file
            of its note; what is known ``about`` the implementation; the ``seconds`` that an input took if its process
            was ended for that; and the file for the ``answers``.
    """
    gc.disable()  # this process ends soon, and importing torch would look for garbage over and over
    sys.path[:] = task["path"]
    os.chdir(task["folder"])
    from ..devices.registry import missing
    from ..implementations import load

    def is_missing(check: list[Any]) -> bool:
        return missing(check[1] or "cpu") is not None  # to ask makes a device that is made up, before any gradient

    with Path(task["answers"]).open("w", encoding="utf-8") as answers:
        for check in sorted(task["checks"], key=is_missing):
            with suppress(Exception):  # whatever the end of a process left there; it is told without
                if is_missing(check):
                    load(task["about"]["implementation"]["where"])  # for a vendor's device may come with it
                nodeid, device, note = check
                told = _told(nodeid, device, Path(note), task["about"], task["seconds"])
                print(json.dumps({nodeid: told}), file=answers, flush=True)


def _told(nodeid: str, device: str | None, note: Path, about: dict[str, Any], seconds: float) -> dict[str, str | None]:
    from importlib import import_module

    from ..outcomes.failure import Capture, Ended
    from ..outcomes.reproducer.writing import reproducer
    from ..outcomes.wording import drawn_input
    from ..specification import load
    from .session import requirement_of

    file, _, name = nodeid.partition("[")[0].partition("::")
    check: Any = getattr(import_module(f"sparsifier_conformance.suite.{Path(file).stem}"), name)
    drawn = pickle.loads(note.read_bytes().partition(b"\n")[2])
    inner = check.hypothesis.inner_test if hasattr(check, "hypothesis") else check
    capture = Capture(inner, drawn, error=Ended(ENDED, seconds))
    told: dict[str, str | None] = {"smallest_input": drawn_input(drawn), "reproducer": None}
    with suppress(Exception):
        told["reproducer"] = reproducer(capture, device, load().requirements[requirement_of(nodeid)], ENDED, about)
    return told


if __name__ == "__main__":
    answer(json.load(sys.stdin))
