"""Faults of what ``swap_module`` does to the old module."""

from __future__ import annotations

from typing import Any

from sparsifier_reference import swap_module as right

from ..base import Fault
from .kept import then

IT = "swap_module"


class FreezesTheOldModule(
    Fault, aims_at=f"{IT}/old-module-unchanged", so_too=["swap_module/device-follows-parameters"]
):
    """Holds that what is replaced trains no more."""

    swap_module: Any = then(lambda mod, result: mod.requires_grad_(False))


def _freed(mod: Any, result: Any) -> None:
    for parameter in mod.parameters():
        parameter.grad = None


class FreesGradients(Fault, aims_at=f"{IT}/old-module-unchanged"):
    swap_module: Any = then(_freed)


def _linked(mod: Any, result: Any) -> None:
    object.__setattr__(mod, "swapped_for", result)


class LinksTheOldModule(Fault, aims_at=f"{IT}/old-module-unchanged"):
    """Notes on the old module what it was replaced by."""

    swap_module: Any = then(_linked)


class EmptiesTheOldModule(Fault, aims_at=f"{IT}/old-module-unchanged"):
    """Frees the memory of submodules that are no longer needed."""

    swap_module: Any = then(lambda mod, result: mod._modules.pop("child", None))


class EvalBeforeAnError(Fault, aims_at=f"{IT}/old-module-unchanged"):
    """Switches the old module to eval mode, and back only where all went well."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        try:
            return right(mod, mapping)
        except ValueError:
            mod.eval()
            raise
