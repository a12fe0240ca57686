"""Bare ``assert`` statements, and everything else in as few words as will do.

``python -O`` takes the statements out, and they say nothing of shapes.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from operator import attrgetter
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList, is_parametrized, type_before_parametrizations

NOT_CLAIMED = (
    "swap_module/rejected-under-O",
    "FakeSparsity/rejected-under-O",
    "FakeSparsity/message-names-shapes",
)


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    first: dict[int, tuple[str, ...]] = {}
    todo: list[tuple[tuple[str, ...], nn.Module]] = [((), model)]
    while todo:
        path, at = todo.pop()
        if id(at) not in first:
            first[id(at)] = path
            todo += [((*path, name), child) for name, child in [*at._modules.items()][::-1] if child is not None]
    names = first.get(id(module))
    return prefix + ".".join(names) if names else None if names is None else ""


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    with suppress(AttributeError):
        return attrgetter(path)(model) if path else model
    return None


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    module_fqn, tensor_name = ["", *tensor_fqn.rsplit(".", 1)][-2:]
    module = fqn_to_module(model, module_fqn)
    return {name: value for name, value in locals().items() if name != "model"}


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    lists: Any = module._modules["parametrizations"] if is_parametrized(module) else nn.ModuleDict()
    assert all(isinstance(each, ParametrizationList) for each in lists.values())
    return parametrization in {kind for each in chain(*lists.values()) for kind in type(each).__mro__}


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    new: nn.Module = mapping[kind].from_dense(mod)
    devices = {tensor.device for tensor in chain(mod.parameters(), mod.buffers())}
    assert len(devices) < 2
    if new is mod:
        return new
    for key, before in mod._forward_pre_hooks.items():
        new.register_forward_pre_hook(before, with_kwargs=key in mod._forward_pre_hooks_with_kwargs)
    for key, after in mod._forward_hooks.items():
        handle = new.register_forward_hook(after, with_kwargs=key in mod._forward_hooks_with_kwargs)
        new._forward_hooks_always_called.update({handle.id: True} if key in mod._forward_hooks_always_called else {})
    return new.to(devices.pop()) if devices else new


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert self.mask.shape == x.shape
        return self.mask * x
