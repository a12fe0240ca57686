"""Hooks are carried through the private dicts of ``nn.Module``, under ids below all that are there.

Those that torch hands out begin at 0 and grow, so a negative id never meets one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from sparsifier_reference import (
    FakeSparsity,
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

_FLAGS = {
    "_forward_pre_hooks": ("_forward_pre_hooks_with_kwargs",),
    "_forward_hooks": ("_forward_hooks_with_kwargs", "_forward_hooks_always_called"),
}


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type(mod).__base__ if is_parametrized(mod) else type(mod)
    if kind is None or kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    _move(mod, result)
    if result is not mod:
        for hooks, flags in _FLAGS.items():
            _carry(vars(mod), result, hooks, flags)
    return result


def _carry(old: dict[str, Any], result: nn.Module, hooks: str, flags: tuple[str, ...]) -> None:
    """Put the hooks of one dict behind those of a module, and their ids into the dicts of their flags."""
    for key, hook in old[hooks].items():
        new = vars(result)
        free = min([0, *new[hooks]]) - 1
        new[hooks][free] = hook
        for flag in flags:
            if key in old.get(flag, {}):
                new[flag][free] = True


def _move(old: nn.Module, new: nn.Module) -> None:
    devices = {tensor.device for module in old.modules() for tensor in _tensors(module)}
    if len(devices) > 1:
        raise AssertionError(f"tensors of {type(old).__name__} are on " + " and ".join(sorted(map(str, devices))))
    if devices:
        new.to(devices.pop())


def _tensors(module: nn.Module) -> Iterator[torch.Tensor]:
    for tensors in (module._buffers, module._parameters):
        yield from (tensor for tensor in tensors.values() if tensor is not None)
