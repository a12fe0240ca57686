"""Ctrl-C and SIGTERM: the first one ends the session in order, and the impatient ones after it change nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def ignore_further() -> None:
    """Ignore interrupts from now on: the session ends anyway."""
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def interrupt_once() -> None:
    """Raise KeyboardInterrupt at the first interrupt, and ignore those that follow."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        ignore_further()
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            signal.signal(number, interrupt)


@contextmanager
def interrupted_once() -> Generator[None, None, None]:
    """Do so within the body."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    interrupt_once()
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                signal.signal(number, handler)
