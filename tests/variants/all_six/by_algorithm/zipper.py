"""A zipper for the model: a place knows what lies before and behind it, and the place above; nothing is ever changed.

Paths are read character by character. The old module's meta tensors are left out of account beside others, and a result
on meta is filled anew where it has to move. The product is taken of transposed tensors, so that columns come first.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized


@dataclass(frozen=True, eq=False)
class Place:
    """A module in a model, its position among its siblings, and where those hang."""

    module: nn.Module
    name: str = ""
    position: int = 0
    siblings: tuple[tuple[str, nn.Module], ...] = ()
    above: Place | None = None

    def down(self) -> Place | None:
        children = tuple((name, child) for name, child in self.module._modules.items() if child is not None)
        return Place(children[0][1], children[0][0], 0, children, self) if children else None

    def right(self) -> Place | None:
        at = self.position + 1
        if at >= len(self.siblings):
            return None
        return Place(self.siblings[at][1], self.siblings[at][0], at, self.siblings, self.above)

    def next_outside(self) -> Place | None:
        """Give the next place that is not below this one."""
        place: Place | None = self
        while place is not None:
            beside = place.right()
            if beside is not None:
                return beside
            place = place.above
        return None

    def path(self) -> str:
        names, place = [self.name], self.above
        while place is not None and place.above is not None:
            names.append(place.name)
            place = place.above
        return ".".join(reversed(names))


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    if module is model:
        return ""
    entered = {id(model)}
    place = Place(model).down()
    while place is not None:
        if place.module is module:
            return f"{prefix}{place.path()}"
        below = None
        if id(place.module) not in entered:
            entered.add(id(place.module))
            below = place.down()
        place = below if below is not None else place.next_outside()
    return None


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    found: Any = model
    name = ""
    for at, letter in enumerate(path, start=1):
        ends = letter == "."
        name += "" if ends else letter
        if not ends and at < len(path):
            continue
        try:
            found = getattr(found, name)
            if ends and at == len(path):
                found = getattr(found, "")
        except AttributeError:
            return None
        name = ""
    return found


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    dot = tensor_fqn.rfind(".")
    info = SimpleNamespace(tensor_fqn=tensor_fqn, tensor_name=tensor_fqn[dot + 1 :])
    info.module_fqn = tensor_fqn[: max(dot, 0)]
    info.module = fqn_to_module(model, info.module_fqn)
    return vars(info)


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    if not is_parametrized(module):
        return False
    lists: Any = module.parametrizations
    for name in lists:
        listed = lists[name]
        for at in range(len(listed)):
            if parametrization in type(listed[at]).__mro__:
                return True
    return False


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type(mod)
    if is_parametrized(mod):
        kind = kind.mro()[1]
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    places = {tensor.device for tensor in _tensors(mod)}
    if len(places) > 1:
        places.discard(torch.device("meta"))
    if len(places) > 1:
        raise AssertionError(f"{kind.__qualname__} lies in {len(places)} places: {places}")
    for place in places:
        there = {tensor.device for tensor in _tensors(result)}
        if place.type != "meta" and there == {torch.device("meta")}:
            result.to_empty(device=place)
        elif there - {place}:
            result.to(place)
    if result is not mod:
        _put_behind(mod, result)
    return result


def _put_behind(old: nn.Module, new: nn.Module) -> None:
    for key, pre_hook in old._forward_pre_hooks.items():
        with_kwargs = key in old._forward_pre_hooks_with_kwargs
        new.register_forward_pre_hook(pre_hook, prepend=False, with_kwargs=with_kwargs)
    for key, hook in old._forward_hooks.items():
        with_kwargs, always = key in old._forward_hooks_with_kwargs, key in old._forward_hooks_always_called
        new.register_forward_hook(hook, prepend=False, with_kwargs=with_kwargs, always_call=always)


def _tensors(module: nn.Module) -> list[torch.Tensor]:
    return [*module.parameters(), *module.buffers()]


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError(f"{list(x.shape)} does not lie upon {list(self.mask.shape)}")
        backwards = [at for at in range(x.dim() - 1, -1, -1)]  # noqa: C416
        return (self.mask.permute(backwards) * x.permute(backwards)).contiguous().permute(backwards)
