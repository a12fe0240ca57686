"""Frozen records for all that is worked out: places in a model, steps of a path, hooks to carry.

Places wait in a heap by their positions, so that the first path depth first comes out first.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized


@dataclass(frozen=True, order=True)
class Place:
    """A module in a model; places are ordered by the positions on their paths."""

    positions: tuple[int, ...]
    names: tuple[str, ...] = field(compare=False)
    module: nn.Module = field(compare=False)

    def below(self) -> Iterator[Place]:
        for position, (name, child) in enumerate(self.module._modules.items()):
            if child is not None:
                yield Place((*self.positions, position), (*self.names, name), child)


@dataclass(frozen=True)
class Split:
    """The path of a tensor, in two."""

    module_fqn: str
    tensor_name: str
    tensor_fqn: str

    @classmethod
    def of(cls, path: str) -> Split:
        match = re.fullmatch(r"(?:(.*)\.)?([^.]*)", path, re.DOTALL)
        assert match is not None
        return cls(match[1] or "", match[2], path)


@dataclass(frozen=True)
class Hook:
    """A forward hook or pre-hook, and how it was registered."""

    registrar: str
    call: Callable[..., Any]
    flags: dict[str, bool]

    @classmethod
    def all_of(cls, mod: nn.Module) -> tuple[Hook, ...]:
        return tuple(cls._listed(mod, "forward_pre_hook")) + tuple(cls._listed(mod, "forward_hook"))

    @classmethod
    def _listed(cls, mod: nn.Module, kind: str) -> Iterator[Hook]:
        flagged = {"with_kwargs": f"_{kind}s_with_kwargs", "always_call": f"_{kind}s_always_called"}
        for key, call in getattr(mod, f"_{kind}s").items():
            flags = {flag: True for flag, attribute in flagged.items() if key in getattr(mod, attribute, ())}
            yield cls(f"register_{kind}", call, flags)

    def put_on(self, mod: nn.Module) -> None:
        getattr(mod, self.registrar)(self.call, **self.flags)


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    seen: set[int] = set()
    heap = [Place((), (), model)]
    while heap:
        place = heapq.heappop(heap)
        if place.module is module:
            return prefix + ".".join(place.names) if place.names else ""
        if id(place.module) not in seen:
            seen.add(id(place.module))
            for below in place.below():
                heapq.heappush(heap, below)
    return None


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    found: Any = model
    for name in re.split(r"\.", path) if path else ():
        found = getattr(found, name, Split)  # a private class stands for what is missing
        if found is Split:
            return None
    return found


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    split = Split.of(tensor_fqn)
    return {"module": fqn_to_module(model, split.module_fqn), **asdict(split)}


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    if not is_parametrized(module):
        return False
    tensors: Any = module.parametrizations
    return sum(isinstance(each, parametrization) for name in tensors for each in tensors[name]) > 0


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type(mod).__mro__[1 if is_parametrized(mod) else 0]
    if kind not in mapping:
        return mod
    hooks = Hook.all_of(mod)
    result: nn.Module = mapping[kind].from_dense(mod)
    match sorted({str(tensor.device) for tensors in (mod.parameters(), mod.buffers()) for tensor in tensors}):
        case []:
            pass
        case [device]:
            result.to(device)
        case [*devices]:
            raise AssertionError(f"{devices} are too many devices")
    if result is not mod:
        for hook in hooks:
            hook.put_on(result)
    return result


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self.mask * x
        mask = self.get_buffer("mask")
        if tuple(x.size()) != tuple(mask.size()):
            raise AssertionError(f"input: {tuple(x.size())}\nmask: {tuple(mask.size())}")
        return mask.mul(x)
