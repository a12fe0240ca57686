"""Faults of which modules ``swap_module`` takes hooks from, puts them on, and leaves them with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from ...base import Fault
from .carrying import DICTS, carrying, flags_of, hooks, pre_hooks

IT = "swap_module"
BOTH_KINDS = [f"{IT}/forward-pre-hooks-in-order", f"{IT}/forward-hooks-in-order"]


def _hooks_of_another(old: nn.Module, new: nn.Module) -> None:
    if old != new:
        hooks(old, new)


class EqualResultsHaveNone(Fault, aims_at=BOTH_KINDS[1], so_too=["swap_module/from-dense-result"]):
    """Takes a result that equals the old module for the old module."""

    swap_module: Any = carrying(pre_hooks, _hooks_of_another)


def _shared(old: nn.Module, new: nn.Module) -> None:
    for name in DICTS:
        setattr(new, name, getattr(old, name))


class SharesTheDict(
    Fault,
    aims_at=f"{IT}/old-module-keeps-hooks",
    so_too=[
        f"{IT}/own-hooks-first",
        f"{IT}/none-from-dense",
        f"{IT}/result-kept",
        "swap_module/always-call-hooks",
        "swap_module/kwargs-hooks",
    ],
):
    """Lets both modules have the same dict of hooks."""

    swap_module: Any = carrying(pre_hooks, _shared)


def _moved(old: nn.Module, new: nn.Module) -> None:
    hooks(old, new)
    old._forward_hooks.clear()


class MovesHooks(
    Fault,
    aims_at=f"{IT}/old-module-keeps-hooks",
    so_too=["interface/answers-for-now", "interface/reentrant", "interface/threads"],
):
    """Takes the hooks from the old module."""

    swap_module: Any = carrying(pre_hooks, _moved)


def _moved_to_a_wrapper(old: nn.Module, new: nn.Module) -> None:
    hooks(old, new)
    if any(each is old for each in new.modules()):
        old._forward_hooks.clear()


class MovesHooksToAWrapper(Fault, aims_at=f"{IT}/old-module-keeps-hooks", so_too=[f"{IT}/none-from-dense"]):
    """Takes the hooks from an old module that the result holds, lest they run twice."""

    swap_module: Any = carrying(pre_hooks, _moved_to_a_wrapper)


def _moved_flags(old: nn.Module, new: nn.Module) -> None:
    hooks(old, new)
    old._forward_hooks_always_called.clear()


class MovesFlags(Fault, aims_at=f"{IT}/old-module-keeps-hooks"):
    """Takes the flags of hooks from the old module."""

    swap_module: Any = carrying(pre_hooks, _moved_flags)


def _shared_flags(old: nn.Module, new: nn.Module) -> None:
    if new._forward_hooks:  # where it has hooks, and maybe flags, of its own
        return hooks(old, new)
    new._forward_hooks.update(old._forward_hooks)
    for name in ("_forward_hooks_with_kwargs", "_forward_hooks_always_called"):
        setattr(new, name, getattr(old, name))
    return None


class SharesTheFlags(
    Fault, aims_at=f"{IT}/old-module-keeps-hooks", so_too=[f"{IT}/none-from-dense", f"{IT}/result-kept"]
):
    """Lets both modules have the same flags, which handles of the old one remove with the hook."""

    swap_module: Any = carrying(pre_hooks, _shared_flags)


def _until_removed(old: nn.Module, new: nn.Module) -> None:
    for key, hook in list(old._forward_hooks.items()):
        new.register_forward_hook(partial(_if_still_there, old, key, hook), **flags_of(old, key))


def _if_still_there(old: nn.Module, key: int, hook: Callable[..., Any], *args: Any) -> Any:
    return hook(*args) if key in old._forward_hooks else None


class OldHandlesReachTheResult(Fault, aims_at=f"{IT}/old-module-keeps-hooks", so_too=[f"{IT}/forward-hooks-in-order"]):
    """Lets a hook run as long as the old module has it."""

    swap_module: Any = carrying(pre_hooks, _until_removed)


def of_some(is_one: Callable[[nn.Module], bool]) -> Any:
    """Make a ``swap_module`` that carries the hooks of some modules only."""
    return carrying(
        lambda old, new: pre_hooks(old, new) if is_one(old) else None,
        lambda old, new: hooks(old, new) if is_one(old) else None,
    )


class HooksOfPlainModulesOnly(Fault, aims_at=BOTH_KINDS[1], so_too=BOTH_KINDS[:1]):
    """Takes the hooks of a parametrized module for those of its parametrizations."""

    swap_module: Any = of_some(lambda old: not is_parametrized(old))


class HooksOfTrainingOnly(Fault, aims_at=BOTH_KINDS[0], so_too=BOTH_KINDS[1:]):
    """Holds that hooks are for training."""

    swap_module: Any = of_some(lambda old: old.training)


class HooksOfTensorsOnly(Fault, aims_at=BOTH_KINDS[0], so_too=[*BOTH_KINDS[1:]]):
    """Leaves a module without tensors to itself."""

    swap_module: Any = of_some(lambda old: any(True for _ in old.parameters()))


def _unless_around(carry: Any) -> Any:
    return lambda old, new: None if any(each is old for each in new.modules()) else carry(old, new)


class NoHooksAroundTheOldModule(Fault, aims_at=BOTH_KINDS[1], so_too=[*BOTH_KINDS[:1], f"{IT}/none-from-dense"]):
    """Holds that hooks still run where the old module is in the result."""

    swap_module: Any = carrying(_unless_around(pre_hooks), _unless_around(hooks))


def _on_all_of_the_class(old: nn.Module, new: nn.Module) -> None:
    for each in (new, *new.children()):
        if each is new or type(each) is type(old):
            hooks(old, each)


class HooksReachThoseInside(
    Fault, aims_at=BOTH_KINDS[1], so_too=[f"{IT}/none-from-dense", f"{IT}/old-module-keeps-hooks"]
):
    """Puts hooks on what is in the result and of the old module's class, too."""

    swap_module: Any = carrying(pre_hooks, _on_all_of_the_class)


def _unless_there(old: nn.Module, new: nn.Module) -> None:
    own = list(new._forward_hooks.values())
    for key, hook in list(old._forward_hooks.items()):
        if not any(hook is each for each in own):
            new.register_forward_hook(hook, **flags_of(old, key))


class OwnHooksAreNotDoubled(Fault, aims_at=f"{IT}/own-hooks-first", so_too=[f"{IT}/none-from-dense"]):
    """Leaves out the hooks that the result has already."""

    swap_module: Any = carrying(pre_hooks, _unless_there)


def _layer(new: nn.Module, index: int) -> nn.Module:
    return new[index] if isinstance(new, nn.Sequential) and len(new) else new


class PreHooksOnTheFirstLayer(Fault, aims_at=BOTH_KINDS[0]):
    """Puts what comes before a chain of layers on the first of them."""

    swap_module: Any = carrying(lambda old, new: pre_hooks(old, _layer(new, 0)), hooks)


class HooksOnTheLastLayer(Fault, aims_at=BOTH_KINDS[1]):
    swap_module: Any = carrying(pre_hooks, lambda old, new: hooks(old, _layer(new, -1)))


class DoublesHooks(Fault, aims_at=f"{IT}/same-object-from-dense"):
    """Carries hooks from a module to itself."""

    swap_module: Any = carrying(pre_hooks, hooks, same_object=True)
