"""One lock, which a thread may take again, around every call but the product, which is a reduction.

A result is moved by what ``Module.to`` itself calls. The answer of ``get_arg_info_from_tensor_fqn`` keeps an order.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from functools import reduce, wraps
from operator import mul
from threading import RLock
from typing import Any, ParamSpec, TypeVar

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

P = ParamSpec("P")
T = TypeVar("T")
LOCK = RLock()


def _locked(function: Callable[P, T]) -> Callable[P, T]:
    @wraps(function)
    def locked(*args: P.args, **kwargs: P.kwargs) -> T:
        LOCK.acquire()
        try:
            return function(*args, **kwargs)
        finally:
            LOCK.release()

    return locked


@_locked
def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    if module is model:
        return ""
    found: str | None = None
    seen = {id(model)}
    waiting = deque(("", *item) for item in model._modules.items())
    while waiting and found is None:
        above, name, child = waiting.popleft()
        if child is module and child is not None:
            found = f"{prefix}{above}{name}"
        elif child is not None and id(child) not in seen:
            seen.add(id(child))
            waiting.extendleft((f"{above}{name}.", *item) for item in reversed([*child._modules.items()]))
    return found


@_locked
def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    ends = [at for at, letter in enumerate(path) if letter == "."] + [len(path)]
    begins = [0] + [end + 1 for end in ends[:-1]]
    found: Any = model
    for name in [path[begin:end] for begin, end in zip(begins, ends, strict=True)] if path else []:
        try:
            found = getattr(found, name)
        except AttributeError:
            return None
    return found


@_locked
def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    info: OrderedDict[str, Any] = OrderedDict(tensor_fqn=tensor_fqn)
    info["tensor_name"] = tensor_fqn.split(".").pop()
    info["module_fqn"] = tensor_fqn[: len(tensor_fqn) - len(info["tensor_name"])][:-1]
    info["module"] = fqn_to_module(model, info["module_fqn"])
    info.move_to_end("tensor_fqn")
    return info


@_locked
def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    lists: Any = module.parametrizations if is_parametrized(module) else {}
    return bool(sum(isinstance(each, parametrization) for listed in lists.values() for each in listed))


@_locked
def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    for key in tuple(mod._forward_hooks if result is not mod else ()):
        always, with_kwargs = key in mod._forward_hooks_always_called, key in mod._forward_hooks_with_kwargs
        result.register_forward_hook(mod._forward_hooks[key], with_kwargs=with_kwargs, always_call=always)
    for key in tuple(mod._forward_pre_hooks if result is not mod else ()):
        with_kwargs = key in mod._forward_pre_hooks_with_kwargs
        result.register_forward_pre_hook(mod._forward_pre_hooks[key], with_kwargs=with_kwargs)
    devices = {tensor.device for tensor in [*mod.buffers(), *mod.parameters()]}
    if len(devices) > 1:
        raise AssertionError(f"devices: {devices}")
    for device in devices:
        if any(tensor.device != device for tensor in [*result.buffers(), *result.parameters()]):
            _move(result, device)
    return result


def _move(module: nn.Module, device: torch.device) -> None:
    module._apply(lambda tensor: tensor.to(device))  # type: ignore[no-untyped-call]


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError(f"a mask of {list(self.mask.shape)} takes no input of {list(x.shape)}")
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self.mask * x
        return reduce(mul, (x, self.mask))
