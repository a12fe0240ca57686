"""What a check was trying when its process ended: a worker notes each input before it is tried.

The process that the user sees only hears that a worker is gone. It keeps what that one noted last, for ``ended.py``.
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
_KEPT = ".ended"
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

    def note(self, nodeid: str, drawn: dict[str, Any]) -> None:
        """Note what a check is about to try.

        Parameters:
            nodeid: the check, as pytest names it.
            drawn: its arguments, by name.
        """
        try:
            # Over what was noted before: a pickle says itself where it ends.
            self._file.seek(0)
            self._file.write(_heading(nodeid) + pickle.dumps(drawn))
        except Exception:  # a disk that is full, say: no fault of the implementation
            with suppress(OSError):
                self._file.truncate(0)  # nor what was noted before


def folder_of(config: pytest.Config) -> str | None:
    """Give the folder where this process notes its inputs, or None if it is no worker."""
    folder: str | None = getattr(config, "workerinput", {}).get(FOLDER)
    return folder


def keep(folder: str, worker: str, nodeid: str, limit: float | None) -> Path | None:
    """Keep what a worker that is no more has noted.

    Parameters:
        folder: where the file is.
        worker: the name of the worker.
        nodeid: the check that it was at.
        limit: the time that the check had, in seconds, if it was ended for that.

    Returns:
        The file, which is to be removed when it has been told; None if it would tell nothing.
    """
    noted = Path(folder, worker)
    with suppress(OSError):
        # A check that was long at many inputs has none that would show that it does not end.
        enough = limit is None or time.time() - noted.stat().st_mtime >= long(limit)
        if enough and noted.read_bytes().startswith(_heading(nodeid)):
            return noted.rename(f"{noted}{_KEPT}")
    return None


def long(limit: float) -> float:
    """Say how long one input must have taken to be the one that a check did not end with, in seconds.

    Parameters:
        limit: the time that the check had, in seconds.
    """
    return limit / 2


def _heading(nodeid: str) -> bytes:
    return nodeid.encode() + b"\n"
