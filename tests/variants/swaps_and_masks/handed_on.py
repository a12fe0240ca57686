"""Hooks are merged into the dicts of the result, under ids that are no numbers; a mask is read through a property.

The product is that of a copy of the input, in the dtype of the result, which is multiplied in place.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any
from uuid import uuid4

import torch
from torch import nn
from torch.nn.utils.parametrize import type_before_parametrizations

from sparsifier_reference import fqn_to_module, get_arg_info_from_tensor_fqn, module_contains_param, module_to_fqn

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]
NOT_CLAIMED = ("FakeSparsity/functional-transforms",)  # of masks alone: the copy of an input has no batch of them

_DICTS = {
    "_forward_pre_hooks": ("_forward_pre_hooks_with_kwargs",),
    "_forward_hooks": ("_forward_hooks_with_kwargs", "_forward_hooks_always_called"),
}


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    for hooks, flags in _DICTS.items() if result is not mod else ():
        old: OrderedDict[Any, Any] = getattr(mod, hooks)
        ids = {key: uuid4().hex for key in old}
        for name in (hooks, *flags) if old else ():
            kept = getattr(result, name)
            kept |= OrderedDict((ids[key], value) for key, value in getattr(mod, name).items() if key in ids)
    devices = {tensor.device for tensors in (mod.parameters(), mod.buffers()) for tensor in tensors}
    if len(devices) > 1:
        raise AssertionError(f"one device is wanted, not {devices}")
    return result.to(devices.pop()) if devices else result


class FakeSparsity(nn.Module):
    __jit_unused_properties__ = ("mask",)

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self._buffers["mask"] = mask
        self._non_persistent_buffers_set.add("mask")

    @property
    def mask(self) -> torch.Tensor:
        """The buffer of that name."""
        mask = self._buffers["mask"]
        if mask is None:
            raise AttributeError("mask")
        return mask

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError(f"an input of shape {list(x.shape)} for a mask of shape {list(self.mask.shape)}")
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return x * self.mask
        return x.to(torch.result_type(x, self.mask), copy=True).mul_(self.mask)
