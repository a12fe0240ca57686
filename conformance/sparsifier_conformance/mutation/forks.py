"""Work in a process that is forked for it, where torch is imported already: it may take no more than so much."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import warnings
from collections.abc import Callable
from contextlib import closing, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from ..judging.processes.interrupts import hold, release

#: In bytes: what a process may take on top of what its parent has. Some mutants would fill any memory there is.
ROOM = 4 << 30


class Ended(Exception):
    """A process ended without a result; the message says what ended it."""


class Fork:
    """A process that does some work.

    Parameters:
        work: what it does; it returns what can be pickled.
        time_limit: how long it may take, in seconds.
    """

    def __init__(self, work: Callable[[], Any], time_limit: float) -> None:
        context = multiprocessing.get_context("fork")
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=_work, args=(work, time_limit, sender))
        hold()  # what runs within a fork swallows what is raised there
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that there may be threads; of torch, and they are idle
            self.process.start()
        sender.close()
        self.deadline = time.monotonic() + time_limit
        try:
            release()
        except KeyboardInterrupt:
            self.close()
            raise

    @property
    def is_over(self) -> bool:
        """Whether it has a result, or has taken too long."""
        return self.receiver.poll() or time.monotonic() >= self.deadline

    def result(self) -> Any:
        """Return what the work returned.

        Raises:
            Ended: if it returned nothing.
        """
        if not self.receiver.poll():
            raise Ended("the time limit")
        try:
            return self.receiver.recv()
        except EOFError:
            self.process.join()
            ran_out = self.process.exitcode == -signal.SIGPROF  # of a timer that the work has set
            raise Ended("the time limit" if ran_out else "the end of its process") from None

    def close(self) -> None:
        """End the process, and those that it started."""
        self.process.kill()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join()
        self.receiver.close()


def in_fork(work: Callable[[], Any], time_limit: float) -> Any:
    """Do some work in a process of its own, wait for it, and return what it returned.

    Raises:
        Ended: if it returned nothing.
    """
    with closing(Fork(work, time_limit)) as fork:
        wait([fork.receiver], time_limit)
        return fork.result()


def _work(work: Callable[[], Any], time_limit: float, sender: Connection) -> None:
    os.setsid()  # so that what it starts can be ended with it, and Ctrl-C reaches its parent alone
    signal.alarm(int(time_limit) + 10)  # which ends this process when nobody is left to do so
    _limit_memory()
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    release()
    sender.send(work())


def _limit_memory() -> None:
    """Limit the memory of this process, where the system tells how much it has."""
    import resource

    with suppress(OSError, ValueError):  # nothing to read, or a lower limit that stands already
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + ROOM
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
