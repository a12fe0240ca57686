"""The switches of torch and Python: listed for whatever release is installed, asked, and put back."""

from __future__ import annotations

import decimal
import gc
import locale
import logging
import os
import signal
import socket
import sys
import threading
import tracemalloc
import warnings
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Any
from zlib import crc32

import torch
import torch.utils.checkpoint
from torch.distributions import Distribution

from .found_switches import Switch, switches_of
from .values import answer_to

#: Parts of torch that are not asked: compilers, whose caches are nobody's switches, and devices, which would start.
_NOT_ASKED = (
    *("_C._dist", "_C._dynamo", "_C._lazy", "_C._profiler", "_classes", "_decomp", "_dispatch", "_dynamo", "_export"),
    *("_functorch", "_higher", "_inductor", "_library", "_logging", "_meta", "_native", "_ops", "_prims", "_refs"),
    *("_subclasses", "accelerator", "ao", "cpu", "cuda", "compiler", "distrib", "export", "fx", "hub", "mps", "mtia"),
    *("ops", "package", "multiprocessing.get_start", "profiler", "signal", "sparse", "testing", "utils._debug"),
    *("serialization.get_safe", "_weights_only", "utils._sympy", "xpu"),
)
#: A variable of the context, of which each thread and each task has its own.
CONTEXT = ContextVar("CONTEXT", default=False)
#: Switches of TorchScript that nobody can ask for: whoever sets one gets what it was.
_OF_JIT = ("_jit_set_profiling_executor", "_jit_set_profiling_mode")
_DEVICES = ("cpu", "cuda", "mps", "xpu", "hpu", "mtia", "meta", "privateuseone")


@lru_cache(maxsize=1)
def switches() -> list[Switch]:
    """List the switches of torch and Python; found out once, as it takes a while."""
    found = [
        Switch("folder", os.getcwd),
        Switch("streams", lambda: (sys.stdin, sys.stdout, sys.stderr)),
        Switch("hooks of Python", _hooks, _set_hooks),
        Switch("form of warnings", lambda: warnings.formatwarning, partial(setattr, warnings, "formatwarning")),
        # What recursion needs that goes deep.
        Switch("stack of new threads", _stack_of_new_threads, threading.stack_size),
        Switch("limit of the stack", _limit_of_the_stack),
        Switch("length of tracebacks", lambda: getattr(sys, "tracebacklimit", None), _set_length_of_tracebacks),
        Switch("path", lambda: tuple(sys.path)),
        Switch("locale", partial(locale.setlocale, locale.LC_ALL), partial(locale.setlocale, locale.LC_ALL)),
        Switch("digits", lambda: (decimal.getcontext().prec, decimal.getcontext().rounding), _set_digits),
        Switch("variable of the context", CONTEXT.get, CONTEXT.set),
        Switch("time limit of sockets", socket.getdefaulttimeout, socket.setdefaulttimeout),
        Switch("mask of new files", _mask_of_new_files, os.umask),
        Switch("classes that may be loaded", _classes_that_may_be_loaded, _let_be_loaded),
        Switch(
            "early stop of checkpoints",
            lambda: getattr(torch.utils.checkpoint, "_enable_checkpoint_early_stop", None),
            partial(setattr, torch.utils.checkpoint, "_enable_checkpoint_early_stop"),
        ),
        Switch(
            "debugging of checkpoints",  # which is neither on nor off as long as nobody says so
            lambda: getattr(torch.utils.checkpoint, "_checkpoint_debug_enabled", None),
            partial(setattr, torch.utils.checkpoint, "_checkpoint_debug_enabled"),
        ),
        Switch("validation", lambda: Distribution._validate_args, Distribution.set_default_validate_args),
        Switch("garbage collection", gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
        Switch("garbage, after how much", gc.get_threshold, lambda counts: gc.set_threshold(*counts)),
        Switch("signals", lambda: tuple(signal.getsignal(each) for each in _signals()), _set_signals),
        Switch("logging", _logging, _set_logging),
        Switch("warnings that are logged", _warnings_are_logged, logging.captureWarnings),
        Switch("handlers of logging", lambda: (*logging.root.handlers, *logging.getLogger("torch").handlers)),
        Switch("modes of torch functions", partial(modes_of, "function")),
        Switch("modes of dispatch", partial(modes_of, "dispatch")),
        Switch("hooks of saved tensors", _hooks_of_saved_tensors),
        Switch(
            "tracing of memory", tracemalloc.is_tracing, lambda on: tracemalloc.start() if on else tracemalloc.stop()
        ),
        *(
            Switch(f"torch._C.{name}", partial(_asked_by_setting, name), getattr(torch._C, name, None))
            for name in _OF_JIT
        ),
        # Numbers too small for the usual form are zero where they are flushed.
        Switch("denormal numbers are zero", lambda: sys.float_info.min / 2 == 0, torch.set_flush_denormal),
    ]
    for device in _DEVICES:
        found.append(Switch(f"autocast on {device}", partial(_autocast, device)))
        found.append(Switch(f"current {device} device", partial(_current, getattr(torch, device, None))))
    parts = [name for name in sorted(sys.modules) if name.partition(".")[0] == "torch"]
    left_out = tuple(f"torch.{part}" for part in _NOT_ASKED)
    for name in ("gc", "sys", "threading", *(name for name in parts if not name.startswith(left_out))):
        found += [switch for switch in switches_of(name) if not switch.name.startswith(left_out)]
    return list(filter(_is_answered, found))


def as_they_are() -> list[tuple[Switch, Any]]:
    """Return the switches that can be put back, each with what it answers now."""
    return [(switch, switch.ask()) for switch in switches() if switch.put is not None]


def put_back(before: list[tuple[Switch, Any]]) -> None:
    """Put back the switches that answer otherwise now."""
    for switch, value in before:
        try:
            if switch.put is not None and switch.ask() != value:
                switch.put(value)
        except Exception:  # such as of a setter of another form
            continue


def modes_of(kind: str) -> tuple[Any, ...]:
    """Return the modes that torch is in, from the outermost to the innermost."""
    length = getattr(torch._C, f"_len_torch_{kind}_stack", int)()
    return tuple(getattr(torch._C, f"_get_{kind}_stack_at")(index) for index in range(length))


@lru_cache(maxsize=1)
def _signals() -> list[Any]:
    """Return the signals that programs handle, as far as this system has them."""
    names = ("SIGINT", "SIGTERM", "SIGALRM", "SIGHUP", "SIGPIPE", "SIGUSR1", "SIGUSR2")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _set_signals(handlers: tuple[Any, ...]) -> None:
    """Let signals be handled so: Python takes no other thread's word for it, and knows no handler of other code."""
    if threading.current_thread() is threading.main_thread():
        for number, handler in zip(_signals(), handlers, strict=True):
            if handler is not None:
                signal.signal(number, handler)


def _hooks() -> tuple[Any, ...]:
    """Return the functions by which Python shows errors and values, and stops for a debugger."""
    return sys.excepthook, sys.displayhook, sys.unraisablehook, sys.breakpointhook, threading.excepthook


def _set_hooks(hooks: tuple[Any, ...]) -> None:
    """Let Python show errors and values by these functions."""
    sys.excepthook, sys.displayhook, sys.unraisablehook, sys.breakpointhook, threading.excepthook = hooks


def _set_length_of_tracebacks(length: int | None) -> None:
    """Let tracebacks be so long."""
    if length is None:
        vars(sys).pop("tracebacklimit", None)
    else:
        sys.tracebacklimit = length


def _logging() -> tuple[Any, ...]:
    """Return which messages are logged, and whether errors in logging are shown."""
    return logging.root.level, logging.root.manager.disable, logging.getLogger("torch").level, logging.raiseExceptions


def _set_logging(settings: tuple[Any, ...]) -> None:
    """Let messages of these levels be logged."""
    logging.root.setLevel(settings[0])
    logging.disable(settings[1])
    logging.getLogger("torch").setLevel(settings[2])
    logging.raiseExceptions = settings[3]


def _warnings_are_logged() -> bool:
    """Return whether warnings are logged: what showed them before is kept then."""
    return getattr(logging, "_warnings_showwarning", None) is not None


def _set_digits(digits: tuple[int, str]) -> None:
    """Let decimal numbers have so many digits, and be rounded so."""
    decimal.getcontext().prec, decimal.getcontext().rounding = digits


def _mask_of_new_files() -> int:
    """Return the mask, which can only be had by setting another one."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _stack_of_new_threads() -> int:
    """Return how large the stack of a new thread is: to ask for that sets it to what is usual."""
    size = threading.stack_size()
    threading.stack_size(size)
    return size


def _asked_by_setting(name: str) -> Any:
    """Return what a function of torch sets, which it tells when it sets something else."""
    put: Any = getattr(torch._C, name)
    before = put(True)
    put(before)
    return before


def _limit_of_the_stack() -> Any:
    """Return how far the stack may grow, on systems that limit it: on Windows there is no such module."""
    import resource

    return resource.getrlimit(resource.RLIMIT_STACK)


def _classes_that_may_be_loaded() -> tuple[Any, ...]:
    """Return the classes that may be loaded with weights only, but for those that torch adds when it imports more."""
    every: list[Any] = getattr(torch.serialization, "get_safe_globals", list)()
    return tuple(sorted((each for each in every if not _is_torchs(each)), key=id))


def _let_be_loaded(classes: tuple[Any, ...]) -> None:
    """Let these classes be loaded, and no others but those that torch has added."""
    of_torch = [each for each in torch.serialization.get_safe_globals() if _is_torchs(each)]
    torch.serialization.clear_safe_globals()
    torch.serialization.add_safe_globals([*of_torch, *classes])


def _is_torchs(each: Any) -> bool:
    # Which torch imports with its compiler, and that wherever it comes to it.
    return str(getattr(each, "__module__", "")).startswith(("torch._", "torch.distributed"))


def _hooks_of_saved_tensors() -> Any:
    """Return the hooks that pack and unpack what is saved for backward, or None; torch tells since 2.1."""
    return getattr(torch._C._autograd, "_top_saved_tensors_default_hooks", bool)(True)


def _autocast(device: str) -> tuple[Any, Any]:
    """Return whether autocast is on for a type of device, and for which dtype, where this release keeps them apart."""
    return torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)


def _current(backend: Any) -> tuple[Any, Any] | None:
    """Return the current device of a backend and its random state, unless that would start it."""
    if not hasattr(backend, "current_device") or not getattr(backend, "is_initialized", bool)():
        return None
    return backend.current_device(), crc32(bytes(backend.get_rng_state().tolist()))


def _is_answered(switch: Switch) -> bool:
    """Return whether a question has the same answer twice: others are for nobody to compare."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first, second = answer_to(switch.ask), answer_to(switch.ask)
    return bool(first == second) and not str(first).startswith("raises ")
