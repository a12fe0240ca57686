"""Faults of what ``module_contains_param`` takes for a parametrization, its class, and the module that it is on."""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from sparsifier_reference import FakeSparsity
from sparsifier_reference import module_contains_param as right

from ..base import Fault

IT = "module_contains_param"


def _parametrizations(module: Any) -> list[Any]:
    chains = module.parametrizations.values() if is_parametrized(module) else ()
    return [each for chain in chains for each in chain]


class ComparesQualifiedNames(Fault, aims_at=f"{IT}/class-not-name"):
    """Compares where classes say that they are from, so that reloaded ones are found."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        wanted = parametrization.__module__, parametrization.__qualname__
        names = {
            (kind.__module__, kind.__qualname__) for each in _parametrizations(module) for kind in type(each).__mro__
        }
        return wanted in names


class NamesakesBesideInstances(Fault, aims_at=f"{IT}/class-not-name"):
    """Takes any ``FakeSparsity`` or the like for the one that is asked for, if it is not found itself."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = [type(each).__name__ for each in _parametrizations(module)]
        return right(module, parametrization) or parametrization.__name__ in found


class ByTheNameBeforeScripting(Fault, aims_at=f"{IT}/class-not-name"):
    """Goes by the name that a scripted module says it had."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        names = [getattr(each, "original_name", None) for each in _parametrizations(module)]
        return right(module, parametrization) or parametrization.__name__ in names


class OnlyWhatWorksAlike(
    Fault, aims_at=f"{IT}/subclass-instances-count", so_too=["module_contains_param/any-tensor-any-position"]
):
    """Counts a subclass only if it does what the class does."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = [each for each in _parametrizations(module) if isinstance(each, parametrization)]
        return any(type(each).forward is parametrization.forward for each in found)


class LooksInsideParametrizations(Fault, aims_at=f"{IT}/parametrizations-only"):
    """Finds what a Sequential that is registered does."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(isinstance(inner, parametrization) for each in _parametrizations(module) for inner in each.modules())


class ListsCount(Fault, aims_at=f"{IT}/parametrizations-only", so_too=["interface/*"]):
    """Walks all that there is below ``parametrizations`` down to what is registered."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        lists = list(module.parametrizations.values()) if is_parametrized(module) else []
        return any(isinstance(each, parametrization) for each in [*lists, *_parametrizations(module)])


class TakesAnyAttribute(Fault, aims_at=f"{IT}/unparametrized-is-false"):
    """Takes whatever is called ``parametrizations`` for that."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = getattr(module, "parametrizations", None) or {}
        chains = found.values() if hasattr(found, "values") else found
        return any(isinstance(each, parametrization) for chain in chains for each in _listed(chain))


def _listed(chain: Any) -> list[Any]:
    return list(chain) if isinstance(chain, (list, nn.ModuleList)) else [chain]


class BelievesTheClassName(
    Fault, aims_at=f"{IT}/unparametrized-is-false", so_too=["module_contains_param/any-tensor-any-position"]
):
    """Knows a parametrized module by the name that torch gives its class."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        if type(module).__name__.startswith("Parametrized"):
            return any(
                isinstance(each, parametrization) for chain in module.parametrizations.values() for each in chain
            )
        return False


class OneOriginalOnly(Fault, aims_at=f"{IT}/any-tensor-any-position"):
    """Looks at tensors that are kept in one."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        chains = module.parametrizations.values() if is_parametrized(module) else ()
        return any(
            isinstance(each, parametrization) for chain in chains if hasattr(chain, "original") for each in chain
        )


class FalsyParametrizationsAreAbsent(Fault, aims_at=f"{IT}/any-tensor-any-position"):
    """Goes on with the first match, and takes an empty one for none."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return bool(next((each for each in _parametrizations(module) if isinstance(each, parametrization)), None))


class FalsyModulesAreAbsent(Fault, aims_at=f"{IT}/any-tensor-any-position"):
    """Takes a module that is not true for none."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return bool(module) and right(module, parametrization)


class InTrainingOnly(Fault, aims_at=f"{IT}/any-tensor-any-position"):
    """Holds that what does not train masks nothing."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(isinstance(each, parametrization) and each.training for each in _parametrizations(module))


class LooksIntoWrappers(Fault, aims_at=f"{IT}/own-tensors-only"):
    """Takes the module that data parallelism or compilation wraps for the wrapper."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        for name in ("module", "_orig_mod"):
            module = module._modules.get(name, module)
        return right(module, parametrization)


class RemembersKinds(Fault, aims_at=f"{IT}/follows-changes", so_too=["interface/answers-for-now"]):
    """Keeps the classes for each list of parametrizations, as long as that has the same length."""

    kinds: ClassVar[WeakKeyDictionary[Any, list[type]]] = WeakKeyDictionary()

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found: list[type] = []
        for chain in module.parametrizations.values() if is_parametrized(module) else ():
            if len(RemembersKinds.kinds.get(chain, [])) != len(chain):
                RemembersKinds.kinds[chain] = [type(each) for each in chain]
            found += RemembersKinds.kinds[chain]
        return any(issubclass(kind, parametrization) for kind in found)


class RemembersInstances(Fault, aims_at=f"{IT}/follows-changes"):
    """Keeps the class of each parametrization that it has seen."""

    kinds: ClassVar[dict[int, tuple[type, Any]]] = {}

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        kept = [RemembersInstances.kinds.setdefault(id(each), (type(each), each)) for each in _parametrizations(module)]
        return any(issubclass(kind, parametrization) for kind, _ in kept)


class WhateverHasAMask(Fault, aims_at=f"{IT}/class-not-name"):
    """Knows sparsity by its mask, from whichever package the class is."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        is_masked = any(hasattr(each, "mask") for each in _parametrizations(module))
        return right(module, parametrization) or (parametrization is FakeSparsity and is_masked)


class SparsityStandsAlone(Fault, aims_at=f"{IT}/any-tensor-any-position"):
    """Looks no further than sparsity, which is the last parametrization that a sparsifier registers."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        for each in _parametrizations(module):
            if isinstance(each, (parametrization, FakeSparsity)):
                return isinstance(each, parametrization)
        return False


class ExactlySparsity(Fault, aims_at=f"{IT}/subclass-instances-count"):
    """Compares the class of sparsity, and no other, as it is."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        if parametrization is FakeSparsity:
            return any(type(each) is FakeSparsity for each in _parametrizations(module))
        return right(module, parametrization)


class ComparesClasses(Fault, aims_at=f"{IT}/any-tensor-any-position"):
    """Looks for the class among those of each parametrization by whether it equals one."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        kinds = [kind for each in _parametrizations(module) for kind in type(each).__mro__]
        return any(kind == parametrization for kind in kinds)
