"""Much of what torch and Python let one switch, switched for a while."""

from __future__ import annotations

import decimal
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .circumstances import MODES, under
from .found_switches import Switch
from .switches import as_they_are, put_back, switches
from .watching import UNHEEDED

T = TypeVar("T")


def _wrapped(functions: Any) -> Any:
    """Return other functions that do the same."""
    return tuple(map(partial, functions)) if isinstance(functions, tuple) else partial(functions)


def _handing_on(handler: Any) -> Any:
    """Return another handler of signals that does what this one does."""

    def handle(number: int, frame: Any) -> Any:
        if callable(handler):
            return handler(number, frame)
        if handler is signal.SIG_DFL:
            signal.signal(number, handler)
            signal.raise_signal(number)
        return None

    return None if handler is None else handle


def _one_more(numbers: Any) -> Any:
    """Return pairs of names and values of which the numbers are greater."""
    return tuple((name, value + 1 if isinstance(value, (int, float)) else value) for name, value in numbers)


#: The switches that can be thrown without harm, with the values that they get: what is on or off becomes the other, and
#: of a function its result for the value that there is. Whatever they are put back to is then told by what it is, even
#: where an earlier call has done so before: a constant that is there already cannot be seen to be set.
#: Neither the recursion limit nor garbage collection, which a look-up may need otherwise for its own time.
OTHER_VALUES: dict[str, Any] = {
    "hooks of Python": _wrapped,
    "form of warnings": _wrapped,
    "stack of new threads": 1 << 22,
    "length of tracebacks": 77,
    "digits": (30, decimal.ROUND_DOWN),
    "logging": (35, 5, 45, False),
    "warnings that are logged": None,
    "signals": lambda handlers: tuple(map(_handing_on, handlers)),
    "time limit of sockets": 77.0,
    "mask of new files": 0o037,
    "denormal numbers are zero": None,
    "variable of the context": None,
    "validation": None,
    "sys.getdlopenflags": 1,
    "sys.getprofile": lambda before: UNHEEDED,
    "sys.getswitchinterval": 0.01,
    "sys.get_coroutine_origin_tracking_depth": 3,
    "sys.get_int_max_str_digits": 7777,
    "sys.dont_write_bytecode": None,
    "threading.getprofile": lambda before: UNHEEDED,
    "threading.gettrace": lambda before: UNHEEDED,
    "torch.get_num_threads": 1,
    "torch.get_default_dtype": torch.float64,
    "torch.is_grad_enabled": None,
    "torch.is_autocast_cpu_enabled": None,
    "torch.get_autocast_cpu_dtype": torch.float16,
    "torch.is_autocast_cache_enabled": None,
    "torch.is_anomaly_enabled": None,
    "torch.get_deterministic_debug_mode": 2,  # by which no compiler is imported, as by its like
    "torch.get_float32_matmul_precision": "medium",
    "torch.is_warn_always_enabled": None,
    "torch._C._jit_set_profiling_executor": None,
    "torch._C._jit_set_profiling_mode": None,
    "torch._C._is_multithreading_enabled": None,
    "torch._C._is_view_replay_enabled": None,
    "torch._C._check_sparse_tensor_invariants": None,
    "torch.__future__.get_overwrite_module_params_on_conversion": None,
    "torch.__future__.get_swap_module_params_on_conversion": None,
    "torch._tensor_str.PRINT_OPTS": _one_more,
    "torch.backends.cudnn.deterministic": None,
    "torch.backends.cudnn.allow_tf32": None,
    "torch.backends.cudnn.enabled": None,
    "torch.backends.cudnn.benchmark": None,
    "torch.backends.mkldnn.enabled": None,
    "torch.backends.mha.get_fastpath_enabled": None,
    "sys.gettrace": lambda before: UNHEEDED,  # the last, as what follows would be traced
}
#: Further ones, which a look-up may need otherwise for its own time.
FOR_A_WHILE: dict[str, Any] = {
    "gc.get_debug": gc.DEBUG_UNCOLLECTABLE,
    "garbage, after how much": (777, 7, 7),
    "sys.getrecursionlimit": lambda limit: limit + 77,
}
#: What is added to the environment.
VARIABLE = "SPARSIFIER_SWITCHED"


def throw_switches(values: dict[str, Any] = OTHER_VALUES) -> None:
    """Give each switch its other value."""
    os.environ[VARIABLE] = "1"
    for switch, put in _found(values):
        now, other = switch.ask(), values[switch.name]
        if callable(other):
            other = other(now)
        with suppress(RuntimeError):  # of releases that take fewer values, such as one dtype for autocast on a CPU
            put(not now if other is None else 2 if other == now == 1 else other)  # as of threads, where there is one


@contextmanager
def switches_put_back(values: dict[str, Any] = OTHER_VALUES) -> Generator[None, None, None]:
    """Put the switches back after the body."""
    before = [(put, switch.ask()) for switch, put in _found(values)]
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        for put, was in reversed(before):
            put(was)


@contextmanager
def all_otherwise() -> Generator[None, None, None]:
    """Let the body run where each switch has its other value, nothing is collected, and nothing shows what is logged.

    What is switched on, or put back to what is usual, is told where it was not on before.
    """
    collects, handlers = gc.isenabled(), logging.root.handlers[:]
    values = {**FOR_A_WHILE, **OTHER_VALUES}
    gc.disable()
    try:
        with switches_put_back(values):
            throw_switches(values)
            logging.root.handlers.clear()
            try:
                yield
            finally:
                logging.root.handlers[:] = handlers
    finally:
        if collects:
            gc.enable()  # the last, as far more objects are new than the other value of that switch allows


def settled(look: Callable[[], T]) -> T:
    """Return what a look at the world gives, or what a second one does, if something was imported meanwhile.

    An import switches much, of torch's parts above all, and it may be a look-up that comes to it first.
    """
    modules, before = len(sys.modules), as_they_are()
    seen = look()
    if len(sys.modules) == modules:
        return seen
    put_back(before)
    return look()


class Passing(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A mode of dispatch by which everything is as it is without."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Keep torch from importing its compiler for the sake of this mode, which takes as long as torch itself."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Do what was to be done."""
        return func(*args, **(kwargs or {}))


@contextmanager
def in_mode(mode: str, *, passing: bool = False) -> Generator[None, None, None]:
    """Put the body into a mode of torch; with all modes, every other switch is thrown as well.

    Parameters:
        mode: the mode.
        passing: whether all modes have one of dispatch among them, in which tensors take several times as long.
    """
    with ExitStack() as stack:
        if mode == MODES[-1]:
            stack.enter_context(all_otherwise())  # before the mode, as a switch that is thrown twice is as it was
        stack.enter_context(under(mode))
        if mode == MODES[-1] and passing:
            stack.enter_context(Passing())  # type: ignore[no-untyped-call]
        yield


def _found(values: dict[str, Any]) -> list[tuple[Switch, Callable[[Any], Any]]]:
    return [(each, each.put) for each in switches() if each.name in values and each.put is not None]
