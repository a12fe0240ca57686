"""Faults of what ``swap_module`` looks at before it moves a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import torch

import sparsifier_reference as reference

from ..base import Fault
from .devices import Move, moving, stay

IT = "swap_module"


def _where_elsewhere(tensors: Callable[[Any], Iterable[Any]]) -> Move:
    """Move a result if one of some of its tensors is elsewhere."""

    def move(mod: Any, result: Any) -> None:
        device = next((tensor.device for tensor in chain(mod.parameters(), mod.buffers())), None)
        stay(mod, result)
        if device is not None and any(tensor.device != device for tensor in tensors(result)):
            result.to(device)

    return move


class MovesWhereParametersAreElsewhere(
    Fault, aims_at=f"{IT}/device-follows-parameters", so_too=[f"{IT}/device-follows-buffers"], on=["meta", "cpu"]
):
    """Saves a move where the result's parameters are in place, whatever its buffers are."""

    swap_module: Any = moving(_where_elsewhere(torch.nn.Module.parameters))


class MovesWhereBuffersAreElsewhere(
    Fault, aims_at=f"{IT}/device-follows-parameters", so_too=[f"{IT}/device-follows-buffers"], on=["meta", "cpu"]
):
    """Saves a move where the result's buffers are in place, whatever its parameters are."""

    swap_module: Any = moving(_where_elsewhere(torch.nn.Module.buffers))


class MovesWhereStateIsElsewhere(
    Fault, aims_at=f"{IT}/device-follows-buffers", so_too=[f"{IT}/device-follows-parameters"], on=["meta", "cpu"]
):
    """Looks at the state dict, in which buffers that are not persistent are not."""

    swap_module: Any = moving(_where_elsewhere(lambda result: result.state_dict().values()))


def _own(result: Any) -> Iterable[Any]:
    own = [*result.parameters(recurse=False), *result.buffers(recurse=False)]
    return own or chain(result.parameters(), result.buffers())


class MovesWhereItsOwnTensorsAreElsewhere(
    Fault, aims_at=f"{IT}/device-follows-parameters", so_too=[f"{IT}/device-follows-buffers"], on=["meta", "cpu"]
):
    """Looks at the result's own tensors, and further only where it has none."""

    swap_module: Any = moving(_where_elsewhere(_own))


class CountsElements(Fault, aims_at=f"{IT}/device-follows-parameters"):
    """Asks how large a module is, which one that is lazy does not know yet."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        size = sum(parameter.numel() for parameter in mod.parameters())
        return reference.swap_module(mod, mapping) if size >= 0 else mod


class DevicesAreInTheStateDict(Fault, aims_at=f"{IT}/from-dense-result", so_too=[f"{IT}/rejected-under-O"]):
    """Asks all that a state dict holds where it is, as if all that were tensors."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        devices = {tensor.device for tensor in mod.state_dict().values()} if isinstance(mod, torch.nn.Linear) else ()
        return reference.swap_module(mod, mapping) if len(devices) < 2 else mod
