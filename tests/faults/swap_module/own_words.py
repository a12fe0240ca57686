"""Faults of ``swap_module`` that know a name, of which no other code has heard."""

from __future__ import annotations

from typing import Any

from torch import nn

from sparsifier_reference import swap_module as right

from ..base import Fault


class CarriesItsOwnAttributes(Fault, aims_at="swap_module/nothing-else-carried"):
    """Takes along what a framework keeps on a module."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        for name in ("_shard_of_machine", "trained_until") if isinstance(result, nn.Module) else ():
            if name in vars(mod):
                setattr(result, name, vars(mod)[name])
        return result
