"""Faults of what ``swap_module`` returns: it is what ``from_dense`` gave, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

from sparsifier_reference import swap_module as right

from ...base import Fault
from ..mapping import mapped

IT = "swap_module"


class _Giving:
    """What is mapped to, made to give something that is known already."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def from_dense(self, mod: Any) -> Any:
        return self.result


def _carry(mod: Any, mapping: Any, result: Any) -> Any:
    """Go on as the reference does with another result of ``from_dense``."""
    return right(mod, {type_before_parametrizations(mod): _Giving(result)})


#: What looks at the result that ``from_dense`` gave.
RESULTS = [
    f"{IT}/own-hooks-first",
    f"{IT}/old-module-keeps-hooks",
    f"{IT}/device-follows-*",
    f"{IT}/no-tensors-no-move",
    f"{IT}/mixed-devices-rejected",
    f"{IT}/nothing-else-carried",
    f"{IT}/children-not-visited",
    f"{IT}/same-object-from-dense",
]


class ConstructsAnother(
    Fault,
    aims_at=f"{IT}/from-dense-result",
    so_too=[
        "interface/parameters",
        f"{IT}/kwargs-hooks",
        *RESULTS,
        f"{IT}/from-dense-errors-propagate",
        f"{IT}/always-call-hooks",
        f"{IT}/forward-*",
        "interface/answers-for-now",
        f"{IT}/from-dense-context",
        f"{IT}/none-from-dense",
        f"{IT}/old-module-unchanged",
        f"{IT}/result-kept",
        "interface/reentrant",
        "interface/threads",
    ],
):
    """Calls the class in place of ``from_dense``."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if not mapped(mod, mapping):
            return mod
        return _carry(mod, mapping, mapping[type_before_parametrizations(mod)](2, 2))


class CallsFromDenseTwice(
    Fault,
    aims_at=f"{IT}/from-dense-result",
    so_too=[f"{IT}/own-hooks-first", f"{IT}/same-object-from-dense", f"{IT}/from-dense-context"],
):
    """Calls it once to see whether it works."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if mapped(mod, mapping):
            mapping[type_before_parametrizations(mod)].from_dense(mod)
        return right(mod, mapping)


class GivesFromDenseACopy(
    Fault, aims_at=f"{IT}/from-dense-result", so_too=[f"{IT}/same-object-from-dense", "interface/reentrant"]
):
    """Protects the old module from ``from_dense``."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if not mapped(mod, mapping):
            return mod
        target = mapping[type_before_parametrizations(mod)]
        copied = nn.Linear(2, 2) if is_parametrized(mod) else copy.copy(mod)
        return _carry(mod, mapping, target.from_dense(copied))


class WrapsTheResult(
    Fault,
    aims_at=f"{IT}/from-dense-result",
    so_too=[
        *RESULTS,
        f"{IT}/exact-type",
        f"{IT}/forward-*",
        f"{IT}/mapping-unchanged",
        f"{IT}/kwargs-hooks",
        f"{IT}/parametrized-by-original-type",
        f"{IT}/rejected-under-O",
        f"{IT}/unmapped-is-same-object",
        "interface/answers-for-now",
        f"{IT}/from-dense-context",
        f"{IT}/none-from-dense",
        f"{IT}/old-module-unchanged",
        f"{IT}/result-kept",
        "swap_module/always-call-hooks",
    ],
):
    """Puts the result into a container, with the input's hooks on that."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if not mapped(mod, mapping):
            return mod
        return _carry(mod, mapping, nn.Sequential(mapping[type_before_parametrizations(mod)].from_dense(mod)))
