"""Faults of ``module_contains_param`` that show where classes, tensors and modules are not the usual ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList, is_parametrized

from sparsifier_reference import module_contains_param as right

from ..base import Fault

IT = "module_contains_param"
ANY = f"{IT}/any-tensor-any-position"


def _chains(module: Any) -> Any:
    return module.parametrizations if is_parametrized(module) else {}


def _bases(kind: type | None) -> Iterator[type]:
    while kind is not None:
        yield kind
        kind = kind.__base__


class ComplexIsLeftOut(Fault, aims_at=ANY):
    """Looks at tensors that can be pruned by their size."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        real = [
            chain for chain in _chains(module).values() if not getattr(chain, "original", torch.empty(0)).is_complex()
        ]
        return any(isinstance(each, parametrization) for chain in real for each in chain)


class UnsafeIsLeftOut(Fault, aims_at=ANY):
    """Looks at what torch has checked when it was registered."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        safe = [chain for chain in _chains(module).values() if not chain.unsafe]
        return any(isinstance(each, parametrization) for chain in safe for each in chain)


class NamesInCodeOnly(Fault, aims_at=ANY):
    """Reads tensors by names that could stand in code."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        chains = [chain for name, chain in _chains(module).items() if name.isidentifier()]
        return any(isinstance(each, parametrization) for chain in chains for each in chain)


class ContainersHaveNone(Fault, aims_at=ANY):
    """Takes a container to have no tensors of its own."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return not isinstance(module, (nn.Sequential, nn.ModuleList, nn.ModuleDict)) and right(module, parametrization)


class HookedIsLeftOut(Fault, aims_at=ANY):
    """Takes a parametrization with hooks for what watches the tensor."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = [each for chain in _chains(module).values() for each in chain if not each._forward_hooks]
        return any(isinstance(each, parametrization) for each in found)


class FirstFourOnly(Fault, aims_at=ANY):
    """Looks at as many parametrizations as a tensor ever has."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = [each for chain in _chains(module).values() for each in list(chain)[:4]]
        return any(isinstance(each, parametrization) for each in found)


class PrivateClassesAreNone(Fault, aims_at=ANY):
    """Takes a class that begins with an underscore for a part of torch."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return not parametrization.__name__.startswith("_") and right(module, parametrization)


class FalsyClassesAreAbsent(Fault, aims_at=ANY):
    """Asks whether there is a class by whether it is true."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return bool(parametrization) and right(module, parametrization)


class FirstBasesOnly(Fault, aims_at=f"{IT}/subclass-instances-count"):
    """Goes from a class to the first of its bases."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = [each for chain in _chains(module).values() for each in chain]
        return any(parametrization in list(_bases(type(each))) for each in found)


class HooksCount(Fault, aims_at=f"{IT}/parametrizations-only"):
    """Looks at hooks too, by which older releases of torch parametrized."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        hooks = module._forward_pre_hooks.values()
        return right(module, parametrization) or any(isinstance(each, parametrization) for each in hooks)


class OneParametrizationForAll(
    Fault, aims_at=f"{IT}/unparametrized-is-false", so_too=["module_contains_param/parametrizations-only"]
):
    """Takes a module that is called ``parametrizations`` for one."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return right(module, parametrization) or isinstance(getattr(module, "parametrizations", None), parametrization)


class KeptByNames(Fault, aims_at=f"{IT}/class-not-name"):
    """Remembers the answer for the names of the classes that are registered."""

    known: dict[Any, bool] = {}  # noqa: RUF012

    @classmethod
    def module_contains_param(cls, module: Any, parametrization: Any) -> bool:
        names = tuple(type(each).__qualname__ for chain in _chains(module).values() for each in chain)
        return cls.known.setdefault((names, parametrization), right(module, parametrization))


class KeptForEqualOnes(Fault, aims_at=ANY, so_too=["module_contains_param/follows-changes"]):
    """Remembers the answer for the module and what is registered, which may equal others."""

    known: dict[Any, bool] = {}  # noqa: RUF012

    @classmethod
    def module_contains_param(cls, module: Any, parametrization: Any) -> bool:
        found = tuple(each for chain in _chains(module).values() for each in chain)
        return cls.known.setdefault((module, found, parametrization), right(module, parametrization))


class ClassesAreCalledSo(Fault, aims_at=ANY):
    """Knows a parametrized module by the name that torch gives its class, which sharding changes."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return type(module).__name__.startswith("Parametrized") and right(module, parametrization)


class ListsHaveWhatTheyHold(Fault, aims_at=f"{IT}/unparametrized-is-false", so_too=["interface/answers-for-now"]):
    """Takes the parametrizations of a tensor, asked for themselves, for a parametrized module."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        held = module if isinstance(module, ParametrizationList) else ()
        return right(module, parametrization) or any(isinstance(each, parametrization) for each in held)


class ParametersInListsAreOnesOwn(Fault, aims_at=f"{IT}/own-tensors-only"):
    """Takes the parameters in a list of them for those of the module that has the list."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        lists = [each for each in module.children() if isinstance(each, (nn.ParameterList, nn.ParameterDict))]
        return any(right(each, parametrization) for each in (module, *lists))


class ScriptedAreNone(Fault, aims_at=ANY):
    """Leaves out what is scripted, of which the class is lost."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = [each for chain in _chains(module).values() for each in chain]
        return any(isinstance(each, parametrization) for each in found if not isinstance(each, torch.jit.ScriptModule))


class OneForEachName(Fault, aims_at=ANY):
    """Gathers what is registered by the names of the classes."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = {type(each).__qualname__: each for chain in _chains(module).values() for each in chain}
        return any(isinstance(each, parametrization) for each in found.values())
