"""The replacement of a module by its sparse counterpart."""

from __future__ import annotations

from itertools import chain
from typing import Any

from torch import nn
from torch.nn.utils.parametrize import type_before_parametrizations


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    """Return what the class that a module is mapped to makes of it, in place of the module.

    Parameters:
        mod: the old module.
        mapping: from the exact type of a module (before parametrization) to a class with ``from_dense``.

    Returns:
        ``mapping[type].from_dense(mod)``, with the forward hooks and on the device of ``mod``; ``mod``
        itself if its type is not in the mapping.

    Raises:
        AssertionError: if the tensors of ``mod`` are on more than one device.
        AttributeError: if the mapped class has no ``from_dense``.

    Answers to: ``swap_module/*``.
    """
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    if result is not mod:
        _carry_forward_hooks(mod, result)
    devices = {tensor.device for tensor in chain(mod.parameters(), mod.buffers())}
    if len(devices) > 1:
        raise AssertionError(f"a module to swap must be on one device, not on {sorted(map(str, devices))}")
    for device in devices:
        result.to(device)
    return result


def _carry_forward_hooks(old: nn.Module, new: nn.Module) -> None:
    """Register the forward hooks of one module on another, in their order, with their flags.

    The flags are kept by hook id, in dicts that older releases of torch do not have.
    """
    takes_kwargs = getattr(old, "_forward_pre_hooks_with_kwargs", {})
    for key, pre_hook in old._forward_pre_hooks.items():
        new.register_forward_pre_hook(pre_hook, **({"with_kwargs": True} if key in takes_kwargs else {}))
    takes_kwargs = getattr(old, "_forward_hooks_with_kwargs", {})
    always_called = getattr(old, "_forward_hooks_always_called", {})
    flags = {"with_kwargs": takes_kwargs, "always_call": always_called}
    for key, hook in old._forward_hooks.items():
        new.register_forward_hook(hook, **{flag: True for flag, keys in flags.items() if key in keys})
