"""The mask is an ordinary, persistent buffer, kept out of state dicts where they are written and read.

In ``swap_module`` the devices are compared before ``from_dense`` runs, each tensor's with that of the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, pairwise
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


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError(f"a mask of {list(self.mask.shape)} masks no input of {list(x.shape)}")
        return x.mul(self.mask)

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        saved: dict[str, Any] = {}
        super()._save_to_state_dict(saved, prefix, keep_vars)
        saved.pop(f"{prefix}mask", None)
        destination.update(saved)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        # Loaded from itself, the mask stays what it is, and is not missing.
        present = {**state_dict, f"{prefix}mask": self.mask}
        super()._load_from_state_dict(
            present, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    target = mapping[kind]
    tensors = [*mod.buffers(), *mod.parameters()]
    for one, following in pairwise(tensors):
        if one.device != following.device:
            raise AssertionError(f"tensors on {one.device} and on {following.device}")
    result: nn.Module = target.from_dense(mod)
    if tensors:
        result.to(tensors[0].device)
    if result is not mod:
        for register, hook, flags in chain(_pre_hooks(mod, result), _hooks(mod, result)):
            register(hook, **flags)
    return result


def _pre_hooks(old: nn.Module, new: nn.Module) -> list[tuple[Callable[..., Any], Any, dict[str, bool]]]:
    with_kwargs = getattr(old, "_forward_pre_hooks_with_kwargs", {})
    return [
        (new.register_forward_pre_hook, hook, {"with_kwargs": True} if key in with_kwargs else {})
        for key, hook in old._forward_pre_hooks.items()
    ]


def _hooks(old: nn.Module, new: nn.Module) -> list[tuple[Callable[..., Any], Any, dict[str, bool]]]:
    with_kwargs = getattr(old, "_forward_hooks_with_kwargs", {})
    always_called = getattr(old, "_forward_hooks_always_called", {})
    listed: list[tuple[Callable[..., Any], Any, dict[str, bool]]] = []
    for key, hook in old._forward_hooks.items():
        flags = {"with_kwargs": key in with_kwargs, "always_call": key in always_called}
        listed.append((new.register_forward_hook, hook, {flag: True for flag in flags if flags[flag]}))
    return listed
