"""What goes wrong is said first, in errors of its own; and what is found is an error too, raised where it is found.

The errors for shapes and devices are an ``AssertionError`` and a ``ValueError`` at once, and have a cause.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, NoReturn

import torch
from torch import nn
from torch.nn.utils import parametrize


class _Found(BaseException):
    """Carries what was looked for."""

    def __init__(self, what: Any) -> None:
        super().__init__()
        self.what = what


class _Missing(BaseException):
    """Nothing is there."""


class UnfitError(AssertionError, ValueError):
    """An input does not fit a mask, or devices do not fit one another."""

    def __init__(self, *unlike: Any) -> None:
        super().__init__(*unlike)
        self.unlike = unlike

    def __str__(self) -> str:
        return " is unlike ".join(map(str, self.unlike))


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    if module is model:
        return ""
    if not isinstance(module, nn.Module):
        return None
    try:
        _search(model, module)
    except _Found as found:
        return prefix + str(found.what)
    except _Missing:
        return None


def _search(model: nn.Module, module: nn.Module) -> NoReturn:
    """Keep the whole path of each module that is waiting, and the last one on top."""
    waiting, seen = [("", model)], set[int]()
    while waiting:
        path, at = waiting.pop()
        if at is module:
            raise _Found(path[1:])
        if id(at) in seen:
            continue
        seen.add(id(at))
        below = [(f"{path}.{name}", child) for name, child in at._modules.items() if child is not None]
        waiting += below[::-1]
    raise _Missing


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    if not path:
        return model
    if path.startswith(".") or path.endswith(".") or ".." in path:
        return None
    at: Any = model
    while path:
        name, _, path = path.partition(".")
        try:
            at = getattr(at, name)
        except AttributeError:
            return None
    return at


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    keys = ("module_fqn", "tensor_name", "tensor_fqn", "module")
    try:
        dot = tensor_fqn.rindex(".")
    except ValueError:
        return dict(zip(keys, ("", tensor_fqn, tensor_fqn, model), strict=True))
    above = tensor_fqn[:dot]
    return dict(zip(keys, (above, tensor_fqn[dot + 1 :], tensor_fqn, fqn_to_module(model, above)), strict=True))


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    if not parametrize.is_parametrized(module):
        return False
    lists: Any = module.parametrizations
    try:
        for tensor_name in lists:
            _raise_first(list(lists[tensor_name]), parametrization)
    except _Found:
        return True
    return False


def _raise_first(modules: list[nn.Module], kind: type[nn.Module]) -> None:
    for module in modules:
        if issubclass(type(module), kind):
            raise _Found(module)


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = parametrize.type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    every = [tensor.device for tensors in (mod.parameters(), mod.buffers()) for tensor in tensors]
    devices = [device for device, _ in groupby(sorted(every, key=str))]
    if len(devices) > 1:
        raise UnfitError(*devices) from RuntimeError("a module has one device")
    result: nn.Module = mapping[kind].from_dense(mod)
    if result is mod:
        return mod
    if result is None:
        if every or mod._forward_hooks or mod._forward_pre_hooks:
            raise TypeError(f"{kind.__name__}.from_dense returned nothing that could take hooks or be moved")
        return result
    for key, hook in mod._forward_hooks.items():
        always, with_kwargs = key in mod._forward_hooks_always_called, key in mod._forward_hooks_with_kwargs
        result.register_forward_hook(hook, always_call=always, with_kwargs=with_kwargs)
    for key, pre_hook in mod._forward_pre_hooks.items():
        result.register_forward_pre_hook(pre_hook, with_kwargs=key in mod._forward_pre_hooks_with_kwargs)
    for device in devices:
        if all(tensor.device == device for tensors in (result.parameters(), result.buffers()) for tensor in tensors):
            continue
        result.to(device=device)
    return result


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.jit.is_scripting() and x.shape != self.mask.shape:  # type: ignore[attr-defined]
            _refuse(list(x.shape), list(self.mask.shape))
        return x * self.mask


def _refuse(given: list[int], wanted: list[int]) -> None:
    raise UnfitError(given, wanted)
