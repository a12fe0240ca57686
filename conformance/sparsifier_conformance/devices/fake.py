"""The device ``fake:cuda``: torch's FakeTensorMode, in which tensors have a CUDA device and a shape, and no values.

So the rules about several devices of one kind can be checked on a machine that has none.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from .base import Device, InScripts

#: As many as tell the old module's device from the current one.
COUNT = 2
_CURRENT = "cuda:0"
#: What tells of a fake tensor's storage, which is on meta.
_STORAGE = {"untyped_storage", "storage", "typed_storage", "_typed_storage", "data_ptr"}
#: What was asked of a fake tensor since ``faking`` began and has no right answer, in words.
doubts: list[str] = []


@contextmanager
def faking() -> Generator[None, None, None]:
    """Make every tensor that is created within a fake one, which may be on ``cuda:0`` or ``cuda:1``.

    Gradients are off: to build their graph torch would ask for a real device, and end the process.
    """
    doubts.clear()
    log = logging.getLogger("torch._subclasses.fake_tensor")
    before, log.disabled = log.disabled, True  # shapes that do not fit are what some checks are about
    try:
        with _forgetful()(), _Placing(), torch.no_grad():
            yield
    finally:
        log.disabled = before


@lru_cache(maxsize=1)
def _forgetful() -> Any:
    """Give the mode, which is imported late, as it takes long, and not by every release of torch."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    class Forgetful(FakeTensorMode):  # type: ignore[no-untyped-call, unused-ignore]
        """A mode that keeps no weak references to tensors, nor the values of constants: torch moves no such tensors."""

        # Else it would ask for a real device where there is none but that of another backend.
        avoid_device_init = not torch.cuda.is_available()

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result: Any = super().__torch_dispatch__(func, types, args, kwargs)
            memo = getattr(getattr(self.fake_tensor_converter, "meta_converter", None), "tensor_memo", None)
            if memo:
                memo.clear()
            if getattr(result, "constant", None) is not None:
                result.constant = None
            return result

    return Forgetful


class _Placing(TorchFunctionMode):
    """What torch would ask a real device for: which one is current, and where data that is assigned to lies."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.device:
            return func(*args, **kwargs)
        if func is torch.Tensor.__deepcopy__:
            return _copy(*args)
        if getattr(func, "__name__", "") in _STORAGE:
            doubts.append("a fake tensor has no storage")
        if func is torch.Tensor.cuda:
            tensor, device = args[0], args[1] if len(args) > 1 else kwargs.get("device")
            return tensor.to(f"cuda:{device}" if isinstance(device, int) else _indexed(device or "cuda"))
        result = func(*map(_indexed, args), **{name: _indexed(value) for name, value in kwargs.items()})
        if func == torch.Tensor.data.__set__ and hasattr(args[0], "fake_device"):  # type: ignore[attr-defined]
            args[0].fake_device = args[1].device
        return result


def _copy(tensor: torch.Tensor, memo: dict[int, Any]) -> torch.Tensor:
    """Copy a tensor; torch's own way reads the storage, and ends the process."""
    copied = tensor.detach().clone()
    if isinstance(tensor, nn.Parameter):
        copied = nn.Parameter(copied, requires_grad=tensor.requires_grad)
    memo[id(tensor)] = copied
    return copied


def _indexed(value: Any) -> Any:
    """Give the device that ``cuda`` without an index stands for, and everything else as it is."""
    if isinstance(value, str) and value == "cuda":
        return _CURRENT
    if isinstance(value, torch.device) and value == torch.device("cuda"):
        return torch.device(_CURRENT)
    return value


class Fake(Device):
    """A device of torch's FakeTensorMode; ``fake:cuda`` is the last of two, so that it is not the current one."""

    holds_values: ClassVar[bool] = False
    imports_compiler: ClassVar[bool] = True
    is_limited: ClassVar[bool] = True
    is_costly_to_try: ClassVar[bool] = True
    takes_index: ClassVar[bool] = False
    in_scripts: ClassVar[InScripts] = InScripts(__name__, "faking", around="with faking():")

    def missing(self) -> str | None:
        """Return why this torch cannot do it, or None if it can."""
        return _why_not()

    def doubts(self) -> list[str]:
        """Return what was asked of a fake tensor and has no right answer."""
        return list(doubts)

    @contextmanager
    def entered(self) -> Generator[str, None, None]:
        """Fake every tensor that is created within, and yield torch's name of the device."""
        kind = self.name.partition(":")[2]
        faked.append(kind)
        try:
            with faking():
                yield f"{kind}:{COUNT - 1}"
        finally:
            faked.remove(kind)


#: The kind that is faked at present, if any.
faked: list[str] = []


@lru_cache(maxsize=1)
def _why_not() -> str | None:
    """Return why this torch cannot do it: releases differ, so it is tried out."""
    try:
        with faking():
            moved = nn.BatchNorm1d(2, device="cuda:0").to("cuda:1")
            for tensor in (*moved.parameters(), *moved.buffers(), torch.ones(2).to("cuda:1") * moved.weight):
                if str(tensor.device) != "cuda:1":
                    raise RuntimeError(f"a tensor moved to cuda:1 is on {tensor.device}")
    except Exception as error:
        return f"FakeTensorMode of torch {torch.__version__} cannot do what is needed here ({type(error).__name__})"
    return None
