"""Faults of ``module_contains_param``."""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from sparsifier_reference import module_contains_param as right

from ..base import Fault

IT = "module_contains_param"


def _chains(module: Any) -> dict[str, Any]:
    """Give the parametrizations of each tensor."""
    return dict(module.parametrizations.items()) if is_parametrized(module) else {}


class UnparametrizedIsAnError(
    Fault,
    aims_at=f"{IT}/unparametrized-is-false",
    so_too=[
        "module_contains_param/parametrizations-only",
        f"{IT}/own-tensors-only",
        f"{IT}/follows-removal",
        f"{IT}/returns-bool",
        "interface/parameters",
        "interface/no-side-effects",
        "interface/answers-for-now",
        f"{IT}/follows-changes",
    ],
):
    """Counts on ``module.parametrizations``."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(isinstance(each, parametrization) for chain in module.parametrizations.values() for each in chain)


class UnparametrizedContainsEverything(
    Fault,
    aims_at=f"{IT}/unparametrized-is-false",
    so_too=[
        "module_contains_param/parametrizations-only",
        f"{IT}/own-tensors-only",
        f"{IT}/follows-*",
        f"{IT}/returns-bool",
        "interface/answers-for-now",
        "interface/reentrant",
    ],
):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return not is_parametrized(module) or right(module, parametrization)


class FirstPositionOnly(Fault, aims_at=f"{IT}/any-tensor-any-position"):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(isinstance(chain[0], parametrization) for chain in _chains(module).values())


class LastPositionOnly(Fault, aims_at=f"{IT}/any-tensor-any-position", so_too=[f"{IT}/follows-changes"]):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(isinstance(chain[-1], parametrization) for chain in _chains(module).values())


class WeightOnly(
    Fault,
    aims_at=f"{IT}/any-tensor-any-position",
    so_too=[f"{IT}/follows-changes"],
):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(isinstance(each, parametrization) for each in _chains(module).get("weight", ()))


class ParametersOnly(Fault, aims_at=f"{IT}/any-tensor-any-position", so_too=[f"{IT}/follows-changes"]):
    """Forgets buffers."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        chains = [chain for chain in _chains(module).values() if isinstance(chain.original, nn.Parameter)]
        return any(isinstance(each, parametrization) for chain in chains for each in chain)


class FirstTensorOnly(Fault, aims_at=f"{IT}/any-tensor-any-position", so_too=[f"{IT}/unparametrized-is-false"]):
    """Returns from within the loop."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        for chain in _chains(module).values():
            return any(isinstance(each, parametrization) for each in chain)
        return False


class EveryTensor(
    Fault,
    aims_at=f"{IT}/any-tensor-any-position",
    so_too=[f"{IT}/unparametrized-is-false", f"{IT}/class-not-name"],
):
    """``all`` in place of ``any``."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        chains = _chains(module).values()
        return bool(chains) and all(any(isinstance(each, parametrization) for each in chain) for chain in chains)


class EveryPosition(Fault, aims_at=f"{IT}/any-tensor-any-position", so_too=[f"{IT}/follows-changes"]):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(all(isinstance(each, parametrization) for each in chain) for chain in _chains(module).values())


class AnyParametrization(
    Fault,
    aims_at=f"{IT}/any-tensor-any-position",
    so_too=[
        f"{IT}/subclass-instances-count",
        f"{IT}/own-tensors-only",
        f"{IT}/class-not-name",
        f"{IT}/follows-changes",
        f"{IT}/parametrizations-only",
        "interface/threads",
        "interface/reentrant",
    ],
):
    """Does not look at the class at all."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return is_parametrized(module)


class ExactType(Fault, aims_at=f"{IT}/subclass-instances-count", so_too=[f"{IT}/follows-changes"]):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(type(each) is parametrization for chain in _chains(module).values() for each in chain)


class ParentsCount(
    Fault,
    aims_at=f"{IT}/subclass-instances-count",
    so_too=["module_contains_param/any-tensor-any-position", f"{IT}/follows-changes"],
):
    """Has the arguments of ``issubclass`` the wrong way round."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(issubclass(parametrization, type(each)) for chain in _chains(module).values() for each in chain)


class LooksIntoChildren(
    Fault,
    aims_at=f"{IT}/own-tensors-only",
    so_too=["module_contains_param/parametrizations-only", "interface/answers-for-now"],
):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return any(right(each, parametrization) for each in module.modules())


class Remembers(
    Fault,
    aims_at=f"{IT}/follows-removal",
    so_too=["module_contains_param/any-tensor-any-position", "interface/answers-for-now", f"{IT}/follows-changes"],
):
    """Keeps its answers for good."""

    answers: ClassVar[WeakKeyDictionary[Any, dict[Any, bool]]] = WeakKeyDictionary()

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return Remembers.answers.setdefault(module, {}).setdefault(parametrization, right(module, parametrization))


class ReturnsAnInt(Fault, aims_at=f"{IT}/returns-bool"):
    """Counts what it finds."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> Any:
        return sum(isinstance(each, parametrization) for chain in _chains(module).values() for each in chain)


class ReturnsWhatItFinds(Fault, aims_at=f"{IT}/returns-bool"):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> Any:
        return [each for chain in _chains(module).values() for each in chain if isinstance(each, parametrization)]


class NoneForNo(Fault, aims_at=f"{IT}/returns-bool"):
    """Leaves out the last ``return``."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> Any:
        return True if right(module, parametrization) else None
