"""Standard output that outlives its reader: what cannot be written to it changes nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any


class Output:
    """Writes to a stream for as long as that can be written to, and to another one from then on.

    Parameters:
        stream: standard output, or None if it is closed.
        instead: where the text goes then, unless a reader left of its own accord.
    """

    def __init__(self, stream: Any, instead: Any) -> None:
        self._stream, self._instead = stream, instead
        #: Why standard output could not be written to; None also if its reader went away, which is no fault.
        self.problem: str | None = None if stream is not None else "it is closed"
        if stream is None:
            self._stream = instead

    def write(self, text: str) -> int:
        """Write a text at once, since what is kept may be lost."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError) as error:
            lost = self._stream
            left = isinstance(error, BrokenPipeError) or lost is self._instead
            self._stream = open(os.devnull, "w", encoding="utf-8") if left else self._instead  # noqa: PTH123, SIM115
            if not left:
                self.problem = getattr(error, "strerror", None) or str(error)
            with suppress(OSError, ValueError):  # else Python complains once more when it ends
                os.dup2(os.open(os.devnull, os.O_WRONLY), lost.fileno())
            if not left:
                self.write(text)
        return len(text)

    def flush(self) -> None:
        """Do nothing: all is written."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def lasting_output() -> Generator[Output, None, None]:
    """Let standard output be such a stream, in which characters that its encoding lacks are escaped; so is stderr."""
    before = sys.stdout, sys.stderr
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream: Any = getattr(sys, name)
        if stream is None:  # closed; the next file that is opened must not take its place
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = errors = Output(sys.stderr, sys.stderr)
    output = Output(sys.stdout, errors)
    sys.stdout = output
    try:
        yield output
    finally:
        sys.stdout, sys.stderr = before
