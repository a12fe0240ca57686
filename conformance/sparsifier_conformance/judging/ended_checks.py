"""Checks whose processes ended: what is made up for them, since nothing of theirs came back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from ..outcomes.judged import Judged, beyond
from ..outcomes.outcome import Outcome
from ..text import counted
from .processes.importing import shadow, time_limit, unfinished_import
from .processes.last_inputs import NO_LIMIT, last_of

if TYPE_CHECKING:
    from .introduction import Check, Introduction


class EndedChecks:
    """What the process that the user sees knows of workers that may end.

    Parameters:
        config: the configuration of pytest, which has the time limit.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._started: dict[str, float] = {}
        self._last_notes: dict[str, bytes] = {}

    @cached_property
    def _folder(self) -> TemporaryDirectory[str]:
        return TemporaryDirectory(ignore_cleanup_errors=True)

    @property
    def notes(self) -> str:
        """Where workers note what they are about to try."""
        return self._folder.name

    def remove_notes(self) -> None:
        """Remove the notes, if there are any: no worker may be left."""
        if "_folder" in vars(self):
            self._folder.cleanup()

    def while_importing(self, where: str, worker: str, error: object) -> str:
        """Return a line for a worker that ended before it had collected.

        Parameters:
            where: the implementation, as for the command.
            worker: the name of the worker.
            error: what pytest-xdist says of its end.
        """
        what, place = unfinished_import(self.notes, worker)
        how = f"it ends the process ({_last_line(error)}){shadow(Path.cwd())}"
        if place is not None:
            limit = time_limit(self._config) or NO_LIMIT
            how = f"no end within {counted(limit, 'second')} ({place}); --timeout sets the limit"
        return f"{what or f'{where!r} cannot be imported'}: {how}"

    def started(self, nodeid: str) -> None:
        """Note when a check starts."""
        self._started[nodeid] = time.time()

    def judged(self, report: Any, check: Check) -> tuple[Judged, float]:
        """Return what a check comes to whose process ended, and how long it took, in seconds.

        Parameters:
            report: what pytest-xdist makes up for it.
            check: the check.
        """
        seconds = time.time() - self._started.get(report.nodeid, time.time())
        # pytest-timeout ends the process, which is all that this one sees of it.
        given = time_limit(self._config)
        timed_out = given > 0 and seconds >= 0.95 * given
        outcome = Outcome.TIMED_OUT if timed_out else Outcome.CRASHED
        message = f"no end within {counted(given, 'second')}" if timed_out else "the process of the check ended"
        worker: Any = getattr(report, "node", None)
        if worker is not None:
            note = last_of(self.notes, worker.gateway.id, report.nodeid, given if timed_out else None)
            if note is not None:
                self._last_notes[report.nodeid] = note
        if check.is_limited:
            outcome, message = Outcome.NOT_APPLICABLE, beyond(str(check.device), message)
        report.user_properties.append(("requirement", check.requirement))
        return Judged(check.requirement, check.device, outcome, message), seconds

    def with_inputs(
        self, judged: Mapping[str, Judged], checks: Mapping[str, Check], introduction: Introduction
    ) -> dict[str, Judged]:
        """Return the checks that had noted an input, by node id, each with that input and a script of it.

        Parameters:
            judged: what checks come to so far, by node id.
            checks: the checks, by node id.
            introduction: the implementation and the environment.
        """
        found: dict[str, Judged] = {}
        for nodeid, note in self._last_notes.items():
            with suppress(Exception):  # what ended is reported with or without its input
                from .processes.ended import told

                limit = time_limit(self._config) or NO_LIMIT
                found[nodeid] = told(judged[nodeid], checks[nodeid], note, limit, introduction)
        return found


def _last_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
