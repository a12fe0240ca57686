"""More than was asked for: further names, further optional parameters, a mask that has a name and knows its density."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

__version__ = "3.1"


def walk(model: nn.Module) -> Iterator[tuple[int, str, nn.Module]]:
    """Give the depth, the name and the module of every place, depth first; what was met before is not entered again."""
    met: set[int] = set()
    waiting: list[tuple[int, str, nn.Module]] = [(0, "", model)]
    while waiting:
        depth, name, at = waiting.pop()
        yield depth, name, at
        if id(at) not in met:
            met.add(id(at))
            for below, child in reversed(at._modules.items()):
                if child is not None:
                    waiting.append((depth + 1, below, child))


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "", separator: str = ".") -> str | None:
    names: list[str] = []
    for depth, name, at in walk(model):
        names[depth:] = [name]
        if at is module:
            return prefix + separator.join(names[1:]) if depth else ""
    return None


def fqn_to_module(
    model: nn.Module | None, path: str, default: Any = None, *, separator: str = ".", strict: bool = False
) -> Any:
    found: Any = model
    for name in path.split(separator) if path else []:
        try:
            found = getattr(found, name)
        except AttributeError:
            if strict:
                raise
            return default
    return found


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str, strict: bool = False) -> dict[str, Any]:
    module_fqn, _, tensor_name = tensor_fqn.rpartition(".")
    module = fqn_to_module(model, module_fqn, strict=strict)
    if strict and not isinstance(getattr(module, tensor_name), torch.Tensor):
        raise TypeError(f"{tensor_fqn} is no tensor")
    return {"module_fqn": module_fqn, "module": module, "tensor_name": tensor_name, "tensor_fqn": tensor_fqn}


def module_contains_param(
    module: nn.Module, parametrization: type[nn.Module], tensor_name: str | None = None, *, exact: bool = False
) -> bool:
    return any(
        type(each) is parametrization if exact else isinstance(each, parametrization)
        for name, each in parametrizations_of(module)
        if tensor_name is None or name == tensor_name
    )


def parametrizations_of(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Give the parametrizations of a module's own tensors, with the names of the tensors."""
    chains: Any = module.parametrizations if is_parametrized(module) else {}
    for name, chain in chains.items():
        for each in chain:
            yield name, each


def swap_module(
    mod: nn.Module,
    mapping: Mapping[type[nn.Module], Any],
    custom: Mapping[type[nn.Module], Any] | None = None,
    *,
    carry_hooks: bool = True,
) -> nn.Module:
    kind = type_before_parametrizations(mod)
    every = {**mapping, **(custom or {})}
    if kind not in every:
        return mod
    devices = sorted({str(tensor.device) for tensor in (*mod.parameters(), *mod.buffers())})
    if len(devices) > 1:
        raise AssertionError(f"{kind.__name__} is spread over {', '.join(devices)}")
    result: nn.Module = every[kind].from_dense(mod)
    if carry_hooks and result is not mod:
        for register, hook, flags in forward_hooks_of(mod):
            getattr(result, register)(hook, **dict.fromkeys(flags, True))
    return result.to(devices[0]) if devices else result


def forward_hooks_of(module: nn.Module) -> Iterator[tuple[str, Any, list[str]]]:
    """Give the forward hooks of a module: by which method each was registered, and with which flags."""
    kept = {"with_kwargs": "_forward_pre_hooks_with_kwargs"}
    for key, hook in module._forward_pre_hooks.items():
        yield "register_forward_pre_hook", hook, [flag for flag in kept if key in getattr(module, kept[flag], ())]
    kept = {"with_kwargs": "_forward_hooks_with_kwargs", "always_call": "_forward_hooks_always_called"}
    for key, hook in module._forward_hooks.items():
        yield "register_forward_hook", hook, [flag for flag in kept if key in getattr(module, kept[flag], ())]


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor, name: str | None = None, *, check: bool = True) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)
        self.name = name
        self.check = check

    @property
    def density(self) -> float:
        """The part of the mask that is not zero."""
        return float(self.mask.count_nonzero()) / max(1, self.mask.numel())

    def extra_repr(self) -> str:
        return f"name={self.name!r}, shape={tuple(self.mask.shape)}"

    def forward(self, x: torch.Tensor, scale: float | None = None) -> torch.Tensor:
        if self.check and x.shape != self.mask.shape:
            raise AssertionError(f"mask {self.name} has shape {self.mask.shape}, not {x.shape}")
        masked = self.mask * x
        return masked if scale is None else masked * scale
