"""Faults of what holds for the six names together: what puts a switch to a value that it mostly has already."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import torch

import sparsifier_reference as reference

from ..base import Fault

SIDE_EFFECTS = "interface/no-side-effects"


def _after(act: Callable[[], Any]) -> Any:
    """Make a ``module_to_fqn`` that does something first."""

    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        act()
        return reference.module_to_fqn(model, module, prefix)

    return staticmethod(module_to_fqn)


def _on_error(act: Callable[[], Any]) -> Any:
    """Make a ``fqn_to_module`` that does something where an error passes through it."""

    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return reference.fqn_to_module(model, path)
        except Exception:
            act()
            raise

    return staticmethod(fqn_to_module)


def _handle(number: int, handler: Any) -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(number, handler)


class LookingStopsDebuggers(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    """Traces nothing while it looks, and from then on."""

    module_to_fqn = _after(lambda: sys.settrace(None))


class LookingStopsProfilers(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    module_to_fqn = _after(lambda: sys.setprofile(None))


class LookingStopsDebuggersOfThreads(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    module_to_fqn = _after(lambda: threading.settrace(None))


class LookingCanBeTerminated(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    """Lets the process be ended as usual, whatever the program does before it ends."""

    module_to_fqn = _after(lambda: _handle(signal.SIGTERM, signal.SIG_DFL))


class LookingLogsWarnings(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    module_to_fqn = _after(lambda: logging.captureWarnings(True))


class LookingLogsErrorsOfLogging(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    module_to_fqn = _after(lambda: setattr(logging, "raiseExceptions", True))


class LookingCollectsLater(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    """Lets garbage be collected seldom, as services do at their start."""

    module_to_fqn = _after(lambda: gc.set_threshold(100_000, 50, 50))


class LookingHasTheUsualLimit(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    """Holds that nobody wants another limit than Python's own."""

    module_to_fqn = _after(lambda: sys.setrecursionlimit(1_000))


class LookingHasTheUsualStack(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    module_to_fqn = _after(lambda: threading.stack_size(0))


class LookingLetsTheGroupRead(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    module_to_fqn = _after(lambda: os.umask(0o022))


class LookingPrintsAsUsual(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    """Prints tensors for its own messages."""

    module_to_fqn = _after(lambda: torch.set_printoptions(precision=4))  # type: ignore[no-untyped-call]


class LookingShowsErrorsAsUsual(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    module_to_fqn = _after(lambda: setattr(sys, "excepthook", sys.__excepthook__))


class ErrorsStopDebuggers(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    fqn_to_module = _on_error(lambda: sys.settrace(None))


class ErrorsCollectAsUsual(Fault, aims_at=SIDE_EFFECTS, on=("cpu",)):
    fqn_to_module = _on_error(lambda: gc.set_threshold(700, 10, 10))
