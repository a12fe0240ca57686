"""What a check drew and saw when it failed, and what its report says of that."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from types import CodeType, FrameType
from typing import Any

import pytest
from hypothesis.errors import HypothesisException

from .devices import on
from .messages import describe_error, difference, drawn_input
from .outcomes import Blocked, NotApplicable
from .pristine import pristine
from .results import Outcome
from .specification import Requirement


@dataclass
class Capture:
    """The last failure of a check: of the calls that Hypothesis makes, that is the one with the smallest input."""

    code: CodeType
    given: dict[str, Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None


class Escaped(Exception):
    """An implementation raised what would have ended the whole session; the message names it."""


@contextmanager
def capturing(item: pytest.Item) -> Generator[Capture, None, None]:
    """Keep the last failure of a check while it runs, and let nothing that it raises end the session.

    Parameters:
        item: the check, a property or not.
    """
    check = item.obj  # type: ignore[attr-defined]
    params = item.callspec.params if hasattr(item, "callspec") else {}
    handle = getattr(check, "hypothesis", None)
    inner = handle.inner_test if handle is not None else check
    capture = Capture(inner.__code__, {name: value for name, value in params.items() if name != "device"})

    @wraps(inner)
    def keeping(*args: Any, **kwargs: Any) -> Any:
        try:
            with pristine(), on(kwargs.get("device", "cpu")) as torchs_name:
                if "device" in kwargs:
                    kwargs["device"] = torchs_name
                return inner(*args, **kwargs)
        except (Blocked, NotApplicable):
            raise
        except BaseException as error:
            if _steers_hypothesis(error) or interrupted():
                raise
            capture.error = error
            capture.arguments = {name: value for name, value in kwargs.items() if name not in _FIXTURES}
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
    report.sparsifier = {  # type: ignore[attr-defined]
        "id": requirement.id,
        "device": device,
        "outcome": outcome.value,
        "message": message,
        "smallest_input": smallest,
    }
    report.sections = []  # what an implementation prints, which may be megabytes, says nothing here
    if outcome is Outcome.FAILED:
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
    seen = capture.error or error
    return Outcome.FAILED, _message(seen, capture.code), drawn_input({**capture.given, **capture.arguments})


def _message(error: BaseException, code: CodeType) -> str:
    """Say what a check saw: the difference if its own assertion failed, else the error that came through."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if isinstance(error, AssertionError) and trace is not None and trace.tb_next is None:
        seen = trace.tb_frame.f_locals
        return difference(seen["observed"], seen["expected"])
    return str(error) if isinstance(error, Escaped) else describe_error(error)
