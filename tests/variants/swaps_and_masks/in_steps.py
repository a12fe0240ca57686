"""A checker and a multiplier are plain objects that ``FakeSparsity`` has, in place of code of its own.

A swap is three steps in a list, each a function of the old module and the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from sparsifier_reference import fqn_to_module, get_arg_info_from_tensor_fqn, module_contains_param, module_to_fqn

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]


class SameShape:
    """Lets no input through that a mask does not fit."""

    def check(self, mask: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        if mask.ndim == x.ndim and all(x.size(at) == mask.size(at) for at in range(x.ndim)):
            return x
        raise AssertionError(" and ".join(str(tuple(tensor.shape)) for tensor in (mask, x)) + " are two shapes")


class Times:
    """Multiplies."""

    def apply(self, mask: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        product: torch.Tensor = torch.multiply(x, mask)
        return product


class FakeSparsity(nn.Module):
    check: Any = SameShape()
    multiply: Any = Times()

    def __init__(self, mask: torch.Tensor) -> None:
        nn.Module.__init__(self)
        self.mask: torch.Tensor
        self._buffers["mask"] = mask
        self._non_persistent_buffers_set.add("mask")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return x * self.mask
        return self.multiply.apply(self.mask, self.check.check(self.mask, x))  # type: ignore[no-any-return]


def _one_device(old: nn.Module, new: nn.Module) -> None:
    first: list[torch.device] = []
    for each in old.modules():
        for tensor in (*each._parameters.values(), *each._buffers.values()):
            if tensor is not None and tensor.device not in first:
                first.append(tensor.device)
    if first[1:]:
        raise AssertionError("on " + ", ".join(map(str, first)))
    for device in first:
        new.to(device)


def _pre_hooks(old: nn.Module, new: nn.Module) -> None:
    flagged = getattr(old, "_forward_pre_hooks_with_kwargs", ())
    for key in list(old._forward_pre_hooks):
        hook = old._forward_pre_hooks[key]
        if key in flagged:
            new.register_forward_pre_hook(hook, with_kwargs=True)
        else:
            new.register_forward_pre_hook(hook)


def _hooks(old: nn.Module, new: nn.Module) -> None:
    of_kwargs, always = (getattr(old, f"_forward_hooks_{flag}", ()) for flag in ("with_kwargs", "always_called"))
    for key in list(old._forward_hooks):
        handle = new.register_forward_hook(old._forward_hooks[key])
        if key in of_kwargs:
            new._forward_hooks_with_kwargs[handle.id] = True
        if key in always:
            new._forward_hooks_always_called[handle.id] = True


STEPS: list[Callable[[nn.Module, nn.Module], None]] = [_hooks, _pre_hooks, _one_device]


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type(mod)
    if is_parametrized(mod):
        kind = kind.__mro__[1]
    if not mapping.__contains__(kind):
        return mod
    result: nn.Module = mapping.__getitem__(kind).from_dense(mod)
    for step in STEPS if result is not mod else STEPS[-1:]:
        step(mod, result)
    return result
