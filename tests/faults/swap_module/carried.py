"""Faults of ``swap_module`` that carry more than they must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparsifier_reference import swap_module as right

from ..base import Fault

IT = "swap_module"


def _carrying(carry: Callable[[Any, Any], None]) -> Any:
    """Make a ``swap_module`` that carries one thing more than it must."""

    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        if result is not mod and result is not None:
            carry(mod, result)
        return result

    return staticmethod(swap_module)


def _dtype(mod: Any, result: Any) -> None:
    for parameter in list(mod.parameters())[:1]:
        result.to(parameter.dtype)


def _requires_grad(mod: Any, result: Any) -> None:
    for parameter in list(mod.parameters())[:1]:
        result.requires_grad_(parameter.requires_grad)


def _backward_hooks(mod: Any, result: Any) -> None:
    for hook in mod._backward_hooks.values():
        result.register_full_backward_hook(hook)


def _entries(name: str) -> Callable[[Any, Any], None]:
    return lambda mod, result: getattr(result, name).update(getattr(mod, name))


class CarriesTraining(Fault, aims_at=f"{IT}/nothing-else-carried", so_too=["swap_module/result-kept"]):
    swap_module: Any = _carrying(lambda mod, result: result.train(mod.training))


class CarriesDtype(Fault, aims_at=f"{IT}/nothing-else-carried"):
    swap_module: Any = _carrying(_dtype)


class CarriesRequiresGrad(Fault, aims_at=f"{IT}/nothing-else-carried", so_too=[f"{IT}/device-follows-parameters"]):
    swap_module: Any = _carrying(_requires_grad)


class CarriesBackwardHooks(Fault, aims_at=f"{IT}/nothing-else-carried"):
    swap_module: Any = _carrying(_backward_hooks)


class CarriesBackwardPreHooks(Fault, aims_at=f"{IT}/nothing-else-carried"):
    swap_module: Any = _carrying(_entries("_backward_pre_hooks"))


class CarriesStateDictHooks(Fault, aims_at=f"{IT}/nothing-else-carried"):
    swap_module: Any = _carrying(_entries("_state_dict_hooks"))


class CarriesStateDictPreHooks(Fault, aims_at=f"{IT}/nothing-else-carried"):
    swap_module: Any = _carrying(_entries("_state_dict_pre_hooks"))


class CarriesLoadHooks(Fault, aims_at=f"{IT}/nothing-else-carried"):
    swap_module: Any = _carrying(_entries("_load_state_dict_pre_hooks"))


class CarriesLoadPostHooks(Fault, aims_at=f"{IT}/nothing-else-carried"):
    swap_module: Any = _carrying(_entries("_load_state_dict_post_hooks"))


def _dormant_backward_hooks(mod: Any, result: Any) -> None:
    result._backward_hooks.update(mod._backward_hooks)


class CarriesDormantHooks(Fault, aims_at=f"{IT}/nothing-else-carried"):
    """Carries backward hooks that run once the result gets one of its own."""

    swap_module: Any = _carrying(_dormant_backward_hooks)


def _what_is_none(mod: Any, result: Any) -> None:
    if result._parameters.get("bias", 0) is None:
        result.bias = mod.bias


class FillsWhatIsNone(Fault, aims_at=f"{IT}/nothing-else-carried"):
    """Gives the result a bias where it has none."""

    swap_module: Any = _carrying(_what_is_none)


def _gradients(mod: Any, result: Any) -> None:
    for name, parameter in result.named_parameters():
        if parameter.grad is None and name in dict(mod.named_parameters()):
            parameter.grad = dict(mod.named_parameters())[name].grad


class CarriesGradients(Fault, aims_at=f"{IT}/nothing-else-carried", so_too=[f"{IT}/result-kept"]):
    swap_module: Any = _carrying(_gradients)


def _values(mod: Any, result: Any) -> None:
    held, new = mod.state_dict(), result.state_dict()
    if {name: each.shape for name, each in held.items()} == {name: each.shape for name, each in new.items()}:
        result.load_state_dict(held)


class CarriesValues(
    Fault,
    aims_at=f"{IT}/nothing-else-carried",
    so_too=[f"{IT}/device-follows-parameters", f"{IT}/from-dense-result", f"{IT}/result-kept"],
):
    """Loads what the old module holds where the result has all the same tensors."""

    swap_module: Any = _carrying(_values)
