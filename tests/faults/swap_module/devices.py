"""Faults of what ``swap_module`` does with devices."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

import torch
from torch.nn.utils.parametrize import type_before_parametrizations

import sparsifier_reference as reference

from ..base import Fault
from .hooks.carrying import hooks, pre_hooks

IT = "swap_module"
Move = Callable[[Any, Any], None]


def moving(move: Move) -> Any:
    """Make a ``swap_module`` that is right but for devices."""

    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = type_before_parametrizations(mod)
        if kind not in mapping:
            return mod
        result = mapping[kind].from_dense(mod)
        if result is not mod:
            pre_hooks(mod, result)
            hooks(mod, result)
        move(mod, result)
        return result

    return staticmethod(swap_module)


def _to_one_of(result: Any, tensors: Any) -> None:
    devices = {tensor.device for tensor in tensors}
    if len(devices) > 1:
        raise AssertionError(f"devices: {devices}")
    for device in devices:
        result.to(device)


def stay(mod: Any, result: Any) -> None:
    _to_one_of(torch.nn.Module(), chain(mod.parameters(), mod.buffers()))


class StaysWhereItIs(
    Fault,
    aims_at=f"{IT}/device-follows-parameters",
    so_too=[f"{IT}/device-follows-buffers", f"{IT}/result-kept"],
    on=["meta", "cpu"],
):
    swap_module: Any = moving(stay)


def to_the_first(mod: Any, result: Any) -> None:
    for tensor in [*mod.parameters(), *mod.buffers()][:1]:
        result.to(tensor.device)


def _by_buffers(mod: Any, result: Any) -> None:
    stay(mod, result)
    _to_one_of(result, mod.buffers())


class FollowsBuffersOnly(
    Fault,
    aims_at=f"{IT}/device-follows-parameters",
    on=["meta", "cpu"],
    so_too=["swap_module/device-follows-buffers", "swap_module/result-kept"],
):
    swap_module: Any = moving(_by_buffers)


def _by_parameters(mod: Any, result: Any) -> None:
    stay(mod, result)
    _to_one_of(result, mod.parameters())


class FollowsParametersOnly(Fault, aims_at=f"{IT}/device-follows-buffers", on=["meta", "cpu"]):
    swap_module: Any = moving(_by_parameters)


def _by_own_tensors(mod: Any, result: Any) -> None:
    stay(mod, result)
    _to_one_of(result, chain(mod.parameters(recurse=False), mod.buffers(recurse=False)))


class FollowsItsOwnTensorsOnly(
    Fault, aims_at=f"{IT}/device-follows-parameters", so_too=[f"{IT}/device-follows-buffers"], on=["meta", "cpu"]
):
    """Does not look below the old module."""

    swap_module: Any = moving(_by_own_tensors)


def _parameters_alone(mod: Any, result: Any) -> None:
    for device in {tensor.device for tensor in chain(mod.parameters(), mod.buffers())}:
        for parameter in result.parameters():
            parameter.data = parameter.data.to(device)
    stay(mod, result)


class MovesParametersOnly(
    Fault,
    aims_at=f"{IT}/device-follows-parameters",
    so_too=[
        f"{IT}/device-follows-buffers",
        f"{IT}/rejected-under-O",
        f"{IT}/result-kept",
        "swap_module/mixed-devices-rejected",
    ],
    on=["meta", "cpu"],
):
    """Leaves the buffers of the result behind."""

    swap_module: Any = moving(_parameters_alone)


def _to_cpu_by_default(mod: Any, result: Any) -> None:
    stay(mod, result)
    result.to(next((tensor.device for tensor in chain(mod.parameters(), mod.buffers())), torch.device("cpu")))


class CpuByDefault(Fault, aims_at=f"{IT}/no-tensors-no-move", so_too=[f"{IT}/none-from-dense"], on=["meta", "cpu"]):
    swap_module: Any = moving(_to_cpu_by_default)


def _first(mod: Any, result: Any) -> None:
    stay(mod, result)
    result.to(next(chain(mod.parameters(), mod.buffers())).device)


class CountsOnATensor(
    Fault,
    aims_at=f"{IT}/no-tensors-no-move",
    so_too=["interface/answers-for-now", f"{IT}/forward-*hooks-in-order", f"{IT}/none-from-dense"],
):
    """``next`` without a default."""

    swap_module: Any = moving(_first)


def _whatever_comes_first(mod: Any, result: Any) -> None:
    for tensor in chain(mod.parameters(), mod.buffers()):
        result.to(tensor.device)
        break


class TakesMixedDevices(Fault, aims_at=f"{IT}/mixed-devices-rejected", so_too=[f"{IT}/rejected-under-O"]):
    """Follows the first tensor, whatever the others do."""

    swap_module: Any = moving(_whatever_comes_first)


def _parameters_checked(mod: Any, result: Any) -> None:
    _to_one_of(torch.nn.Module(), mod.parameters())
    _whatever_comes_first(mod, result)


class MixedParametersOnly(Fault, aims_at=f"{IT}/mixed-devices-rejected", so_too=[f"{IT}/rejected-under-O"]):
    """Does not look at buffers before it says that all are on one device."""

    swap_module: Any = moving(_parameters_checked)


def _own_tensors_checked(mod: Any, result: Any) -> None:
    _to_one_of(torch.nn.Module(), chain(mod.parameters(recurse=False), mod.buffers(recurse=False)))
    _whatever_comes_first(mod, result)


class MixedOwnTensorsOnly(Fault, aims_at=f"{IT}/mixed-devices-rejected"):
    """Does not look below the old module before it says that all are on one device."""

    swap_module: Any = moving(_own_tensors_checked)


def _checked_if(counts: Callable[[Any], object]) -> Move:
    def move(mod: Any, result: Any) -> None:
        _to_one_of(torch.nn.Module(), filter(counts, chain(mod.parameters(), mod.buffers())))
        _whatever_comes_first(mod, result)

    return move


class MixedFloatsOnly(
    Fault, aims_at=f"{IT}/mixed-devices-rejected", on=["cpu"], so_too=["swap_module/device-follows-parameters"]
):
    """Takes integers for counters, and masks for no tensors, before it says that all are on one device."""

    swap_module: Any = moving(_checked_if(torch.is_floating_point))


class MixedEmptyTensorsToo(
    Fault, aims_at=f"{IT}/mixed-devices-rejected", on=["cpu"], so_too=["swap_module/device-follows-parameters"]
):
    """Leaves out what has no numbers before it says that all are on one device."""

    swap_module: Any = moving(_checked_if(torch.numel))


class MixedWithoutDimensionsToo(
    Fault, aims_at=f"{IT}/mixed-devices-rejected", on=["cpu"], so_too=["swap_module/device-follows-parameters"]
):
    """Takes tensors without dimensions for numbers, which are nowhere."""

    swap_module: Any = moving(_checked_if(lambda tensor: tensor.dim()))


def _only_another_module(mod: Any, result: Any) -> None:
    if result is not mod:
        _to_one_of(result, chain(mod.parameters(), mod.buffers()))


class TakesMixedDevicesOfItself(Fault, aims_at=f"{IT}/mixed-devices-rejected"):
    """Is done at once where ``from_dense`` returns its argument."""

    swap_module: Any = moving(_only_another_module)


def _runtime_error(mod: Any, result: Any) -> None:
    try:
        _to_one_of(result, chain(mod.parameters(), mod.buffers()))
    except AssertionError as error:
        raise RuntimeError(str(error)) from None


class MixedDevicesAreARuntimeError(Fault, aims_at=f"{IT}/mixed-devices-rejected", so_too=[f"{IT}/rejected-under-O"]):
    swap_module: Any = moving(_runtime_error)


def _asserted(mod: Any, result: Any) -> None:
    devices = {tensor.device for tensor in chain(mod.parameters(), mod.buffers())}
    assert len(devices) <= 1, f"devices: {devices}"
    for device in devices:
        result.to(device)


class OfOneKindIsOneDevice(Fault, aims_at=f"{IT}/mixed-devices-rejected"):
    """Takes two accelerators of one kind for one device."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        kinds = {tensor.device.type for tensor in chain(mod.parameters(), mod.buffers())}
        if len(kinds) > 1 or type_before_parametrizations(mod) not in mapping:
            return reference.swap_module(mod, mapping)
        return moving(to_the_first).__func__(mod, mapping)


class AnAssertStatement(Fault, aims_at=f"{IT}/rejected-under-O"):
    """As torch before 2.10 has it."""

    swap_module: Any = moving(_asserted)


def _children_with_parameters(mod: Any, result: Any) -> None:
    stay(mod, result)
    if not isinstance(result, torch.nn.Module):
        return
    for child in [each for each in result.children() if any(True for _ in each.parameters())]:
        _to_one_of(child, chain(mod.parameters(), mod.buffers()))
    if not [*result.children()]:
        _to_one_of(result, chain(mod.parameters(), mod.buffers()))


class ChildrenOfBuffersStay(
    Fault,
    aims_at=f"{IT}/device-follows-parameters",
    so_too=[f"{IT}/device-follows-buffers", f"{IT}/result-kept"],
    on=["meta", "cpu"],
):
    """Moves a child of the result if it has parameters."""

    swap_module: Any = moving(_children_with_parameters)


def _by_numbers(mod: Any, result: Any) -> None:
    stay(mod, result)
    _to_one_of(result, (each for each in chain(mod.parameters(), mod.buffers()) if each.dtype is not torch.bool))


class BooleansDoNotCount(Fault, aims_at=f"{IT}/device-follows-buffers", on=["meta", "cpu"]):
    """Takes masks for no tensors of the module's own."""

    swap_module: Any = moving(_by_numbers)
