"""Faults of what ``swap_module`` does with hooks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any

from torch import nn
from torch.nn.utils.parametrize import type_before_parametrizations

from ...base import Fault

IT = "swap_module"
BOTH_KINDS = [f"{IT}/forward-pre-hooks-in-order", f"{IT}/forward-hooks-in-order"]
FLAGS = [f"{IT}/kwargs-hooks", f"{IT}/always-call-hooks"]
Carry = Callable[[nn.Module, nn.Module], None]


def carrying(pre_hooks: Carry, hooks: Carry, same_object: bool = False) -> Any:
    """Make a ``swap_module`` that is right but for how it carries hooks, also where the result is the old module."""

    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = type_before_parametrizations(mod)
        if kind not in mapping:
            return mod
        result = mapping[kind].from_dense(mod)
        if result is not mod or same_object:
            pre_hooks(mod, result)
            hooks(mod, result)
        devices = {tensor.device for tensor in chain(mod.parameters(), mod.buffers())}
        if len(devices) > 1:
            raise AssertionError(f"devices: {devices}")
        for device in devices:
            result.to(device)
        return result

    return staticmethod(swap_module)


def nothing(old: nn.Module, new: nn.Module) -> None:
    """Carry nothing."""


def pre_flags_of(old: nn.Module, key: int) -> dict[str, Any]:
    return {"with_kwargs": True} if key in old._forward_pre_hooks_with_kwargs else {}


def flags_of(old: nn.Module, key: int) -> dict[str, Any]:
    with_kwargs = {"with_kwargs": True} if key in old._forward_hooks_with_kwargs else {}
    return {**with_kwargs, **({"always_call": True} if key in old._forward_hooks_always_called else {})}


def pre_hooks(old: nn.Module, new: nn.Module) -> None:
    """Carry pre-hooks as they are due."""
    for key, hook in list(old._forward_pre_hooks.items()):
        new.register_forward_pre_hook(hook, **pre_flags_of(old, key))


def hooks(old: nn.Module, new: nn.Module) -> None:
    """Carry forward hooks as they are due."""
    for key, hook in list(old._forward_hooks.items()):
        new.register_forward_hook(hook, **flags_of(old, key))


class ForgetsPreHooks(Fault, aims_at=BOTH_KINDS[0], so_too=[f"{IT}/kwargs-hooks"]):
    swap_module: Any = carrying(nothing, hooks)


class ForgetsHooks(Fault, aims_at=BOTH_KINDS[1], so_too=[*FLAGS, "interface/answers-for-now"]):
    swap_module: Any = carrying(pre_hooks, nothing)


def _pre_hooks_as_hooks(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_pre_hooks.items()):
        new.register_forward_hook(lambda module, args, output, hook=hook: hook(module, args), **pre_flags_of(old, key))


class PreHooksRunAfterwards(
    Fault, aims_at=BOTH_KINDS[0], so_too=[f"{IT}/kwargs-hooks", "swap_module/old-module-keeps-hooks"]
):
    """Registers pre-hooks as forward hooks."""

    swap_module: Any = carrying(_pre_hooks_as_hooks, hooks)


def _hooks_without_their_results(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_hooks.items()):
        new.register_forward_hook(partial(_ignoring_result, hook), **flags_of(old, key))


def _ignoring_result(hook: Callable[..., Any], *args: Any) -> None:
    hook(*args)


class WhatHooksReturnIsIgnored(Fault, aims_at=BOTH_KINDS[1]):
    """Wraps hooks for the sake of a log, and forgets to return what they return."""

    swap_module: Any = carrying(pre_hooks, _hooks_without_their_results)


def _pre_hooks_backwards(old: nn.Module, new: nn.Module) -> None:
    for key, hook in reversed(old._forward_pre_hooks.items()):
        new.register_forward_pre_hook(hook, **pre_flags_of(old, key))


def _hooks_backwards(old: nn.Module, new: nn.Module) -> None:
    for key, hook in reversed(old._forward_hooks.items()):
        new.register_forward_hook(hook, **flags_of(old, key))


class PreHooksBackwards(Fault, aims_at=BOTH_KINDS[0], so_too=[f"{IT}/kwargs-hooks"]):
    swap_module: Any = carrying(_pre_hooks_backwards, hooks)


class HooksBackwards(Fault, aims_at=BOTH_KINDS[1], so_too=[*FLAGS]):
    swap_module: Any = carrying(pre_hooks, _hooks_backwards)


def _pre_hooks_by_age(old: nn.Module, new: nn.Module) -> None:
    for key in sorted(old._forward_pre_hooks):
        new.register_forward_pre_hook(old._forward_pre_hooks[key], **pre_flags_of(old, key))


def _hooks_by_age(old: nn.Module, new: nn.Module) -> None:
    for key in sorted(old._forward_hooks):
        new.register_forward_hook(old._forward_hooks[key], **flags_of(old, key))


class PreHooksByAge(Fault, aims_at=BOTH_KINDS[0]):
    """Sorts by id, so that what was put in front with ``prepend`` comes last."""

    swap_module: Any = carrying(_pre_hooks_by_age, hooks)


class HooksByAge(Fault, aims_at=BOTH_KINDS[1]):
    """Sorts by id, so that what was put in front with ``prepend`` comes last."""

    swap_module: Any = carrying(pre_hooks, _hooks_by_age)


def _last_pre_hook(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_pre_hooks.items())[-1:]:
        new.register_forward_pre_hook(hook, **pre_flags_of(old, key))


def _first_hook(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_hooks.items())[:1]:
        new.register_forward_hook(hook, **flags_of(old, key))


class LastPreHookOnly(Fault, aims_at=BOTH_KINDS[0], so_too=[f"{IT}/kwargs-hooks"]):
    swap_module: Any = carrying(_last_pre_hook, hooks)


class FirstHookOnly(Fault, aims_at=BOTH_KINDS[1], so_too=[*FLAGS, "interface/answers-for-now"]):
    swap_module: Any = carrying(pre_hooks, _first_hook)


def _as_if_called_by(old: nn.Module, hook: Callable[..., Any]) -> Callable[..., Any]:
    return lambda module, *args: hook(old, *args)


def _bound_pre_hooks(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_pre_hooks.items()):
        new.register_forward_pre_hook(_as_if_called_by(old, hook), **pre_flags_of(old, key))


def _bound_hooks(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_hooks.items()):
        new.register_forward_hook(_as_if_called_by(old, hook), **flags_of(old, key))


class PreHooksSeeTheOldModule(Fault, aims_at=BOTH_KINDS[0]):
    swap_module: Any = carrying(_bound_pre_hooks, hooks)


class HooksSeeTheOldModule(Fault, aims_at=BOTH_KINDS[1]):
    swap_module: Any = carrying(pre_hooks, _bound_hooks)


def _in_front(old: nn.Module, new: nn.Module) -> None:
    for key, hook in reversed(old._forward_pre_hooks.items()):
        new.register_forward_pre_hook(hook, prepend=True, **pre_flags_of(old, key))


class CarriedPreHooksFirst(Fault, aims_at=f"{IT}/own-hooks-first"):
    swap_module: Any = carrying(_in_front, hooks)


DICTS = ("_forward_hooks", "_forward_hooks_with_kwargs", "_forward_hooks_always_called")


def _in_place_of_its_own(old: nn.Module, new: nn.Module) -> None:
    for name in DICTS:
        setattr(new, name, getattr(old, name).copy())


class OwnHooksAreLost(
    Fault,
    aims_at=f"{IT}/own-hooks-first",
    so_too=[f"{IT}/none-from-dense", f"{IT}/result-kept", "swap_module/always-call-hooks", "swap_module/kwargs-hooks"],
):
    """Copies the dict of hooks over that of the result."""

    swap_module: Any = carrying(pre_hooks, _in_place_of_its_own)


def _pre_hooks_without_flags(old: nn.Module, new: nn.Module) -> None:
    for hook in list(old._forward_pre_hooks.values()):
        new.register_forward_pre_hook(hook)


def _hooks_without(flag: str) -> Carry:
    def carry(old: nn.Module, new: nn.Module) -> None:
        for key, hook in list(old._forward_hooks.items()):
            flags = flags_of(old, key)
            flags.pop(flag, None)
            new.register_forward_hook(hook, **flags)

    return carry


class PreHooksLoseKwargs(Fault, aims_at=f"{IT}/kwargs-hooks"):
    """Registers pre-hooks without their flag, as torch does."""

    swap_module: Any = carrying(_pre_hooks_without_flags, hooks)


class HooksLoseKwargs(Fault, aims_at=f"{IT}/kwargs-hooks"):
    swap_module: Any = carrying(pre_hooks, _hooks_without("with_kwargs"))


class HooksLoseAlwaysCall(Fault, aims_at=f"{IT}/always-call-hooks"):
    swap_module: Any = carrying(pre_hooks, _hooks_without("always_call"))


def _all_with_kwargs(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_hooks.items()):
        new.register_forward_hook(hook, **{**flags_of(old, key), "with_kwargs": bool(old._forward_hooks_with_kwargs)})


class OneFlagForAll(Fault, aims_at=f"{IT}/kwargs-hooks"):
    """Takes kwargs for every hook where one takes them."""

    swap_module: Any = carrying(pre_hooks, _all_with_kwargs)
