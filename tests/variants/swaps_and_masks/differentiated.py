"""A product whose backward is a product of the same kind, so that it can be differentiated as often as one likes.

Hooks come out of a generator with their flags.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
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


class Masked(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return x * mask

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[torch.Tensor, torch.Tensor], output: torch.Tensor) -> None:
        x, mask = inputs
        ctx.save_for_backward(mask)
        ctx.save_for_forward(mask)
        ctx.like = x.dtype

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (mask,) = ctx.saved_tensors
        masked = masked_by(gradient, mask.conj())
        if masked.is_complex() and not ctx.like.is_complex:
            masked = masked.real
        return masked.to(ctx.like), None

    @staticmethod
    def jvp(ctx: Any, of_x: torch.Tensor, of_mask: None) -> torch.Tensor:
        (mask,) = ctx.saved_tensors
        return masked_by(of_x, mask)


def masked_by(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    result: torch.Tensor = Masked.apply(x, mask)  # type: ignore[no-untyped-call]
    return result


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mask = self.mask
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return mask * x
        if list(mask.shape) != list(x.shape):
            raise AssertionError(f"{list(mask.shape)} does not mask {list(x.shape)}")
        return masked_by(x, mask)


def _flags(mod: nn.Module, hooks: str) -> Iterator[tuple[Any, dict[str, bool]]]:
    """Give hooks, and the flags with which they are to be registered."""
    keywords = {"with_kwargs": f"{hooks}_with_kwargs", "always_call": f"{hooks}_always_called"}
    for key, hook in list(getattr(mod, hooks).items()):
        yield hook, {keyword: True for keyword, ids in keywords.items() if getattr(mod, ids, {}).get(key)}


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    if result is not mod:
        for hook, flags in _flags(mod, "_forward_pre_hooks"):
            result.register_forward_pre_hook(hook, **flags)
        for hook, flags in _flags(mod, "_forward_hooks"):
            result.register_forward_hook(hook, **flags)
    places = [tensor.device for tensor in chain(mod.buffers(), mod.parameters())]
    if places and places.count(places[0]) != len(places):
        raise AssertionError(f"more than one device: {places}")
    return result.to(places[0]) if places else result
