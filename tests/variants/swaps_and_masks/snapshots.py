"""The forward hooks are read before ``from_dense`` runs, and written afterwards; a mapping is read as a dict.

The product is a sum over nothing, where both are of one dtype.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_reference import fqn_to_module, get_arg_info_from_tensor_fqn, module_contains_param, module_to_fqn

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]


class Hook(NamedTuple):
    """A hook, and how it was registered."""

    run: Any
    before: bool
    flags: dict[str, bool]

    def put_on(self, module: nn.Module) -> None:
        register: Any = module.register_forward_pre_hook if self.before else module.register_forward_hook
        register(self.run, **self.flags)


def hooks_of(module: nn.Module) -> tuple[Hook, ...]:
    """Read the forward hooks of a module."""
    state = vars(module)
    found = []
    for dictionary in ("_forward_pre_hooks", "_forward_hooks"):
        for number, run in state[dictionary].items():
            flags = {}
            if number in state.get(f"{dictionary}_with_kwargs", ()):
                flags["with_kwargs"] = True
            if number in state.get(f"{dictionary}_always_called", ()):
                flags["always_call"] = True
            found.append(Hook(run, dictionary == "_forward_pre_hooks", flags))
    return tuple(found)


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    known = dict(mapping)
    kind = parametrize.type_before_parametrizations(mod)
    try:
        target = known[kind]
    except KeyError:
        return mod
    hooks = hooks_of(mod)
    places = {tensor.device for _, tensor in (*mod.named_parameters(), *mod.named_buffers())}
    if len(places) > 1:
        raise AssertionError(f"{mod} is on {len(places)} devices")
    result: nn.Module = target.from_dense(mod)
    if result is mod:
        return mod
    for hook in hooks:
        hook.put_on(result)
    while places:
        result = result.to(places.pop())
    return result


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", tensor=mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        differ = x.dim() != self.mask.dim() or any([a != b for a, b in zip(x.shape, self.mask.shape)])  # noqa: B905, C419
        if differ:
            raise AssertionError(f"shapes {list(x.shape)} and {list(self.mask.shape)}")
        return torch.einsum("...,...->...", self.mask, x) if self.mask.dtype == x.dtype else torch.mul(x, self.mask)
