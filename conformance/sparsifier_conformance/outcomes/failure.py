"""A failure: what a check was given, drew and saw; and what a check comes to by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hypothesis.errors import HypothesisException

from ..checking.comparing import Difference, error_of, same
from ..checking.skips import Blocked, NotApplicable
from ..checking.under_O import NoAnswerInTime
from ..devices.base import Device
from .judged import Judged, beyond
from .outcome import Outcome
from .wording import describe_error, difference, drawn_input


@dataclass
class Failure:
    """The last failure of a check: of the calls that Hypothesis makes, that is the one with the smallest input."""

    check: Callable[..., Any]
    given: dict[str, Any]
    error: BaseException
    drawn: dict[str, Any] = field(default_factory=dict)
    #: What the device was asked and cannot answer rightly, in words.
    doubts: list[str] = field(default_factory=list)
    #: Calls the check on the CPU with what it drew; None where no device plays a part.
    on_cpu: Callable[[], Any] | None = None
    #: The file of the implementation, if it has one.
    file: str | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """What the check was parametrized with and drew, by name."""
        return {**self.given, **self.drawn}

    @property
    def raised(self) -> str:
        """The class of errors of which one came through: ``Exception``, unless it is none."""
        ordinary = isinstance(self.error, Exception) and not isinstance(self.error, Escaped)
        return "Exception" if ordinary else "BaseException"

    @property
    def difference(self) -> Difference | None:
        """What the check observed and expected, if its own comparison failed; None if an error came through."""
        return self.error if isinstance(self.error, Difference) else None

    @cached_property
    def message(self) -> str:
        """What the check saw: the difference, or the error that came through."""
        if isinstance(self.error, Difference):
            return difference(self.error.observed, self.error.expected)
        return str(self.error) if isinstance(self.error, (Ended, Escaped)) else describe_error(self.error, self.file)


class Ended(Exception):
    """The process of a check ended; the message says so.

    Parameters:
        message: what is said of it.
        seconds: how long the input that it was at took at least, if it was ended for that.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Escaped(Exception):
    """An implementation raised what would have ended the whole session; the message names it."""


def judged(
    requirement: str, device: Device | None, error: BaseException | None, failure: Failure | None, *, called: bool
) -> Judged:
    """Return what a check comes to.

    Parameters:
        requirement: the id of the requirement that it is for.
        device: the device that it ran on, if one plays a part.
        error: what came out of the check, if anything.
        failure: the last failure that was seen within it.
        called: whether the check itself ran, and not only its set-up.
    """

    def come_to(
        outcome: Outcome, message: str | None = None, smallest: str | None = None, *, finished: bool = False
    ) -> Judged:
        where = device.name if device else None
        return Judged(requirement, where, outcome, message, smallest, finished=finished)

    if error is None:
        return come_to(Outcome.PASSED, finished=True)
    if isinstance(error, NotApplicable):
        return come_to(Outcome.NOT_APPLICABLE, error.msg)
    if isinstance(error, Blocked):
        return come_to(Outcome.BLOCKED, error.msg)
    if not called:
        return come_to(Outcome.NOT_RUN, f"the set-up of the check {describe_error(error)}")
    if failure is None:
        what = "Hypothesis" if isinstance(error, HypothesisException) else "the check"
        return come_to(Outcome.NOT_RUN, f"{what} {describe_error(error)}")
    if isinstance(failure.error, NoAnswerInTime):
        return come_to(Outcome.TIMED_OUT, str(failure.error))
    if device is not None and (reason := excuse(failure, device)) is not None:
        return come_to(Outcome.NOT_APPLICABLE, reason)
    finished = failure.difference is not None
    return come_to(Outcome.FAILED, failure.message, drawn_input(failure.arguments), finished=finished)


def _error_on_cpu(failure: Failure) -> BaseException | None:
    """Return what the same call raises on the CPU, if anything: that the check cannot judge, too."""
    try:
        return None if failure.on_cpu is None else error_of(failure.on_cpu)
    except (Blocked, NotApplicable) as cannot_judge:
        return cannot_judge


def excuse(failure: Failure, device: Device) -> str | None:
    """Return why a failure may be the device's own, or None if it cannot be.

    A limited one can do much less than other devices, so an error there tells nothing of the implementation, unless the
    same call fails on the CPU too. On any other, torch itself must say that the device lacks what was asked of it.
    """
    if device.lacks(failure.error):
        return beyond(device.name, describe_error(failure.error))
    if not device.is_limited:
        return None
    if failure.doubts:
        return f"{device.name} cannot tell: {failure.doubts[0]}"
    seen = failure.difference
    if seen is None:
        on_cpu = _error_on_cpu(failure)
        return None if type(on_cpu) is type(failure.error) else beyond(device.name, describe_error(failure.error))
    if not isinstance(seen.observed, dict) or list(seen.observed) != list(seen.expected):
        return None
    differing = [key for key in seen.expected if not same(seen.observed[key], seen.expected[key])]
    if all(seen.expected[key] == "AssertionError" and seen.observed[key] != "no error" for key in differing):
        return beyond(device.name, f"raised {seen.observed[differing[0]]}")
    return None
