"""Faults of what ``swap_module`` does with accelerators: a machine without one can show them, for it can fake some."""

from __future__ import annotations

from itertools import chain
from typing import Any

import torch

from ..base import Fault, Reference
from .devices import moving

IT = "swap_module"
FOLLOWS = f"{IT}/device-follows-parameters"
SO_TOO = [f"{IT}/device-follows-buffers", f"{IT}/result-kept"]


def _tensors(mod: Any) -> Any:
    return chain(mod.parameters(), mod.buffers())


def _the_device(mod: Any) -> torch.device | None:
    devices = {tensor.device for tensor in _tensors(mod)}
    if len(devices) > 1:
        raise AssertionError(f"devices: {devices}")
    return next(iter(devices), None)


def _to_cuda_only(mod: Any, result: Any) -> None:
    device = _the_device(mod)
    if device is not None and device.type == "cuda":
        result.to(device)


class MovesToCudaOnly(Fault, aims_at=FOLLOWS, so_too=SO_TOO, on=["meta", "cpu"]):
    """Takes every other device for the one where modules are made."""

    swap_module: Any = moving(_to_cuda_only)


class MovesToCudaOnlyOnAVendorsDevice(Fault, aims_at=FOLLOWS, so_too=SO_TOO, on=["pretend"]):
    swap_module: Any = moving(_to_cuda_only)


def _to_all_but_cuda(mod: Any, result: Any) -> None:
    device = _the_device(mod)
    if device is not None and device.type != "cuda":
        result.to(device)


class MovesToAllButCuda(Fault, aims_at=FOLLOWS, so_too=SO_TOO, on=["fake:cuda"]):
    """Leaves CUDA to its caller."""

    swap_module: Any = moving(_to_all_but_cuda)


def _to_accelerators(mod: Any, result: Any) -> None:
    device = _the_device(mod)
    if device is not None and device.type != "cpu":
        result.to(device)


class LeavesTheCpuOut(Fault, aims_at=FOLLOWS, so_too=[f"{IT}/device-follows-buffers"], on=["fake:cuda"]):
    """Counts on results being made on the CPU."""

    swap_module: Any = moving(_to_accelerators)


def _to_known_devices(mod: Any, result: Any) -> None:
    device = _the_device(mod)
    if device is not None and device.type in ("cpu", "meta", "cuda", "mps", "xpu"):
        result.to(device)


class KnowsNoVendorsDevice(Fault, aims_at=FOLLOWS, so_too=SO_TOO, on=["pretend"]):
    """Has a list of the devices that there are."""

    swap_module: Any = moving(_to_known_devices)


def _to_type(mod: Any, result: Any) -> None:
    device = _the_device(mod)
    if device is not None:
        result.to(device.type)


class DropsTheIndex(Fault, aims_at=FOLLOWS, so_too=SO_TOO, on=["fake:cuda"]):
    """Moves to ``cuda`` for ``cuda:1``."""

    swap_module: Any = moving(_to_type)


class DropsTheIndexOfAVendorsDevice(Fault, aims_at=FOLLOWS, so_too=[f"{IT}/*"], on=["pretend:1"]):
    swap_module: Any = moving(_to_type)


def _by_cuda(mod: Any, result: Any) -> None:
    device = _the_device(mod)
    if device is not None and device.type == "cuda":
        result.cuda()
    elif device is not None:
        result.to(device)


class CallsCuda(Fault, aims_at=FOLLOWS, so_too=SO_TOO, on=["fake:cuda"]):
    """``.cuda()`` in place of ``.to(device)``."""

    swap_module: Any = moving(_by_cuda)


def _parameters_to_cuda(mod: Any, result: Any) -> None:
    device = _the_device(mod)
    if device is not None and device.type == "cuda":
        for parameter in result.parameters():
            parameter.data = parameter.data.to(device)
    elif device is not None:
        result.to(device)


class ForgetsBuffersOnCuda(Fault, aims_at=FOLLOWS, so_too=SO_TOO, on=["fake:cuda"]):
    swap_module: Any = moving(_parameters_to_cuda)


def _of_one_type(mod: Any, result: Any) -> None:
    kinds = {tensor.device.type for tensor in _tensors(mod)}
    if len(kinds) > 1:
        raise AssertionError(f"devices: {kinds}")
    for tensor in _tensors(mod):
        result.to(tensor.device)


class MixesDevicesOfAKind(Fault, aims_at=f"{IT}/mixed-devices-rejected", on=["fake:cuda"]):
    """Takes ``cuda:0`` and ``cuda:1`` for one device."""

    swap_module: Any = moving(_of_one_type)


def _but_for_cpu(mod: Any, result: Any) -> None:
    devices = {tensor.device for tensor in _tensors(mod)}
    accelerators = {device for device in devices if device.type != "cpu"} or devices
    if len(accelerators) > 1:
        raise AssertionError(f"devices: {devices}")
    for device in accelerators:
        result.to(device)


class MixesCpuAndCuda(
    Fault, aims_at=f"{IT}/mixed-devices-rejected", so_too=[f"{IT}/rejected-under-O"], on=["fake:cuda"]
):
    """Takes what is on the CPU for bookkeeping."""

    swap_module: Any = moving(_but_for_cpu)


def _first_parameter(mod: Any, result: Any) -> None:
    first = next(mod.parameters(), None)
    if first is None:
        first = next(mod.buffers(), None)
    if first is not None:
        result.to(first.device)


class TakesTheFirstParametersDevice(
    Fault, aims_at=f"{IT}/mixed-devices-rejected", so_too=[f"{IT}/rejected-under-O"], on=["fake:cuda"]
):
    swap_module: Any = moving(_first_parameter)


def _buffers_unseen(mod: Any, result: Any) -> None:
    devices = {parameter.device for parameter in mod.parameters()} or {buffer.device for buffer in mod.buffers()}
    if len(devices) > 1:
        raise AssertionError(f"devices: {devices}")
    for device in devices:
        result.to(device)


class ForgetsABufferElsewhere(
    Fault, aims_at=f"{IT}/mixed-devices-rejected", so_too=[f"{IT}/rejected-under-O"], on=["fake:cuda"]
):
    """Looks at buffers only where there are no parameters."""

    swap_module: Any = moving(_buffers_unseen)


def _hooks_lost_on_cuda(mod: Any, mapping: Any) -> Any:
    result = Reference.swap_module(mod, mapping)
    if result is not mod and any(tensor.device.type == "cuda" for tensor in _tensors(mod)):
        result._forward_hooks.clear()
    return result


class LosesHooksOnCuda(
    Fault,
    aims_at=f"{IT}/forward-hooks-in-order",
    so_too=[f"{IT}/{id}" for id in ("own-hooks-first", "kwargs-hooks", "always-call-hooks", "old-module-keeps-hooks")],
    on=["fake:cuda"],
):
    """Leaves hooks behind where they may hold tensors of a device."""

    swap_module: Any = staticmethod(_hooks_lost_on_cuda)


def _flags_set_on_cuda(mod: Any, mapping: Any) -> Any:
    result = Reference.swap_module(mod, mapping)
    if result is not mod and any(tensor.device.type == "cuda" for tensor in _tensors(mod)):
        result.train(mod.training).requires_grad_(False)
    return result


class CarriesFlagsOnCuda(Fault, aims_at=f"{IT}/nothing-else-carried", on=["fake:cuda"]):
    """Makes a module for inference where it is on CUDA."""

    swap_module: Any = staticmethod(_flags_set_on_cuda)
