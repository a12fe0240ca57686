"""What a check was trying when its process ended: a worker notes each input before it is tried.

The process that the user sees only hears that a worker is gone; it reads what that one noted last.
"""

from __future__ import annotations

import pickle
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

#: Where a worker notes its inputs, in what pytest-xdist hands it.
FOLDER = "sparsifier_notes"
#: The time that stands for none where a check has no limit, in seconds.
NO_LIMIT = 120.0


class Notebook:
    """The last input of a worker, in a file of its own.

    Parameters:
        folder: where the file is.
        worker: the name of the worker.
    """

    def __init__(self, folder: str, worker: str) -> None:
        self._file = Path(folder, worker).open("wb", buffering=0)  # noqa: SIM115 - as long as the worker is there

    def note(self, nodeid: str, arguments: dict[str, Any]) -> None:
        """Note what a check is about to try.

        Parameters:
            nodeid: the check, as pytest names it.
            arguments: what it was parametrized with and drew, by name.
        """
        try:
            # Over what was noted before: a pickle says itself where it ends.
            self._file.seek(0)
            self._file.write(_heading(nodeid) + pickle.dumps(arguments))
        except Exception:  # a disk that is full, say: no fault of the implementation
            with suppress(OSError):
                self._file.truncate(0)  # nor what was noted before


def folder_of(config: pytest.Config) -> str | None:
    """Return the folder where this process notes its inputs, or None if it is no worker."""
    folder: str | None = getattr(config, "workerinput", {}).get(FOLDER)
    return folder


def last_of(folder: str, worker: str, nodeid: str, limit: float | None) -> bytes | None:
    """Return what a worker that is no more has noted last, for ``arguments_of``, or None if it would tell nothing.

    Parameters:
        folder: where the file is.
        worker: the name of the worker.
        nodeid: the check that it was at.
        limit: the time that the check had, in seconds, if it was ended for that.
    """
    noted = Path(folder, worker)
    with suppress(OSError):
        # A check that was long at many inputs has none that would show that it does not end.
        enough = limit is None or time.time() - noted.stat().st_mtime >= long(limit)
        if enough and (text := noted.read_bytes()).startswith(_heading(nodeid)):
            return text.partition(b"\n")[2]
    return None


def arguments_of(note: bytes) -> dict[str, Any]:
    """Return the arguments of a note. Its classes are those of checks, so this imports torch, but no implementation."""
    arguments: dict[str, Any] = pickle.loads(note)
    return arguments


def long(limit: float) -> float:
    """Return how long one input must have taken to be the one that a check did not end with, in seconds.

    Parameters:
        limit: the time that the check had, in seconds.
    """
    return limit / 2


def _heading(nodeid: str) -> bytes:
    return nodeid.encode() + b"\n"
