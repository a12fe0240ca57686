"""Every name is wrapped by a decorator that notes the calls, by position and by name, and how they ended."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

P = ParamSpec("P")
R = TypeVar("R")

#: The last calls, with the types of their arguments.
CALLS: deque[tuple[str, tuple[str, ...]]] = deque(maxlen=1000)


def traced(function: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        given = [type(arg).__name__ for arg in args]
        given += [f"{name}: {type(arg).__name__}" for name, arg in kwargs.items()]
        CALLS.append((function.__qualname__, tuple(given)))
        return function(*args, **kwargs)

    return wrapper


@traced
def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    entered = [(model, 0, "")]
    places = {id(model): 0}
    waiting = [(0, name, child) for name, child in reversed(model._modules.items())]
    while waiting and id(module) not in places:
        parent, name, child = waiting.pop()
        if child is None or id(child) in places:
            continue
        places[id(child)] = place = len(entered)
        entered.append((child, parent, name))
        waiting += [(place, below, each) for below, each in reversed(child._modules.items())]
    if id(module) not in places:
        return None
    names = []
    at = places[id(module)]
    while at:
        _, at, name = entered[at]
        names.append(name)
    return prefix + ".".join(reversed(names)) if names else ""


@traced
def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    return _follow(model, path.split(".")) if path else model


@traced
def _follow(found: Any, names: list[str]) -> Any:
    for name in names:
        try:
            found = getattr(found, name)
        except AttributeError:
            return None
    return found


@traced
def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    module_fqn, _, tensor_name = tensor_fqn.rpartition(".")
    module = fqn_to_module(model, path=module_fqn)
    return {"module": module, "module_fqn": module_fqn, "tensor_name": tensor_name, "tensor_fqn": tensor_fqn}


@traced
def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    chains: Any = module.parametrizations if is_parametrized(module) else {}
    found = [each for chain in chains.values() for each in chain if isinstance(each, parametrization)]
    return len(found) > 0


@traced
def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    if result is not mod:
        _carry("forward_pre_hook", mod, result, with_kwargs="with_kwargs")
        _carry("forward_hook", mod, result, with_kwargs="with_kwargs", always_call="always_called")
    devices = {tensor.device for tensor in [*mod.parameters(), *mod.buffers()]}
    if len(devices) > 1:
        raise AssertionError(f"more than one device: {devices}")
    return result.to(next(iter(devices))) if devices else result


@traced
def _carry(kind: str, old: nn.Module, new: nn.Module, **flags: str) -> None:
    for key, hook in getattr(old, f"_{kind}s").items():
        given = {flag: True for flag, kept in flags.items() if key in getattr(old, f"_{kind}s_{kept}", ())}
        getattr(new, f"register_{kind}")(hook, **given)


class FakeSparsity(nn.Module):
    @traced
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    @traced
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError(f"got {x.shape}, want {self.mask.shape}")
        return self.mask * x
