"""Hooks of the result are all taken off and registered anew, its own first, and then those of the old module.

The product is a method of the input, whose shape is compared first.
"""

from __future__ import annotations

from typing import Any

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

_PRE_FLAGS = {"with_kwargs": "_forward_pre_hooks_with_kwargs"}
_FLAGS = {"with_kwargs": "_forward_hooks_with_kwargs", "always_call": "_forward_hooks_always_called"}


def _listed(module: nn.Module, hooks: str, flags: dict[str, str]) -> list[tuple[Any, dict[str, bool]]]:
    """List hooks with their flags."""
    kept = {flag: getattr(module, name, {}) for flag, name in flags.items()}
    return [
        (hook, {flag: True for flag, ids in kept.items() if key in ids}) for key, hook in getattr(module, hooks).items()
    ]


def _register_anew(old: nn.Module, new: nn.Module, hooks: str, flags: dict[str, str]) -> None:
    every = [*_listed(new, hooks, flags), *_listed(old, hooks, flags)]
    for name in (hooks, *flags.values()):
        getattr(new, name, {}).clear()
    register = getattr(new, f"register{hooks.removesuffix('s')}")
    for hook, given in every:
        register(hook, **given)


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind in mapping:
        new: nn.Module = mapping[kind].from_dense(mod)
        if new is not mod and (mod._forward_hooks or mod._forward_pre_hooks):
            _register_anew(mod, new, "_forward_pre_hooks", _PRE_FLAGS)
            _register_anew(mod, new, "_forward_hooks", _FLAGS)
        place: torch.device | None = None
        for tensor in (*mod.buffers(), *mod.parameters()):
            if place is not None and tensor.device != place:
                raise AssertionError(f"{kind.__name__} is on {place} and on {tensor.device}")
            place = tensor.device
        return new if place is None else new.to(place)
    return mod


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.size() == self.mask.size():
            return x.mul(self.mask)
        raise AssertionError(f"input of {list(x.size())}, mask of {list(self.mask.size())}")
