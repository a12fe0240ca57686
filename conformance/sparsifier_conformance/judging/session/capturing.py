"""A check while it runs: its last failure is kept, and nothing that it raises ends the session."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial, wraps
from types import FrameType
from typing import Any

import pytest

from ...checking.skips import Blocked, NotApplicable
from ...devices.registry import device
from ...outcomes.failure import Escaped, Failure
from ..isolation import Surroundings, pristine
from ..processes.last_inputs import Notebook

_FIXTURES = ("implementation", "optimized", "device")


class Capture:
    """The last failure of a check, if it has failed, and what its device was made to do, in words."""

    def __init__(self) -> None:
        self.failure: Failure | None = None
        self.noticed: dict[str, None] = {}


@contextmanager
def capturing(item: pytest.Item, notebook: Notebook | None = None) -> Generator[Capture, None, None]:
    """Keep the last failure of a check while it runs, and let nothing that it raises end the session.

    Parameters:
        item: the check, a property or not.
        notebook: where to note each input before it is tried, as the process may end with it.
    """
    capture, before = Capture(), Surroundings()
    params = item.callspec.params if hasattr(item, "callspec") else {}
    given = {name: value for name, value in params.items() if name not in _FIXTURES}
    handle: Any = getattr(item.obj, "hypothesis", None)  # type: ignore[attr-defined]
    inner: Any = handle.inner_test if handle is not None else item.obj  # type: ignore[attr-defined]

    @wraps(inner)
    def keeping(*args: Any, **kwargs: Any) -> Any:
        drawn = {name: value for name, value in kwargs.items() if name not in _FIXTURES}
        if notebook is not None:
            notebook.note(item.nodeid, {**given, **drawn})
        where = device(kwargs.get("device", "cpu"))
        on_cpu = partial(inner, *args, **{**kwargs, "device": "cpu"}) if "device" in kwargs else None
        try:
            with pristine(before), where.entered() as torchs_name:
                if "device" in kwargs:
                    kwargs["device"] = torchs_name
                result = inner(*args, **kwargs)
                capture.noticed |= dict.fromkeys(where.noticed())
                return result
        except (Blocked, NotApplicable):
            raise
        except BaseException as error:
            if type(error).__module__.startswith("hypothesis.") or interrupted():
                raise  # how Hypothesis ends an example that it has no use for, or a person the session
            capture.failure = Failure(inner, given, error, drawn, where.doubts(), on_cpu)
            if isinstance(error, (KeyboardInterrupt, pytest.exit.Exception)):
                capture.failure.error = Escaped(f"raised {type(error).__name__}")
                raise capture.failure.error from error
            raise

    _put(item, handle, keeping)
    try:
        with _noting_interrupts() as interrupted:
            yield capture
    finally:
        _put(item, handle, inner)
        before.restore(thoroughly=True)


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
        signal.signal(signal.SIGINT, before)
        signal.raise_signal(signal.SIGINT)  # to whoever handles it in this session

    if threading.current_thread() is not threading.main_thread():
        yield lambda: bool(noted)
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(noted)
    finally:
        if not noted:
            signal.signal(signal.SIGINT, before)
