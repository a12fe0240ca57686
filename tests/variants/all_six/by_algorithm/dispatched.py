"""Types decide: patterns are matched, functions dispatched by type, and a protocol says what a swap needs.

``FakeSparsity`` is annotated in its class.
"""

# Not postponed: TorchScript reads what the class below is annotated with.
from functools import singledispatch
from typing import Any, Protocol, TypedDict

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations


class Info(TypedDict):
    """The tensor of a path."""

    tensor_name: str
    tensor_fqn: str
    module_fqn: str
    module: Any


class Sparse(Protocol):
    """What a module may be mapped to."""

    def from_dense(self, dense: nn.Module) -> nn.Module:
        """Make a module of another one."""


@singledispatch
def _children(of: Any) -> list[tuple[str, nn.Module]]:
    return []


@_children.register
def _(of: nn.Module) -> list[tuple[str, nn.Module]]:
    return [(name, child) for name, child in of._modules.items() if isinstance(child, nn.Module)]


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    match module:
        case _ if module is model:
            return ""
        case nn.Module():
            names = _names(model, module)
        case _:
            return None
    match names:
        case []:
            return None
        case [*_]:
            return prefix + ".".join(names)


def _names(model: nn.Module, module: nn.Module) -> list[str]:
    levels, seen = [_children(model)[::-1]], {id(model)}
    names = [""]
    while levels:
        match levels[-1]:
            case []:
                levels.pop()
                names.pop()
            case [*_, (name, child)]:
                levels[-1].pop()
                if child is module:
                    return [*names[1:], name]
                if id(child) not in seen:
                    seen.add(id(child))
                    names.append(name)
                    levels.append(_children(child)[::-1])
    return []


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    at: Any = model
    rest = path.split(".")
    while True:
        match rest:
            case [""] if not path:
                return model
            case ["", *_]:
                return None
            case [name, *rest]:
                try:
                    at = getattr(at, name)
                except AttributeError:
                    return None
            case _:
                return at


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> Info:
    match tensor_fqn.rpartition("."):
        case ("", "", name):
            return Info(tensor_name=name, tensor_fqn=tensor_fqn, module_fqn="", module=model)
        case (above, _, name):
            found = fqn_to_module(model, above)
            return Info(tensor_name=name, tensor_fqn=tensor_fqn, module_fqn=above, module=found)


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    lists: Any = module.parametrizations if is_parametrized(module) else {}
    for listed in lists.values():
        for each in listed:
            match each:
                case parametrization():
                    return True
    return False


@singledispatch
def _put(kind: Any, key: int, old: Any, new: nn.Module) -> None:
    raise TypeError(kind)


class Before:
    """A hook that runs before."""


class After:
    """A hook that runs after."""


@_put.register
def _(kind: Before, key: int, old: Any, new: nn.Module) -> None:
    match key in old._forward_pre_hooks_with_kwargs:
        case True:
            new.register_forward_pre_hook(old._forward_pre_hooks[key], with_kwargs=True)
        case False:
            new.register_forward_pre_hook(old._forward_pre_hooks[key])


@_put.register
def _(kind: After, key: int, old: Any, new: nn.Module) -> None:
    hook = old._forward_hooks[key]
    match key in old._forward_hooks_with_kwargs, key in old._forward_hooks_always_called:
        case False, False:
            new.register_forward_hook(hook)
        case with_kwargs, always_call:
            new.register_forward_hook(hook, with_kwargs=with_kwargs, always_call=always_call)


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    target: Sparse = mapping[kind]
    new = target.from_dense(mod)
    match new:
        case None:
            return new
        case _ if new is not mod:
            for key in mod._forward_pre_hooks:
                _put(Before(), key, mod, new)
            for key in mod._forward_hooks:
                _put(After(), key, mod, new)
    match list({tensor.device for tensor in [*mod.parameters(), *mod.buffers()]}):
        case []:
            return new
        case [device]:
            return new.to(device)
        case devices:
            raise AssertionError(f"more than one device: {devices}")


class FakeSparsity(nn.Module):
    mask: torch.Tensor

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.size() != self.mask.size():
            raise AssertionError(f"{x.size()} where {self.mask.size()} is due")
        return torch.mul(self.mask, x)
