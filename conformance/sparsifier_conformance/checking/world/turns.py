"""Calls in two threads of which one runs at a time: a line of Python each, in turn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

from .circumstances import in_threads

#: For how many seconds one waits for the other, which may itself wait for a lock that the first one holds.
PATIENCE = 0.1
#: After how many turns both go on as they like: many times as many lines as a look-up in a small model takes.
TURNS = 5000


class Turns:
    """Whose turn it is of two threads, as long as there are turns left."""

    def __init__(self) -> None:
        # Not of locks written in Python, whose own lines would be turns as well.
        self.gates: tuple[SimpleQueue[None], ...] = (SimpleQueue(), SimpleQueue())
        self.left = TURNS

    def wait(self, index: int) -> None:
        """Wait for one's turn; if it does not come soon, both go on as they like."""
        try:
            self.gates[index].get(timeout=PATIENCE)
        except Empty:
            self.end(index)

    def end(self, index: int) -> None:
        """Let the other thread go on as it likes."""
        self.left = 0
        self.gates[1 - index].put(None)

    def traced(self, index: int, frame: FrameType, event: str, arg: Any) -> Any:
        """Let the other thread have its turn before each line; this is what Python calls where it is to be told."""
        if self.left <= 0:
            return None
        if event == "line":
            self.left -= 1
            self.gates[1 - index].put(None)
            self.wait(index)
        return partial(self.traced, index)

    def run(self, index: int, call: Callable[[], Any]) -> Any:
        """Return what a call gives that is made in turn, and put back what a debugger has Python call in a thread."""
        before = sys.gettrace()
        if index:
            self.wait(index)
        sys.settrace(partial(self.traced, index))
        try:
            return call()
        finally:
            sys.settrace(before)
            self.end(index)


def line_by_line(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Return what two calls give, each in a thread of its own, of which each runs a line at a time, and then the other.

    What one of them keeps where the other can write to it is found so each time, and not by chance.
    """
    turns = Turns()
    return in_threads(partial(turns.run, 0, first), partial(turns.run, 1, second))
