"""Faults of ``swap_module`` that confuse the flags of hooks, which belong to one registration each."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch import nn

from ...base import Fault
from .carrying import carrying, hooks, pre_hooks

KWARGS = "swap_module/kwargs-hooks"
ALWAYS = "swap_module/always-call-hooks"
Flags = Callable[[nn.Module, int, bool, bool], tuple[bool, bool]]


def flagged(flags: Flags) -> Any:
    """Make a ``swap_module`` that has its own idea of which hooks take kwargs, and which are called always."""

    def carry(old: nn.Module, new: nn.Module) -> None:
        for key, hook in list(old._forward_hooks.items()):
            takes, always = key in old._forward_hooks_with_kwargs, key in old._forward_hooks_always_called
            takes, always = flags(old, key, takes, always)
            new.register_forward_hook(hook, with_kwargs=takes, always_call=always)

    return carrying(pre_hooks, carry)


class KwargsMeanAlways(Fault, aims_at=ALWAYS):
    """Has one flag for hooks that are not plain."""

    swap_module: Any = flagged(lambda old, key, takes, always: (takes, takes or always))


class AlwaysMeansKwargs(Fault, aims_at=KWARGS):
    swap_module: Any = flagged(lambda old, key, takes, always: (takes or always, always))


class KwargsOrAlways(Fault, aims_at=ALWAYS):
    """``elif`` where a hook may have both flags."""

    swap_module: Any = flagged(lambda old, key, takes, always: (takes, always and not takes))


class AlwaysOrKwargs(Fault, aims_at=KWARGS):
    swap_module: Any = flagged(lambda old, key, takes, always: (takes and not always, always))


def _of_the_function(old: nn.Module, key: int, takes: bool, always: bool) -> tuple[bool, bool]:
    keys = [each for each, hook in old._forward_hooks.items() if hook is old._forward_hooks[key]]
    return any(each in old._forward_hooks_with_kwargs for each in keys), always


class FlagsOfTheFunction(Fault, aims_at=KWARGS):
    """Looks flags up by the hook, which may be registered with one and without."""

    swap_module: Any = flagged(_of_the_function)


def _of_its_first(old: nn.Module, key: int, takes: bool, always: bool) -> tuple[bool, bool]:
    first = next(each for each, hook in old._forward_hooks.items() if hook is old._forward_hooks[key])
    return takes, first in old._forward_hooks_always_called


class FlagsOfTheFirstRegistration(Fault, aims_at=ALWAYS):
    """Remembers the flags of each function as it meets it."""

    swap_module: Any = flagged(_of_its_first)


def _by_signature(old: nn.Module, key: int, takes: bool, always: bool) -> tuple[bool, bool]:
    hook = old._forward_hooks[key]
    return takes or (inspect.isfunction(hook) and len(inspect.signature(hook).parameters) == 4), always


class FlagsOfTheSignature(Fault, aims_at=KWARGS):
    """Sees by its parameters that a hook takes keyword arguments."""

    swap_module: Any = flagged(_by_signature)


def _pre_hooks_of_one_function(old: nn.Module, new: nn.Module) -> None:
    taking = [old._forward_pre_hooks[key] for key in old._forward_pre_hooks_with_kwargs]
    for hook in list(old._forward_pre_hooks.values()):
        new.register_forward_pre_hook(hook, with_kwargs=any(hook is each for each in taking))


class FlagsOfThePreHookFunction(Fault, aims_at=KWARGS):
    swap_module: Any = carrying(_pre_hooks_of_one_function, hooks)


def _spread(old: nn.Module, new: nn.Module) -> None:
    hooks(old, new)
    if old._forward_hooks and set(old._forward_hooks) == set(old._forward_hooks_with_kwargs):
        new._forward_hooks_with_kwargs.update(dict.fromkeys(new._forward_hooks, True))


class FlagsReachOwnHooks(Fault, aims_at=KWARGS):
    """Gives every hook of the result the flag that all hooks of the old module have."""

    swap_module: Any = carrying(pre_hooks, _spread)
