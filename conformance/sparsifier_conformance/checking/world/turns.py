"""Calls in two threads of which one runs at a time: a line of Python each, in turn, or one within the other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
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
    """Whose turn it is of two threads, as long as there are turns left.

    Parameters:
        at: before which of its lines the first call lets the second one run; by default each lets the other run before
            every line.
        overlapping: whether the second one lets the first run to its end before the same line of its own; by default
            it runs to its own end.
    """

    def __init__(self, at: int | None = None, *, overlapping: bool = False) -> None:
        # Not of locks written in Python, whose own lines would be turns as well.
        self.gates: tuple[SimpleQueue[None], ...] = (SimpleQueue(), SimpleQueue())
        self.left = TURNS
        self.at, self.overlapping, self.lines, self.in_vain = at, overlapping, [0, 0], False

    def wait(self, index: int) -> None:
        """Wait for one's turn; if it does not come soon, both go on as they like."""
        try:
            self.gates[index].get(timeout=PATIENCE)
        except Empty:
            self.in_vain = True
            self.end(index)

    def end(self, index: int) -> None:
        """Let the other thread go on as it likes."""
        self.left = 0
        self.gates[1 - index].put(None)

    def traced(self, index: int, frame: FrameType, event: str, arg: Any) -> Any:
        """Let the other thread have its turn before each line; this is what Python calls where it is to be told."""
        if self.left <= 0:
            return None
        if event == "line" and self.is_due(index):
            self.left -= 1
            self.gates[1 - index].put(None)
            self.wait(index)
        return partial(self.traced, index)

    def is_due(self, index: int) -> bool:
        """Return whether the other thread has its turn before this line."""
        self.lines[index] += 1
        return self.at is None or (self.lines[index] == self.at and (self.overlapping or index == 0))

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
    return _run(Turns(), first, second)


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> Iterator[list[Any]]:
    """Give what two calls give, each in a thread of its own, run in several ways.

    Line by line; the second as a whole within the first; and the second from late in the first until after its end.
    Only so is found what is kept for long, and is right again where both go on at one pace.
    """
    in_turn = Turns()
    yield _run(in_turn, first, second)
    for third, overlapping in ((1, False), (2, True)):
        turns = Turns(2 + third * in_turn.lines[0] // 3, overlapping=overlapping)
        yield _run(turns, first, second)
        if turns.in_vain:  # as it would be the next time, if the second one waits for the first
            return


def _run(turns: Turns, first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    return in_threads(partial(turns.run, 0, first), partial(turns.run, 1, second))
