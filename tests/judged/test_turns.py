"""Two threads go on in turn, a line each, unless one waits for the other; what a debugger has set is put back."""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import Any

from sparsifier_conformance.checking.world.turns import TURNS, Turns, line_by_line


class Shared:
    """What two calls write to and read."""

    def __init__(self) -> None:
        self.kept = 0
        self.lock = threading.Lock()

    def without_a_lock(self, number: int) -> int:
        self.kept = number
        return self.kept

    def with_a_lock(self, number: int) -> int:
        with self.lock:
            return self.without_a_lock(number)

    def for_long(self, number: int) -> int:
        for _ in range(TURNS):
            self.kept = number
        return number


def test_each_reads_what_the_other_has_written() -> None:
    for _ in range(5):
        shared = Shared()
        assert line_by_line(lambda: shared.without_a_lock(1), lambda: shared.without_a_lock(2)) == [2, 2]  # noqa: B023


def test_a_lock_keeps_them_apart() -> None:
    shared = Shared()
    assert line_by_line(lambda: shared.with_a_lock(1), lambda: shared.with_a_lock(2)) == [1, 2]


def test_long_calls_come_to_an_end() -> None:
    shared = Shared()
    assert line_by_line(lambda: shared.for_long(1), lambda: shared.for_long(2)) == [1, 2]


def test_an_error_of_one_leaves_the_other_alone() -> None:
    results: list[int] = []
    try:
        line_by_line(lambda: [][0], lambda: results.append(Shared().without_a_lock(2)))
    except IndexError:
        assert results == [2]
    else:
        raise AssertionError("the error is lost")


def test_what_a_debugger_has_set_is_put_back() -> None:
    def by_a_debugger(frame: FrameType, event: str, arg: Any) -> None:
        return None

    before = sys.gettrace()
    for call in (lambda: 1, lambda: sys.settrace(None)):
        sys.settrace(by_a_debugger)
        try:
            Turns().run(0, call)
            assert sys.gettrace() is by_a_debugger
        finally:
            sys.settrace(before)
