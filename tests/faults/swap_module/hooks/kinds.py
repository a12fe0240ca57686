"""Faults of ``swap_module`` that take hooks for something else than whatever can be called."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ...base import Fault
from .carrying import FLAGS, IT, carrying, flags_of, hooks, pre_hooks

HOOKS = "swap_module/forward-hooks-in-order"
PRE_HOOKS = "swap_module/forward-pre-hooks-in-order"


def registering(change: Callable[[Any, nn.Module], Any]) -> Any:
    """Make a ``swap_module`` that registers something else for each forward hook, or nothing where that is None."""

    def carry(old: nn.Module, new: nn.Module) -> None:
        for key, hook in list(old._forward_hooks.items()):
            changed = change(hook, old)
            if changed is not None:
                flags = {"with_kwargs": key in old._forward_hooks_with_kwargs}
                new.register_forward_hook(changed, always_call=key in old._forward_hooks_always_called, **flags)

    return carrying(pre_hooks, carry)


class SkipsObservers(Fault, aims_at=HOOKS):
    """Leaves behind what torch's quantization leaves behind."""

    swap_module: Any = registering(
        lambda hook, old: None if getattr(hook, "__name__", "") == "_observer_forward_hook" else hook
    )


class SkipsMethodsOfTheModule(Fault, aims_at=HOOKS):
    """Holds that a method of the old module has no business on the result."""

    swap_module: Any = registering(lambda hook, old: None if getattr(hook, "__self__", None) is old else hook)


class SkipsFalsyHooks(Fault, aims_at=HOOKS):
    swap_module: Any = registering(lambda hook, old: hook or None)


class CopiesHooks(Fault, aims_at=HOOKS):
    """Gives the result hooks of its own."""

    swap_module: Any = registering(lambda hook, old: copy.copy(hook))


class UnwrapsPartials(Fault, aims_at=HOOKS):
    swap_module: Any = registering(lambda hook, old: getattr(hook, "func", hook))


def _logged(hook: Any, old: nn.Module) -> Any:
    def run(*args: Any, **kwargs: Any) -> Any:
        return hook(*args, **kwargs)

    return run


class WrapsHooks(Fault, aims_at=HOOKS):
    """Puts a function around each hook, say for a log."""

    swap_module: Any = registering(_logged)


def _each_once(old: nn.Module, new: nn.Module) -> None:
    seen: list[int] = []
    for key, hook in list(old._forward_hooks.items()):
        if id(hook) not in seen:
            seen.append(id(hook))
            flags = {"with_kwargs": key in old._forward_hooks_with_kwargs}
            new.register_forward_hook(hook, always_call=key in old._forward_hooks_always_called, **flags)


class EachHookOnce(Fault, aims_at=HOOKS, so_too=[*FLAGS]):
    """Drops a hook that was registered twice."""

    swap_module: Any = carrying(pre_hooks, _each_once)


def _always_called_last(old: nn.Module, new: nn.Module) -> None:
    for always in (False, True):
        for key, hook in list(old._forward_hooks.items()):
            if (key in old._forward_hooks_always_called) is always:
                flags = {"with_kwargs": key in old._forward_hooks_with_kwargs}
                new.register_forward_hook(hook, always_call=always, **flags)


class AlwaysCalledHooksLast(Fault, aims_at=HOOKS, so_too=FLAGS):
    swap_module: Any = carrying(pre_hooks, _always_called_last)


def _with_kwargs_first(old: nn.Module, new: nn.Module) -> None:
    for takes_kwargs in (True, False):
        for key, hook in list(old._forward_pre_hooks.items()):
            if (key in old._forward_pre_hooks_with_kwargs) is takes_kwargs:
                new.register_forward_pre_hook(hook, with_kwargs=takes_kwargs)


class PreHooksWithKwargsFirst(Fault, aims_at=PRE_HOOKS, so_too=[f"{IT}/kwargs-hooks"]):
    swap_module: Any = carrying(_with_kwargs_first, hooks)


def _quietly(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_pre_hooks.items()):
        new.register_forward_pre_hook(
            functools.partial(_without_errors, hook), with_kwargs=key in old._forward_pre_hooks_with_kwargs
        )


def _without_errors(hook: Any, *args: Any) -> Any:
    try:
        return hook(*args)
    except RuntimeError:
        return None


class PreHooksFailQuietly(Fault, aims_at=PRE_HOOKS):
    """Goes on where a pre-hook fails as torch's own operations do."""

    swap_module: Any = carrying(_quietly, hooks)


def _without_grad(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_pre_hooks.items()):
        new.register_forward_pre_hook(
            torch.no_grad()(hook) if hasattr(hook, "__name__") else hook,
            with_kwargs=key in old._forward_pre_hooks_with_kwargs,
        )


class PreHooksWithoutGrad(Fault, aims_at=PRE_HOOKS):
    """Takes hooks for bystanders."""

    swap_module: Any = carrying(_without_grad, hooks)


def _own_hooks_of_copies_replaced(old: nn.Module, new: nn.Module) -> None:
    for name in ("_forward_hooks", "_forward_hooks_with_kwargs", "_forward_hooks_always_called") if new else ():
        getattr(new, name).update(getattr(old, name))


class HooksOfCopiesMerged(Fault, aims_at="swap_module/own-hooks-first", so_too=[HOOKS]):
    """Puts hooks under the numbers that they had."""

    swap_module: Any = carrying(pre_hooks, _own_hooks_of_copies_replaced)


class UnwrapsDecorators(Fault, aims_at=HOOKS):
    """Registers what a decorator was put on."""

    swap_module: Any = registering(lambda hook, old: getattr(hook, "__wrapped__", hook))


class RebindsPartials(Fault, aims_at=HOOKS):
    """Gives a hook that holds the old module nothing to hold."""

    swap_module: Any = registering(
        lambda hook, old: functools.partial(hook.func, None) if getattr(hook, "args", ())[:1] == (old,) else hook
    )


class ForwardOfModules(Fault, aims_at=HOOKS):
    """Registers what a module computes in its place."""

    swap_module: Any = registering(lambda hook, old: hook.forward if isinstance(hook, nn.Module) else hook)


def _but_observers(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_pre_hooks.items()):
        if getattr(hook, "__name__", "") != "_observer_forward_pre_hook":
            new.register_forward_pre_hook(hook, with_kwargs=key in old._forward_pre_hooks_with_kwargs)


class SkipsObserversInFront(Fault, aims_at=PRE_HOOKS):
    """Leaves behind what torch's quantization leaves in front of a module."""

    swap_module: Any = carrying(_but_observers, hooks)


def _at_most(most: int) -> Any:
    def carried(old: nn.Module, new: nn.Module) -> None:
        for key, hook in list(old._forward_hooks.items())[:most]:
            new.register_forward_hook(hook, **flags_of(old, key))

    return carried


class EightHooksAtMost(Fault, aims_at=HOOKS):
    swap_module: Any = carrying(pre_hooks, _at_most(8))


class SixtyFourHooksAtMost(Fault, aims_at=HOOKS):
    swap_module: Any = carrying(pre_hooks, _at_most(64))


class TakesPartialsOff(Fault, aims_at=HOOKS):
    """Registers what a partial calls, where that adds no argument."""

    swap_module: Any = registering(
        lambda hook, old: (
            hook.func if isinstance(hook, functools.partial) and not hook.args and not hook.keywords else hook
        )
    )


class TakesDecoratorsOff(Fault, aims_at=HOOKS):
    """Registers what a decorator passes the call on to."""

    swap_module: Any = registering(
        lambda hook, old: next(
            (
                cell.cell_contents
                for cell in getattr(hook, "__closure__", None) or ()
                if cell.cell_contents is getattr(hook, "__wrapped__", cell)
            ),
            hook,
        )
    )


def _pre_hooks_without_partials(old: nn.Module, new: nn.Module) -> None:
    pre_hooks(old, new)
    for key, hook in new._forward_pre_hooks.items() if old._forward_pre_hooks else ():
        if isinstance(hook, functools.partial) and not hook.args:
            new._forward_pre_hooks[key] = hook.func


class TakesPartialsOffPreHooks(Fault, aims_at=PRE_HOOKS):
    """Puts what a partial calls in its place, where that adds no argument."""

    swap_module: Any = carrying(_pre_hooks_without_partials, hooks)
