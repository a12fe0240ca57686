"""Faults of what ``swap_module`` looks at before it moves a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import torch

import sparsifier_reference as reference

from ..base import Fault
from .devices import Move, moving, stay, to_the_first

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


class CountsElementsOfTheResult(Fault, aims_at=f"{IT}/device-follows-parameters"):
    """Asks how large a result is, which one that is lazy does not know yet."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = reference.swap_module(mod, mapping)
        if isinstance(result, torch.nn.Module) and sum(each.numel() for each in result.parameters()) < 0:
            return mod
        return result


def _unless_it_shares(mod: Any, result: Any) -> None:
    stay(mod, result)
    of_both = {id(each) for each in mod.parameters()} & {id(each) for each in result.parameters()}
    if not of_both:
        to_the_first(mod, result)


class MovesNothingThatShares(
    Fault,
    aims_at=f"{IT}/device-follows-parameters",
    so_too=[f"{IT}/device-follows-buffers", f"{IT}/none-from-dense", f"{IT}/result-kept"],
    on=["meta", "cpu"],
):
    """Takes a result with a tensor of the old module for one that is in place."""

    swap_module: Any = moving(_unless_it_shares)


def _in_inference_mode(mod: Any, result: Any) -> None:
    stay(mod, result)
    with torch.inference_mode():
        to_the_first(mod, result)


class MovesInInferenceMode(
    Fault,
    aims_at=f"{IT}/device-follows-parameters",
    so_too=[f"{IT}/device-follows-buffers", f"{IT}/result-kept"],
    on=["meta", "cpu"],
):
    """Spares itself the graph of a move, and the result all that is trained."""

    swap_module: Any = moving(_in_inference_mode)
