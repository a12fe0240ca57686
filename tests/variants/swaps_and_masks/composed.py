"""Composition: a ``FakeSparsity`` whose product and check are parts, and hooks that are put in front one by one.

``swap_module`` takes the own hooks of the result off, lets those of the old module follow, last ones first, and moves
each to the end of its dict; only then does it look at devices.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from sparsifier_reference import (
    fqn_to_module,
    get_arg_info_from_tensor_fqn,
    module_contains_param,
    module_to_fqn,
)

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]

_FLAGS = {"_forward_pre_hooks": ("with_kwargs",), "_forward_hooks": ("with_kwargs", "always_called")}


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind: Any = type(mod).__mro__[1] if is_parametrized(mod) else type(mod)
    try:
        target = mapping[kind] if kind in mapping.keys() else ...  # noqa: SIM118
    except KeyError:
        target = ...
    if target is ...:
        return mod
    new: nn.Module = target.from_dense(mod)
    places = {str(tensor.device): tensor.device for tensor in [*mod.buffers(), *mod.parameters()]}
    if len(places) > 1:
        raise AssertionError("one device expected, found " + ", ".join(places))
    for kind_of_hook, flags in _FLAGS.items() if new is not mod else ():
        _follow(mod, new, kind_of_hook, flags)
    for place in places.values():
        new.to(device=place)
    return new


def _follow(old: nn.Module, new: nn.Module, name: str, flags: tuple[str, ...]) -> None:
    if not getattr(old, name):
        return
    hooks: OrderedDict[int, Any] = getattr(new, name)
    own = list(hooks)
    register = getattr(new, "register" + name.removesuffix("s"))
    for key in reversed(getattr(old, name)):
        handle = register(getattr(old, name)[key])
        hooks.move_to_end(handle.id, last=False)
        for flag in flags:
            if key in getattr(old, f"{name}_{flag}", ()):
                getattr(new, f"{name}_{flag}")[handle.id] = True
    for key in reversed(own):
        hooks.move_to_end(key, last=False)


class _Fits:
    """Compares shapes, size by size."""

    def __call__(self, mask: torch.Tensor, x: torch.Tensor) -> None:
        """Raise an error that names both shapes where they differ."""
        sizes = list(mask.size()), list(x.size())
        if sizes[0] != sizes[1]:
            raise AssertionError("mask of {}, input of {}".format(*sizes))


class _Product(nn.Module):
    """A product of two tensors, without tensors of its own."""

    def forward(self, mask: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.mul(x, mask)


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.product = _Product()
        self.fits = _Fits()
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.jit.is_scripting():  # type: ignore[attr-defined]
            self.fits(self.mask, x)
        product: torch.Tensor = self.product(self.mask, x)
        return product
