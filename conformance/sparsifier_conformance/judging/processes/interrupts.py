"""Ctrl-C and SIGTERM: the first one ends the session in order, and the impatient ones after it change nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def hold() -> bool:
    """Keep interrupts until ``interrupt_once`` or ``release``, in this process and in those that it starts.

    Returns:
        Whether they were let through before.
    """
    if not hasattr(signal, "pthread_sigmask"):  # which Windows lacks
        return False
    return not set(_SIGNALS) <= signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def release() -> None:
    """Let interrupts through that were kept, and those to come."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def ignore_further() -> None:
    """Ignore interrupts from now on: the session ends anyway."""
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def interrupt_once() -> list[int]:
    """Raise KeyboardInterrupt at the first interrupt, which may have been kept, and ignore those that follow.

    Returns:
        A list to which the number of the first signal is added when it comes.
    """
    seen: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        ignore_further()
        if not seen:  # or a check, or what it judges, has put this function back since
            seen.append(number)
            raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            signal.signal(number, interrupt)
        release()
    return seen


@contextmanager
def handlers_restored() -> Generator[None, None, None]:
    """Leave what interrupts do as it was, whatever the body makes of it."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                if handler is not None:  # else it is not one of Python's
                    signal.signal(number, handler)
