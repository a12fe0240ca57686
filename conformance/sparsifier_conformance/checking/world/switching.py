"""Much of what torch and Python let one switch, switched for a while."""

from __future__ import annotations

import decimal
import gc
import logging
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import torch

from .switches import Switch, switches

#: The switches that can be thrown without harm, with the values that they get; what is on or off becomes the other.
#: Neither the recursion limit nor garbage collection, which a look-up may need otherwise for its own time.
OTHER_VALUES: dict[str, Any] = {
    "digits": (30, decimal.ROUND_DOWN),
    "logging": (35, 5),
    "variable of the context": None,
    "validation": None,
    "sys.getswitchinterval": 0.01,
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
    "torch._C._is_multithreading_enabled": None,
    "torch._C._is_view_replay_enabled": None,
    "torch.backends.cudnn.enabled": None,
    "torch.backends.cudnn.benchmark": None,
    "torch.backends.mkldnn.enabled": None,
    "torch.backends.mha.get_fastpath_enabled": None,
}
#: What is added to the environment.
VARIABLE = "SPARSIFIER_SWITCHED"


def throw_switches() -> None:
    """Give each switch its other value."""
    os.environ[VARIABLE] = "1"
    for switch, put in _found():
        now, other = switch.ask(), OTHER_VALUES[switch.name]
        put(not now if other is None else 2 if other == now == 1 else other)  # as of threads, where there is one


@contextmanager
def switches_put_back() -> Generator[None, None, None]:
    """Put the switches back after the body."""
    before = [(put, switch.ask()) for switch, put in _found()]
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
    with switches_put_back():
        throw_switches()
        gc.disable()
        logging.root.handlers.clear()
        try:
            yield
        finally:
            logging.root.handlers[:] = handlers
            if collects:
                gc.enable()


def _found() -> list[tuple[Switch, Callable[[Any], Any]]]:
    return [(each, each.put) for each in switches() if each.name in OTHER_VALUES and each.put is not None]
