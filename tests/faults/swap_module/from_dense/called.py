"""Faults of how ``swap_module`` looks a type up, and calls ``from_dense``."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from torch import nn
from torch.nn.utils.parametrize import type_before_parametrizations

from sparsifier_reference import swap_module as right

from ...base import Fault

IT = "swap_module"


class Giving:
    """What is mapped to, made to give what a call returns."""

    def __init__(self, call: Callable[[Any], Any]) -> None:
        self.from_dense = call


def calling(call: Callable[[Any, Any], Any]) -> Any:
    """Make a ``swap_module`` that is right but for how it calls ``from_dense`` of a target."""

    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = type_before_parametrizations(mod)
        if kind not in mapping:
            return mod
        target = mapping[kind]
        return right(mod, {kind: Giving(lambda mod: call(target, mod))})

    return staticmethod(swap_module)


def _in_eval_mode(target: Any, mod: Any) -> Any:
    flags = [(each, each.training) for each in mod.modules()]
    mod.eval()
    try:
        return target.from_dense(mod)
    finally:
        for each, training in flags:
            each.training = training


class CallsInEvalMode(Fault, aims_at=f"{IT}/from-dense-result"):
    """Lets ``from_dense`` see a module that does not train."""

    swap_module: Any = calling(_in_eval_mode)


class WantsAClass(Fault, aims_at=f"{IT}/from-dense-result", so_too=[f"{IT}/from-dense-errors-propagate"]):
    """Takes only classes for targets."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        target = mapping.get(type_before_parametrizations(mod))
        if target is not None and not isinstance(target, type):
            raise TypeError(f"{target} is no class")
        return right(mod, mapping)


class FalsyTargetsAreAbsent(Fault, aims_at=f"{IT}/from-dense-result", so_too=[f"{IT}/from-dense-errors-propagate"]):
    """Takes what is not true for what is not mapped."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        target = mapping.get(type_before_parametrizations(mod))
        return right(mod, {type_before_parametrizations(mod): target}) if target else mod


class FalsyResultsAreAbsent(
    Fault,
    aims_at=f"{IT}/from-dense-result",
    so_too=[f"{IT}/forward-*hooks-in-order", f"{IT}/none-from-dense", f"{IT}/children-not-visited"],
):
    """Keeps the old module where the result is not true."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        return right(mod, mapping) or mod


class SwapsTheResultToo(Fault, aims_at=f"{IT}/from-dense-result"):
    """Goes on as long as there is something to swap for."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        is_another = type(result) is not type_before_parametrizations(mod)
        return right(result, mapping) if is_another and type(result) in mapping else result


class SwappedAlready(Fault, aims_at=f"{IT}/from-dense-result"):
    """Keeps what is of the class that it is mapped to."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        target = mapping.get(type_before_parametrizations(mod))
        return mod if isinstance(target, type) and isinstance(mod, target) else right(mod, mapping)


class CallsByKeyword(Fault, aims_at=f"{IT}/from-dense-result", so_too=[f"{IT}/from-dense-errors-propagate"]):
    """Gives ``from_dense`` its argument under a name."""

    swap_module: Any = calling(lambda target, mod: target.from_dense(mod=mod))


class NoneIsAnError(Fault, aims_at=f"{IT}/none-from-dense"):
    """Counts on a module."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        result.register_forward_hook(lambda *args: None).remove()
        return result


class NoneIsTheOldModule(Fault, aims_at=f"{IT}/none-from-dense"):
    """Takes None for a refusal."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        return mod if result is None else result


class DefaultsCount(Fault, aims_at=f"{IT}/unmapped-is-same-object"):
    """Asks a mapping for its default, but stores none."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = type_before_parametrizations(mod)
        missing = getattr(type(mapping), "__missing__", None)
        if kind in mapping or missing is None:
            return right(mod, mapping)
        try:
            return right(mod, {kind: missing(copy.copy(mapping), kind)})
        except KeyError:
            return mod


class NamesakesCount(Fault, aims_at=f"{IT}/unmapped-is-same-object"):
    """Compares the full names of classes, so that reloaded ones are found."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = type_before_parametrizations(mod)
        for key in mapping:
            names = [getattr(each, name, None) for name in ("__module__", "__qualname__") for each in (key, kind)]
            if key is not kind and names[0] == names[1] and names[2] == names[3]:
                return right(mod, {kind: mapping[key]})
        return right(mod, mapping)


class MergesIntoTheMapping(Fault, aims_at=f"{IT}/mapping-unchanged"):
    """Adds its own defaults to what it was given, where it can."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if isinstance(mapping, dict) and len(mapping) > 1:
            mapping.setdefault(nn.Bilinear, nn.Bilinear)
        return right(mod, mapping)


def _noting(target: Any, mod: Any) -> Any:
    try:
        return target.from_dense(mod)
    except Exception as error:
        error.args = (*error.args, f"while {type(mod).__name__} was swapped")
        raise


class AddsToErrors(Fault, aims_at=f"{IT}/from-dense-errors-propagate"):
    """Adds to an error which module it was about."""

    swap_module: Any = calling(_noting)


def _or_constructor(target: Any, mod: Any) -> Any:
    return target.from_dense(mod) if hasattr(target, "from_dense") else target(mod)


class OrTheConstructor(Fault, aims_at=f"{IT}/from-dense-errors-propagate"):
    """Calls the class where it has no ``from_dense``."""

    swap_module: Any = calling(_or_constructor)


#: What fails where a mapping is not understood, beside what is returned.
OF_MAPPINGS = [f"{IT}/unmapped-is-same-object", f"{IT}/mapping-unchanged"]


class FalsyMappingsAreEmpty(Fault, aims_at=f"{IT}/from-dense-result", so_too=OF_MAPPINGS):
    """Asks a mapping whether it is true."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        return right(mod, mapping) if mapping else mod


def _with_more(target: Any, mod: Any) -> Any:
    takes = getattr(getattr(target.from_dense, "__code__", None), "co_varnames", ())
    return target.from_dense(mod, **({"inplace": False} if "inplace" in takes else {}))


class GivesWhatIsTaken(Fault, aims_at=f"{IT}/from-dense-result", so_too=[f"{IT}/from-dense-errors-propagate"]):
    """Gives ``from_dense`` the further arguments that it knows."""

    swap_module: Any = calling(_with_more)


def _undecorated(target: Any, mod: Any) -> Any:
    return getattr(target.from_dense, "__wrapped__", target.from_dense)(mod)


class CallsWhatIsDecorated(Fault, aims_at=f"{IT}/from-dense-result"):
    """Goes past what decorates ``from_dense``."""

    swap_module: Any = calling(_undecorated)


def _if_true(target: Any, mod: Any) -> Any:
    from_dense = getattr(target, "from_dense", None)
    if not from_dense:
        raise AttributeError("from_dense")
    return from_dense(mod)


class FalsyFromDenseIsAbsent(Fault, aims_at=f"{IT}/from-dense-result"):
    """Takes a ``from_dense`` that is not true for none."""

    swap_module: Any = calling(_if_true)


_ASKED: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def _asked_once(target: Any) -> Any:
    from_dense = target.from_dense
    return _ASKED.setdefault(target, from_dense) if isinstance(target, type) else from_dense


class AsksAClassOnce(Fault, aims_at=f"{IT}/from-dense-result", so_too=["interface/answers-for-now"]):
    """Asks a class for ``from_dense`` the first time, and never again."""

    swap_module = calling(lambda target, mod: _asked_once(target)(mod))
