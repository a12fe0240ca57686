"""Faults of ``swap_module``, but for those of hooks, devices, and what else is carried."""

from __future__ import annotations

import copy
from typing import Any

from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

from sparsifier_reference import swap_module as right

from ..base import Fault

IT = "swap_module"


def mapped(mod: Any, mapping: Any) -> bool:
    return type_before_parametrizations(mod) in mapping


class CopiesUnmapped(
    Fault,
    aims_at=f"{IT}/unmapped-is-same-object",
    so_too=[
        f"{IT}/exact-type",
        f"{IT}/children-not-visited",
        f"{IT}/parametrized-by-original-type",
        "interface/answers-for-now",
    ],
):
    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if mapped(mod, mapping):
            return right(mod, mapping)
        return nn.Linear(2, 2) if is_parametrized(mod) else copy.deepcopy(mod)


class UnmappedIsNone(
    Fault,
    aims_at=f"{IT}/unmapped-is-same-object",
    so_too=[
        f"{IT}/exact-type",
        f"{IT}/children-not-visited",
        f"{IT}/parametrized-by-original-type",
        "interface/answers-for-now",
        f"{IT}/from-dense-result",
    ],
):
    """Leaves out the last ``return``."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        return right(mod, mapping) if mapped(mod, mapping) else None


class UnmappedIsAnError(
    Fault,
    aims_at=f"{IT}/unmapped-is-same-object",
    so_too=[
        f"{IT}/exact-type",
        f"{IT}/children-not-visited",
        f"{IT}/parametrized-by-original-type",
        f"{IT}/mapping-unchanged",
        "interface/answers-for-now",
        f"{IT}/from-dense-result",
    ],
):
    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        mapping[type_before_parametrizations(mod)]
        return right(mod, mapping)


class TrainsUnmapped(Fault, aims_at=f"{IT}/unmapped-is-same-object"):
    """Switches what it gives back to training."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        return right(mod, mapping) if mapped(mod, mapping) else mod.train()


class HooksUnmapped(Fault, aims_at=f"{IT}/unmapped-is-same-object"):
    """Puts a hook on what it gives back."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if not mapped(mod, mapping):
            mod.register_forward_hook(lambda *args: None)
        return right(mod, mapping)


class MarksUnmapped(Fault, aims_at=f"{IT}/unmapped-is-same-object"):
    """Notes on what it gives back that it is dense, in a buffer."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if not mapped(mod, mapping):
            mod.register_buffer("dense", next(mod.parameters(), nn.Parameter()).detach())
        return right(mod, mapping)


class SubclassesToo(
    Fault,
    aims_at=f"{IT}/exact-type",
    so_too=[
        f"{IT}/{each}" for each in ("parametrized-by-original-type", "unmapped-is-same-object", "from-dense-result")
    ],
):
    """``isinstance`` in place of the type itself."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        for kind, target in mapping.items():
            if isinstance(mod, kind):
                return right(mod, {type_before_parametrizations(mod): target})
        return mod


class MatchesByName(Fault, aims_at=f"{IT}/exact-type", so_too=[f"{IT}/unmapped-is-same-object"]):
    """Takes any parent for what is mapped, if its name is, as a registry of names does."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        by_name = {kind.__name__: target for kind, target in mapping.items()}
        kind = type_before_parametrizations(mod)
        found = [
            by_name[each.__name__] for each in kind.__mro__ if each.__name__ in by_name and not is_parametrized(mod)
        ]
        return right(mod, {kind: found[0]}) if found else right(mod, mapping)


class TypeAsItIs(
    Fault,
    aims_at=f"{IT}/parametrized-by-original-type",
    so_too=[
        "interface/answers-for-now",
        f"{IT}/from-dense-result",
        f"{IT}/old-module-unchanged",
    ],
):
    """Looks up the class that parametrizing made."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        return right(mod, mapping) if type(mod) in mapping else mod


class RefusesParametrized(
    Fault,
    aims_at=f"{IT}/parametrized-by-original-type",
    so_too=[
        "interface/answers-for-now",
        f"{IT}/from-dense-result",
        f"{IT}/old-module-unchanged",
    ],
):
    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        return mod if is_parametrized(mod) else right(mod, mapping)


class VisitsChildren(Fault, aims_at=f"{IT}/children-not-visited"):
    """Swaps what is below an unmapped module too."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if not mapped(mod, mapping) and not is_parametrized(mod):
            for name, child in mod.named_children():
                mod._modules[name] = VisitsChildren.swap_module(child, mapping)
        return right(mod, mapping)


class VisitsChildrenOfTheResult(
    Fault,
    aims_at=f"{IT}/children-not-visited",
    so_too=[f"{IT}/forward-*hooks-in-order", f"{IT}/result-kept", f"{IT}/device-follows-*", f"{IT}/none-from-dense"],
):
    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        if result is not mod:
            for name, child in result.named_children():
                result._modules[name] = right(child, mapping)
        return result


class ParametrizedByAnAttribute(Fault, aims_at=f"{IT}/exact-type"):
    """Takes any attribute called ``parametrizations`` for torch's."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if hasattr(mod, "parametrizations") and not is_parametrized(mod):
            return right(mod, {type(mod): mapping[type(mod).__base__]}) if type(mod).__base__ in mapping else mod
        return right(mod, mapping)


class TypeAsItIsFirst(Fault, aims_at=f"{IT}/parametrized-by-original-type"):
    """Looks up the class that parametrizing made, before the original one."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        original = type_before_parametrizations(mod)
        return right(mod, {original: mapping[type(mod)]}) if type(mod) in mapping else right(mod, mapping)


class TypeAsItIsSecond(Fault, aims_at=f"{IT}/parametrized-by-original-type"):
    """Looks up the class that parametrizing made, where the original one is not mapped."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        original = type_before_parametrizations(mod)
        only_the_other = original not in mapping and type(mod) in mapping
        return right(mod, {original: mapping[type(mod)]}) if only_the_other else right(mod, mapping)


class RejectsUnmapped(Fault, aims_at=f"{IT}/unmapped-is-same-object"):
    """Rejects mixed devices first, of modules that stay, too."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if not mapped(mod, mapping) and len({each.device for each in [*mod.parameters(), *mod.buffers()]}) > 1:
            raise AssertionError("a module to swap must be on one device")
        return right(mod, mapping)


class WhatItBecomes(Fault, aims_at=f"{IT}/exact-type"):
    """Looks a lazy module up by the type that it has once it was called."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        becomes = getattr(type(mod), "cls_to_become", None)
        if becomes in mapping and not mapped(mod, mapping):
            return right(mod, {type(mod): mapping[becomes]})
        return right(mod, mapping)


class TorchsOwnArePrivate(Fault, aims_at=f"{IT}/exact-type"):
    """Looks up by its parent what torch has for itself, and users know nothing of."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = type(mod)
        parent = kind.__mro__[1]
        is_private = kind.__module__.startswith("torch.nn.modules.") and not hasattr(nn, kind.__name__)
        if is_private and parent in mapping and kind not in mapping:
            return right(mod, {kind: mapping[parent]})
        return right(mod, mapping)


class KeysByIdentity(Fault, aims_at=f"{IT}/from-dense-result"):
    """Finds the type among the keys by whether it is one of them, not by whether it equals one."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        keys = {id(key) for key in mapping}
        return right(mod, mapping) if id(type_before_parametrizations(mod)) in keys else mod
