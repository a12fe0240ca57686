"""What a check drew and saw when it failed, and what its report says of that."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from types import CodeType
from typing import Any

import pytest
from hypothesis.errors import HypothesisException

from .messages import describe_error, difference, drawn_input
from .outcomes import Blocked, NotApplicable
from .results import Outcome
from .specification import Requirement


@dataclass
class Capture:
    """The last failure of a check: of the calls that Hypothesis makes, that is the one with the smallest input."""

    code: CodeType
    given: dict[str, Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None


@contextmanager
def capturing(item: pytest.Item) -> Generator[Capture, None, None]:
    """Keep the last failure of a check while it runs.

    Parameters:
        item: the check, a property or not.
    """
    check = item.obj  # type: ignore[attr-defined]
    params = item.callspec.params if hasattr(item, "callspec") else {}
    given = {name: value for name, value in params.items() if name != "device"}
    handle = getattr(check, "hypothesis", None)
    inner = handle.inner_test if handle is not None else check
    capture = Capture(inner.__code__, given)
    if handle is None:
        yield capture
        return

    @wraps(inner)
    def keeping(*args: Any, **kwargs: Any) -> Any:
        try:
            return inner(*args, **kwargs)
        except (Blocked, NotApplicable):
            raise
        except BaseException as error:
            if not isinstance(error, HypothesisException) and not _steers_hypothesis(error):
                capture.error = error
                drawn = {name: value for name, value in kwargs.items() if name not in ("implementation", "optimized")}
                capture.arguments = {name: value for name, value in drawn.items() if name != "device"}
            raise

    handle.inner_test = keeping
    try:
        yield capture
    finally:
        handle.inner_test = inner


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
    report.user_properties.append(("requirement", requirement.id))
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
    return describe_error(error)
