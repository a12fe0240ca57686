"""Faults of which parametrizations ``module_contains_param`` sees, and what it takes for one."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrize import is_parametrized

from sparsifier_reference import module_contains_param as right

from ..base import Fault

ANY = "module_contains_param/any-tensor-any-position"
ONLY = "module_contains_param/parametrizations-only"


def _chains(module: Any) -> list[Any]:
    return list(module.parametrizations.values()) if is_parametrized(module) else []


def _parametrizations(module: Any) -> list[Any]:
    return [each for chain in _chains(module) for each in chain]


class LooksAtTheWrapped(Fault, aims_at=ONLY):
    """Looks at what a parametrization wraps under the usual name."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = _parametrizations(module)
        return any(isinstance(it, parametrization) for each in found for it in (each, getattr(each, "module", None)))


class LooksAtAttributes(Fault, aims_at=ONLY):
    """Looks at the plain attributes of a parametrization."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = _parametrizations(module)
        return any(isinstance(it, parametrization) for each in found for it in (each, *vars(each).values()))


class LooksAtItsParametrizations(Fault, aims_at=ONLY):
    """Asks the same of each parametrization."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = _parametrizations(module)
        return any(isinstance(each, parametrization) or right(each, parametrization) for each in found)


class EntersLists(Fault, aims_at=ONLY, so_too=[ANY]):
    """Takes a parametrization that is a list for those that are in it."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = _parametrizations(module)
        listed = [it for each in found for it in (each if isinstance(each, nn.ModuleList) else [each])]
        return any(isinstance(each, parametrization) for each in listed)


class OwnListsCount(Fault, aims_at=ONLY):
    """Counts a list of parametrizations that is of a class of one's own."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        own = [chain for chain in _chains(module) if type(chain) is not parametrize.ParametrizationList]
        return any(isinstance(each, parametrization) for each in [*own, *_parametrizations(module)])


class ListsAreNotCounted(Fault, aims_at=ANY, so_too=[ONLY]):
    """Takes whatever is a list of modules for one of torch's."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        found = [each for each in _parametrizations(module) if not isinstance(each, nn.ModuleList)]
        return any(isinstance(each, parametrization) for each in found)


class DropsEqualOnes(Fault, aims_at=ANY):
    """Walks ``children()``, which leave out what equals an earlier one."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(isinstance(each, parametrization) for chain in _chains(module) for each in chain.children())


class DropsEqualOnesOfAll(Fault, aims_at=ANY):
    """Walks the modules that there are below, two levels down."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        below = module.parametrizations.named_modules() if is_parametrized(module) else ()
        return any(isinstance(each, parametrization) for path, each in below if path.count(".") == 1)


class FrozenIsLeftOut(Fault, aims_at=ANY):
    """Looks at buffers and what is trained."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        trained = [chain for chain in _chains(module) if all(each.requires_grad for each in chain.parameters(False))]
        return any(isinstance(each, parametrization) for chain in trained for each in chain)


class TiedIsLeftOut(Fault, aims_at=ANY):
    """Finds the lists by the tensors in them, of which torch names tied ones once."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        chains: Any = module.parametrizations if is_parametrized(module) else nn.ModuleDict()
        names = [name.rpartition(".")[0] for name, _ in (*chains.named_parameters(), *chains.named_buffers())]
        return any(isinstance(each, parametrization) for name in names if name in chains for each in chains[name])


class ComputesTensors(
    Fault, aims_at=ANY, so_too=["module_contains_param/parametrizations-only", "interface/no-side-effects"]
):
    """Reads each tensor, to see that it is there."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        chains: Any = module.parametrizations if is_parametrized(module) else {}
        tensors = {name: getattr(module, name) for name in chains}
        return any(isinstance(each, parametrization) for name in tensors for each in chains[name])
