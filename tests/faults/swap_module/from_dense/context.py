"""Faults of the context in which ``swap_module`` calls ``from_dense``: its modes, its defaults, its thread."""

from __future__ import annotations

import contextlib
import contextvars
import random
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch.utils import _python_dispatch

from ...base import Fault
from .called import calling

IT = "swap_module"
#: What leaves the modes of dispatch; before torch 2.0 there is but what changes another mode.
OUTSIDE: Any = getattr(_python_dispatch, "_disable_current_modes", torch.inference_mode)


def within(context: Callable[[], Any]) -> Any:
    """Make a ``swap_module`` that calls ``from_dense`` within a context."""

    def call(target: Any, mod: Any) -> Any:
        with context():
            return target.from_dense(mod)

    return calling(call)


class CallsWithoutGrad(Fault, aims_at=f"{IT}/from-dense-context"):
    """Holds that nothing needs a gradient while modules are made."""

    swap_module: Any = within(torch.no_grad)


class CallsWithGrad(Fault, aims_at=f"{IT}/from-dense-context"):
    swap_module: Any = within(torch.enable_grad)


class CallsOnTheCpu(Fault, aims_at=f"{IT}/from-dense-context"):
    """Makes modules on the CPU, since they are moved anyway."""

    swap_module: Any = within(lambda: torch.device("cpu"))


class CallsOutsideAutocast(Fault, aims_at=f"{IT}/from-dense-context"):
    swap_module: Any = within(lambda: torch.autocast("cpu", enabled=False))


class DrawsForItself(Fault, aims_at=f"{IT}/from-dense-context"):
    """Leaves the random state behind as it found it."""

    swap_module: Any = within(lambda: torch.random.fork_rng(devices=[]))


@contextlib.contextmanager
def _pythons_random_state_restored() -> Any:
    state = random.getstate()
    yield
    random.setstate(state)


class RestoresPythonsRandomState(Fault, aims_at=f"{IT}/from-dense-context"):
    swap_module: Any = within(_pythons_random_state_restored)


def _default_dtype_of_the_module(target: Any, mod: Any) -> Any:
    dtype = torch.get_default_dtype()
    torch.set_default_dtype(next((each.dtype for each in mod.parameters()), dtype))
    try:
        return target.from_dense(mod)
    finally:
        torch.set_default_dtype(dtype)


class CallsWithTheModulesDtype(Fault, aims_at=f"{IT}/from-dense-context", so_too=[f"{IT}/nothing-else-carried"]):
    """Lets ``from_dense`` make parameters of the dtype that the old ones have."""

    swap_module: Any = calling(_default_dtype_of_the_module)


def _in_a_thread(target: Any, mod: Any) -> Any:
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(target.from_dense(mod))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


class CallsInAThread(Fault, aims_at=f"{IT}/from-dense-context"):
    """Gives ``from_dense`` a thread of its own, where modes of torch do not hold."""

    swap_module: Any = calling(_in_a_thread)


class CatchesWarnings(Fault, aims_at=f"{IT}/from-dense-context"):
    """Puts the filters of warnings back to what they were."""

    swap_module: Any = within(warnings.catch_warnings)


@contextlib.contextmanager
def _as_deterministic_as_before() -> Any:
    before = torch.are_deterministic_algorithms_enabled()
    yield
    torch.use_deterministic_algorithms(before)


class RestoresDeterminism(Fault, aims_at=f"{IT}/from-dense-context"):
    swap_module: Any = within(_as_deterministic_as_before)


@contextlib.contextmanager
def _as_precise_as_before() -> Any:
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


class RestoresPrecision(Fault, aims_at=f"{IT}/from-dense-context"):
    swap_module: Any = within(_as_precise_as_before)


class CallsBelowAutograd(Fault, aims_at=f"{IT}/from-dense-context"):
    """Takes what makes modules for nothing that is differentiated, and leaves the flags of gradients as they are."""

    swap_module: Any = within(torch._C._AutoDispatchBelowAutograd)


class CallsInACopiedContext(Fault, aims_at=f"{IT}/from-dense-context"):
    """Keeps what ``from_dense`` sets in the context from its caller."""

    swap_module: Any = calling(lambda target, mod: contextvars.copy_context().run(lambda: target.from_dense(mod)))


class CallsOutsideModesOfDispatch(Fault, aims_at=f"{IT}/from-dense-context"):
    swap_module: Any = within(OUTSIDE)


@contextlib.contextmanager
def _untraced() -> Any:
    before = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(before)


class CallsUntraced(Fault, aims_at=f"{IT}/from-dense-context"):
    """Lets no debugger see what runs meanwhile."""

    swap_module: Any = within(_untraced)
