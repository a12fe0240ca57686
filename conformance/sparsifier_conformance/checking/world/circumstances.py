"""Circumstances under which an implementation is called, drawn with the input as a device is."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from threading import Barrier, Thread
from typing import Any

import torch

from ..comparing import contents, error_of, same

#: Modes of torch that a caller may be in: the answer is the same, but for what torch itself does otherwise in them.
MODES = (
    "as usual",
    "without grad",
    "in inference mode",
    "under autocast",
    "with another default dtype",
    "with another default device",
    "with anomalies detected",
    "with deterministic algorithms",
    "with all of that",
)
#: Ways to call: the answer is the same.
WAYS = ("once", "twice", "after an error", "in another thread", "in two threads at once")
CIRCUMSTANCES = (*MODES, *WAYS[1:])


@contextmanager
def under(circumstance: str) -> Generator[None, None, None]:
    """Put the body into a mode of torch; what is no mode changes nothing here."""
    wanted = MODES[1:-1] if circumstance == "with all of that" else (circumstance,)
    with ExitStack() as stack:
        if "without grad" in wanted:
            stack.enter_context(torch.no_grad())
        if "in inference mode" in wanted:
            stack.enter_context(torch.inference_mode())
        if "under autocast" in wanted:
            stack.enter_context(torch.autocast("cpu", dtype=torch.bfloat16))
        if "with anomalies detected" in wanted:
            stack.enter_context(torch.autograd.set_detect_anomaly(True))
        if "with deterministic algorithms" in wanted:
            stack.callback(torch.set_deterministic_debug_mode, torch.get_deterministic_debug_mode())
            torch.set_deterministic_debug_mode("error")
        if "with another default device" in wanted and hasattr(torch.device, "__enter__"):  # not before torch 2.0
            stack.enter_context(torch.device("meta"))
        if "with another default dtype" in wanted:
            stack.callback(torch.set_default_dtype, torch.get_default_dtype())
            torch.set_default_dtype(torch.float64)
        yield


def called(circumstance: str, function: Callable[..., Any], *args: Any) -> Any:
    """Return what a call gives under a circumstance, or raise what it raises.

    Of several calls the last counts; of two at once both, if they do not give the same.
    """
    if circumstance == "twice":
        function(*args)
    if circumstance == "after an error":
        error_of(function, Unusable(), *args[1:])
    if circumstance == "in another thread":
        return in_threads(lambda: function(*args))[0]
    if circumstance == "in two threads at once":
        first, second = in_threads(*[lambda: function(*args)] * 2)
        are_tensors = isinstance(first, torch.Tensor) and first is not second
        agree = same(contents(first), contents(second)) if are_tensors else same(first, second)
        return first if agree else (first, second)
    with under(circumstance):
        return function(*args)


class Unusable:
    """An object that raises an error of its own whenever it is asked for an attribute."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    """Return what calls give that are made at once, each in a thread of its own; the first error is raised.

    Under a mode of dispatch, such as that of fake tensors, they are made one after the other, each under that mode: of
    which torch keeps one state for all threads, but in which only the thread is that has entered it.
    """
    modes = [torch._C._get_dispatch_stack_at(at) for at in range(getattr(torch._C, "_len_torch_dispatch_stack", int)())]
    one_by_one = bool(modes)
    barrier, results = Barrier(1 if one_by_one else len(calls)), [None] * len(calls)
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            barrier.wait()
            with ExitStack() as stack:
                for mode in modes:
                    stack.enter_context(mode)
                results[index] = calls[index]()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
        if one_by_one:
            thread.join()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error
    return results
