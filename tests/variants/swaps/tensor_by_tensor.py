"""Moves the tensors of a result one by one, each kind of device in its own way; the rest is the reference's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

import sparsifier_reference
from sparsifier_reference import (
    FakeSparsity,
    fqn_to_module,
    get_arg_info_from_tensor_fqn,
    module_contains_param,
    module_to_fqn,
)

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]


class _Unmoved:
    """Makes what the mapped class makes, and moves its tensors."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def from_dense(self, mod: nn.Module) -> nn.Module:
        result: nn.Module = self.kind.from_dense(mod)
        device = next((tensor.device for tensor in _tensors(mod)), None)
        if result is not mod and device is not None and all(tensor.device == device for tensor in _tensors(mod)):
            for module in result.modules():
                _move(module, device)
        return result


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    return sparsifier_reference.swap_module(mod, {key: _Unmoved(kind) for key, kind in mapping.items()})


def _tensors(module: nn.Module) -> Iterator[torch.Tensor]:
    yield from module.parameters()
    yield from module.buffers()


def _move(module: nn.Module, device: torch.device) -> None:
    for name, parameter in list(module.named_parameters(recurse=False)):
        if parameter.device == device:
            continue
        if device.type == "cuda":
            parameter.data = parameter.data.cuda(device.index)
        else:
            moved = nn.Parameter(parameter.to(device), requires_grad=parameter.requires_grad)
            moved.grad = None if parameter.grad is None else parameter.grad.to(device)
            setattr(module, name, moved)
    for name, buffer in list(module.named_buffers(recurse=False)):
        setattr(module, name, buffer.cuda(device) if device.type == "cuda" else buffer.to(device))
