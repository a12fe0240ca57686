"""Coroutines: a walk hands generators to a loop that runs them, names are sent to one, and a swap is one that pauses.

A path with an empty component is given up before anything is looked up, and nothing is looked up beyond None.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

_Walk = Generator["_Walk", None, None]


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    way: list[str] = []
    if model is module:
        return ""
    found = False

    def walk(at: nn.Module) -> _Walk:
        nonlocal found
        for name, child in at._modules.items():
            if child is None or id(child) in entered:
                continue
            way.append(name)
            if child is module:
                found = True
                return
            entered.add(id(child))
            yield walk(child)
            if found:
                return
            way.pop()

    entered = {id(model)}
    _run(walk(model))
    return prefix + ".".join(way) if found else None


def _run(first: _Walk) -> None:
    """Run a generator, and those that it hands over, without a call within a call."""
    running = [first]
    while running:
        further = next(running[-1], None)
        if further is None:
            running.pop()
        else:
            running.append(further)


def _follower(names: list[str], at: Any) -> Generator[tuple[Any, str], Any, None]:
    """Ask for what lies under each name, one after the other, until there is nothing."""
    for name in names:
        at = yield at, name
        if at is None:
            break


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    if path == "":
        return model
    names = path.split(".")
    if not all(names):
        return None
    follower = _follower(names, model)
    asked, found = next(follower), None
    while True:
        # Out here, as a generator turns a StopIteration that an attribute raises into another error.
        found = getattr(*asked, None)
        try:
            asked = follower.send(found)
        except StopIteration:
            return found


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    info: dict[str, Any] = dict(_entries(tensor_fqn))
    return {**info, "module": fqn_to_module(model, info["module_fqn"])}


def _entries(tensor_fqn: str) -> Iterator[tuple[str, str]]:
    yield "tensor_fqn", tensor_fqn
    *names, last = tensor_fqn.split(".")
    yield "tensor_name", last
    yield "module_fqn", ".".join(names)


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    return next((True for each in _parametrizations(module) if isinstance(each, parametrization)), False)


def _parametrizations(module: nn.Module) -> Iterator[nn.Module]:
    if is_parametrized(module):
        lists: Any = module.parametrizations
        for listed in lists.values():
            yield from listed


@contextmanager
def _bequeathed(old: nn.Module) -> Iterator[list[nn.Module]]:
    """Take a list of heirs, and leave them the hooks and the place of a module once the block ends."""
    heirs: list[nn.Module] = []
    yield heirs
    for heir in heirs:
        for key, pre_hook in old._forward_pre_hooks.items() if heir is not old else ():
            heir.register_forward_pre_hook(pre_hook, with_kwargs=key in old._forward_pre_hooks_with_kwargs)
        for key, hook in old._forward_hooks.items() if heir is not old else ():
            flags = key in old._forward_hooks_with_kwargs, key in old._forward_hooks_always_called
            heir.register_forward_hook(hook, with_kwargs=flags[0], always_call=flags[1])
        devices = list(dict.fromkeys(_devices(old)))
        if len(devices) > 1:
            raise AssertionError(f"neither on {devices[0]} nor on {devices[1]} alone")
        for device in devices:
            heir.to(device, non_blocking=True)


def _devices(old: nn.Module) -> Iterator[torch.device]:
    for tensors in (old.buffers(), old.parameters()):
        yield from (tensor.device for tensor in tensors)


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    with _bequeathed(mod) as heirs:
        kind = type_before_parametrizations(mod)
        result: nn.Module = mapping[kind].from_dense(mod) if kind in mapping else mod
        if kind in mapping and result is not None:
            heirs.append(result)
    return result


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self.mask * x
        return self._product(x)

    @torch.jit.unused
    def _product(self, x: torch.Tensor) -> torch.Tensor:
        if tuple(x.shape) != tuple(self.mask.shape):
            raise AssertionError(f"{tuple(x.shape)} is not {tuple(self.mask.shape)}")
        return math.prod((x,), start=self.mask)
