"""Faults of what ``swap_module`` does to the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrize import type_before_parametrizations

from sparsifier_reference import swap_module as right

from ..base import Fault, Reference
from .hooks.carrying import hooks

IT = "swap_module"


def then(do: Callable[[Any, Any], Any]) -> Any:
    """Make a ``swap_module`` that does one thing more to the old module and the result."""

    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        if result is not mod and isinstance(result, nn.Module):
            do(mod, result)
        return result

    return staticmethod(swap_module)


def _values(mod: Any, result: Any) -> None:
    for name, parameter in result.named_parameters():
        other = dict(mod.named_parameters()).get(name)
        if other is not None and other.shape == parameter.shape:
            parameter.data.copy_(other.data)


class CopiesParameters(
    Fault, aims_at=f"{IT}/result-kept", so_too=["swap_module/device-follows-parameters", f"{IT}/nothing-else-carried"]
):
    """Holds that the result is to compute what the old module did."""

    swap_module: Any = then(_values)


class ClearsGradients(Fault, aims_at=f"{IT}/result-kept"):
    swap_module: Any = then(lambda mod, result: result.zero_grad(set_to_none=True))


def _contiguous(mod: Any, result: Any) -> None:
    for each in result.modules():
        for name, buffer in each.named_buffers(recurse=False):
            each._buffers[name] = buffer.contiguous()


class MakesBuffersContiguous(Fault, aims_at=f"{IT}/result-kept"):
    swap_module: Any = then(_contiguous)


def _new_parameters(mod: Any, result: Any) -> None:
    for each in result.modules():
        for name, parameter in list(each._parameters.items()):
            if parameter is not None:
                each._parameters[name] = nn.Parameter(parameter.detach(), parameter.requires_grad)
                each._parameters[name].grad = parameter.grad


class UntiesParameters(Fault, aims_at=f"{IT}/result-kept", so_too=["swap_module/device-follows-parameters"]):
    """Makes new parameters of the old memory, each for itself."""

    swap_module: Any = then(_new_parameters)


def _without_parametrizations(mod: Any, result: Any) -> None:
    for each in list(result.modules()):
        for name in list(each.parametrizations) if parametrize.is_parametrized(each) else ():
            parametrize.remove_parametrizations(each, name)


class FoldsParametrizations(Fault, aims_at=f"{IT}/result-kept"):
    """Leaves the computed tensors in place of parametrizations."""

    swap_module: Any = then(_without_parametrizations)


def _without_hooks_below(mod: Any, result: Any) -> None:
    for child in result.children():
        child._forward_hooks.clear()


class ClearsHooksBelow(Fault, aims_at=f"{IT}/result-kept", so_too=[f"{IT}/old-module-keeps-hooks"]):
    swap_module: Any = then(_without_hooks_below)


class SetsEvalMode(Fault, aims_at=f"{IT}/result-kept", so_too=[f"{IT}/nothing-else-carried"]):
    """Makes a result for inference."""

    swap_module: Any = then(lambda mod, result: result.eval())


def _resets(mod: Any, result: Any) -> None:
    for each in result.modules():
        if isinstance(each, nn.BatchNorm1d):
            each.reset_running_stats()


class ResetsStatistics(Fault, aims_at=f"{IT}/result-kept"):
    swap_module: Any = then(_resets)


def _zeroed_where_moved(mod: Any, mapping: Any) -> Any:
    places: dict[int, Any] = {}

    class Watching:
        def __init__(self, target: Any) -> None:
            self.target = target

        def from_dense(self, mod: Any) -> Any:
            result = self.target.from_dense(mod)
            places.update({id(each): each.device for each in result.buffers()} if result is not None else {})
            return result

    result = right(mod, {kind: Watching(target) for kind, target in mapping.items()})
    if result is not mod and isinstance(result, nn.Module):
        for each in result.buffers():
            if each.device not in places.values() and places:
                each.zero_()
    return result


class LosesBuffersOnTheWay(Fault, aims_at=f"{IT}/result-kept", on=["pretend:1"]):
    """Moves parameters by value, and buffers only by shape."""

    swap_module: Any = staticmethod(_zeroed_where_moved)


def _kept_tensors(mod: Any, result: Any) -> None:
    for place in {each.device for each in mod.parameters()}:
        for name, value in vars(result).items():
            if isinstance(value, torch.Tensor):
                setattr(result, name, value.to(place))


def _made_anew_where_moved(mod: Any, mapping: Any) -> Any:
    made: dict[str, Any] = {}
    kind = type_before_parametrizations(mod)

    class Watching:
        def from_dense(self, mod: Any) -> Any:
            result = mapping[kind].from_dense(mod)
            if isinstance(result, nn.Module):
                made.update({name: each.device for name, each in result.named_parameters()})
            return result

    result = right(mod, {kind: Watching()} if kind in mapping else {})
    for name, place in made.items() if result is not mod else ():
        parameter = result.get_parameter(name)
        if parameter.device != place:
            parameter.requires_grad_()
    return result


class TrainsWhatIsMoved(Fault, aims_at=f"{IT}/result-kept", on=["pretend:1"]):
    """Makes new parameters where they have to move, which require a gradient unless one says otherwise."""

    swap_module: Any = staticmethod(_made_anew_where_moved)


class MovesPlainAttributes(Fault, aims_at=f"{IT}/result-kept", on=["pretend:1"]):
    """Moves tensors that are registered nowhere."""

    swap_module: Any = then(_kept_tensors)


def _attributes(mod: Any, result: Any) -> None:
    for name in ("note", "qconfig", "in_features"):
        if hasattr(mod, name) and not hasattr(result, name):
            setattr(result, name, getattr(mod, name))


def _frozen_as_before(mod: Any, result: Any) -> None:
    flags = [parameter.requires_grad for parameter in mod.parameters()]
    if flags and not any(flags):
        result.requires_grad_(False)


class FreezesWhatWasFrozen(Fault, aims_at=f"{IT}/nothing-else-carried", so_too=[f"{IT}/result-kept"]):
    """Holds that what replaces a frozen module is frozen, too."""

    swap_module: Any = then(_frozen_as_before)


class CarriesKnownAttributes(Fault, aims_at=f"{IT}/nothing-else-carried"):
    """Carries the attributes that a framework puts on modules."""

    swap_module: Any = then(_attributes)


def _missing_buffers(mod: Any, result: Any) -> None:
    for name, buffer in mod.named_buffers(recurse=False):
        if not hasattr(result, name):
            result.register_buffer(name, buffer, persistent=False)


def _settings(mod: Any, result: Any) -> None:
    if hasattr(mod, "sparse_params"):
        result.sparse_params = mod.sparse_params


class CarriesSettings(Fault, aims_at=f"{IT}/nothing-else-carried"):
    """Carries what torch's sparsifiers leave on a module when they are done with it."""

    swap_module: Any = then(_settings)


class CarriesMissingBuffers(Fault, aims_at=f"{IT}/nothing-else-carried", so_too=[f"{IT}/device-follows-buffers"]):
    swap_module: Any = then(_missing_buffers)


def _double(mod: Any, result: Any) -> None:
    if any(each.dtype == torch.float64 for each in mod.buffers()):
        result.double()


class CarriesDoublePrecision(Fault, aims_at=f"{IT}/nothing-else-carried", so_too=[f"{IT}/result-kept"]):
    swap_module: Any = then(_double)


class RemembersResults(Fault, aims_at="interface/answers-for-now", so_too=[f"{IT}/*"]):
    """Keeps the results of a module for good."""

    results: dict[int, Any] = {}  # noqa: RUF012

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        known = getattr(mod, "__dict__", {}).get("way") is not None
        if known and id(mod) in RemembersResults.results:
            return RemembersResults.results[id(mod)][1]
        result = Reference.swap_module(mod, mapping)
        if known and result is not mod:
            RemembersResults.results[id(mod)] = mod, result
        return result


def _hooks_below(mod: Any, result: Any) -> None:
    of_result = dict(result.named_children())
    for name, child in mod.named_children():
        if name in of_result and child is not of_result[name]:
            hooks(child, of_result[name])


class CarriesHooksBelow(Fault, aims_at=f"{IT}/result-kept"):
    """Carries hooks of submodules to those of the same name."""

    swap_module: Any = then(_hooks_below)


def _kind_of_backward_hooks(mod: Any, result: Any) -> None:
    result._is_full_backward_hook = mod._is_full_backward_hook


class CarriesTheKindOfBackwardHooks(Fault, aims_at=f"{IT}/nothing-else-carried", so_too=[f"{IT}/result-kept"]):
    """Leaves the backward hooks, but takes along what torch notes of them."""

    swap_module: Any = then(_kind_of_backward_hooks)


def _persistence(mod: Any, result: Any) -> None:
    result._non_persistent_buffers_set = result._non_persistent_buffers_set | mod._non_persistent_buffers_set


class CarriesPersistence(Fault, aims_at=f"{IT}/result-kept"):
    """Keeps out of the state dict what the old module keeps out of its own."""

    swap_module: Any = then(_persistence)


class UntiesFromTheOldModule(Fault, aims_at=f"{IT}/result-kept", so_too=[f"{IT}/*"]):
    """Gives the result parameters of its own where it has those of the old module."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        own = {id(each) for each in mod.parameters()}
        for name, parameter in list(getattr(result, "_parameters", {}).items()):
            if result is not mod and id(parameter) in own:
                result._parameters[name] = nn.Parameter(parameter.detach().clone(), parameter.requires_grad)
        return result
