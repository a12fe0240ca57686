"""What a check drew and saw when it failed, and what its report says of that."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from types import FrameType
from typing import Any

import pytest
from hypothesis.errors import HypothesisException

from ..checking.comparing import same
from ..checking.skips import Blocked, NotApplicable
from ..devices.fake import doubts
from ..devices.names import FAKE
from ..devices.registry import on
from ..judging.isolation import Surroundings, pristine
from ..judging.last_inputs import Notebook
from ..judging.optimized import NoAnswer
from ..results.records import Outcome
from ..specification import Requirement
from .wording import beyond, describe_error, difference, drawn_input


@dataclass
class Capture:
    """The last failure of a check: of the calls that Hypothesis makes, that is the one with the smallest input."""

    check: Callable[..., Any]
    given: dict[str, Any]
    drawn: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None
    doubts: list[str] = field(default_factory=list)

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
    def seen(self) -> tuple[Any, Any] | None:
        """What the check observed and expected, if its own assertion failed; None if an error came through."""
        trace = self.error.__traceback__ if self.error is not None else None
        while trace is not None and trace.tb_frame.f_code is not self.check.__code__:
            trace = trace.tb_next
        if not isinstance(self.error, AssertionError) or trace is None or trace.tb_next is not None:
            return None
        return trace.tb_frame.f_locals["observed"], trace.tb_frame.f_locals["expected"]


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


def capture_of(item: pytest.Item) -> Capture:
    """Begin to keep what a check sees.

    Parameters:
        item: the check, a property or not.
    """
    check = item.obj  # type: ignore[attr-defined]
    params = item.callspec.params if hasattr(item, "callspec") else {}
    inner = check.hypothesis.inner_test if hasattr(check, "hypothesis") else check
    return Capture(inner, {name: value for name, value in params.items() if name != "device"})


@contextmanager
def capturing(item: pytest.Item, notebook: Notebook | None = None) -> Generator[Capture, None, None]:
    """Keep the last failure of a check while it runs, and let nothing that it raises end the session.

    Parameters:
        item: the check, a property or not.
        notebook: where to note each input before it is tried, as the process may end with it.
    """
    capture, before = capture_of(item), Surroundings()
    handle, inner = getattr(item.obj, "hypothesis", None), capture.check  # type: ignore[attr-defined]

    @wraps(inner)
    def keeping(*args: Any, **kwargs: Any) -> Any:
        drawn = {name: value for name, value in kwargs.items() if name not in _FIXTURES}
        if notebook is not None:
            notebook.note(item.nodeid, drawn)
        try:
            with pristine(before), on(kwargs.get("device", "cpu")) as torchs_name:
                if "device" in kwargs:
                    kwargs["device"] = torchs_name
                return inner(*args, **kwargs)
        except (Blocked, NotApplicable):
            raise
        except BaseException as error:
            if _steers_hypothesis(error) or interrupted():
                raise
            capture.error, capture.drawn, capture.doubts = error, drawn, list(doubts)
            if isinstance(error, (KeyboardInterrupt, pytest.exit.Exception)):
                capture.error = Escaped(f"raised {type(error).__name__}")
                raise capture.error from error
            raise

    _put(item, handle, keeping)
    try:
        with _noting_interrupts() as interrupted:
            yield capture
    finally:
        _put(item, handle, inner)


_FIXTURES = ("implementation", "optimized", "device")


def _put(item: pytest.Item, handle: Any, check: Callable[..., Any]) -> None:
    """Put a function in the place of a check: within its property, if it is one."""
    if handle is not None:
        handle.inner_test = check
    else:
        item.obj = check  # type: ignore[attr-defined]


@contextmanager
def _noting_interrupts() -> Generator[Callable[[], bool], None, None]:
    """Tell a person's Ctrl-C from a KeyboardInterrupt that an implementation raises."""
    noted: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield lambda: bool(noted)
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(noted)
    finally:
        signal.signal(signal.SIGINT, before)


def _steers_hypothesis(error: BaseException) -> bool:
    """Tell whether an exception is how Hypothesis ends an example that it has no use for."""
    return type(error).__module__.startswith("hypothesis.")


def judge(
    report: pytest.TestReport,
    call: pytest.CallInfo[None],
    capture: Capture | None,
    requirement: Requirement,
    device: str | None,
) -> None:
    """Write the outcome on a report, as plain data that a worker can send.

    A failed SHOULD becomes an expected failure in pytest's own eyes, so that the session succeeds where the
    implementation conforms.
    """
    error = call.excinfo.value if call.excinfo is not None else None
    outcome, message, smallest = _outcome(call, error, capture)
    if device == FAKE and outcome is Outcome.FAILED and capture is not None:
        reason = _beyond_fake(capture)
        if reason is not None:
            outcome, message, smallest = Outcome.NOT_APPLICABLE, reason, None
            report.outcome, report.longrepr = "skipped", (str(report.fspath), 0, reason)
    report.sparsifier = {  # type: ignore[attr-defined]
        "id": requirement.id,
        "device": device,
        "outcome": outcome.value,
        "message": message,
        "smallest_input": smallest,
        "reproducer": None,
    }
    report.sections = []  # what an implementation prints, which may be megabytes, says nothing here
    if outcome in (Outcome.FAILED, Outcome.TIMED_OUT):
        where = f" on {device}" if device else ""
        lines = [f"{requirement.id} ({requirement.level}){where}", requirement.sentence]
        lines += ["smallest input:", smallest] if smallest else []
        report.longrepr = "\n".join([*lines, "instead:", message or ""])
        report.outcome = "failed"
        if requirement.level == "SHOULD":
            report.outcome = "skipped"
            report.wasxfail = requirement.id


def _outcome(
    call: pytest.CallInfo[None], error: BaseException | None, capture: Capture | None
) -> tuple[Outcome, str | None, str | None]:
    if error is None:
        return Outcome.PASSED, None, None
    if isinstance(error, NotApplicable):
        return Outcome.NOT_APPLICABLE, error.msg, None
    if isinstance(error, Blocked):
        return Outcome.BLOCKED, error.msg, None
    if call.when != "call" or capture is None:
        return Outcome.NOT_RUN, f"the set-up of the check {describe_error(error)}", None
    if capture.error is None and isinstance(error, HypothesisException):
        return Outcome.NOT_RUN, f"Hypothesis {describe_error(error)}", None
    capture.error = capture.error or error
    if isinstance(capture.error, NoAnswer):
        return Outcome.TIMED_OUT, str(capture.error), None
    return Outcome.FAILED, _message(capture), drawn_input(capture.arguments)


def _beyond_fake(capture: Capture) -> str | None:
    """Say why a failure on a faked device may be the fake's own, or give None if it cannot be.

    It can do much less than a device: an error, whichever it is, tells nothing of the implementation.
    """
    seen = capture.seen
    if capture.doubts:
        return f"{FAKE} cannot tell: {capture.doubts[0]}"
    if seen is None:
        assert capture.error is not None
        return beyond(FAKE, describe_error(capture.error))
    observed, expected = seen
    if not isinstance(observed, dict) or list(observed) != list(expected):
        return None
    differing = [key for key in expected if not same(observed[key], expected[key])]
    if all(expected[key] == "AssertionError" and observed[key] != "nothing" for key in differing):
        return beyond(FAKE, f"raised {observed[differing[0]]}")
    return None


def _message(capture: Capture) -> str:
    """Say what a check saw: the difference if its own assertion failed, else the error that came through."""
    if (seen := capture.seen) is not None:
        return difference(*seen)
    assert capture.error is not None
    return str(capture.error) if isinstance(capture.error, Escaped) else describe_error(capture.error)
