"""What torch already lists is looked through: ``named_modules``, ``named_parameters``, ``named_buffers``.

``named_modules`` is told to keep duplicates, since it would otherwise leave out modules that compare equal. It then
visits every path, and recurses.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

NOT_CLAIMED = ("module_to_fqn/deep-models", "module_to_fqn/cyclic-models", "module_to_fqn/linear-cost")


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    for path, each in model.named_modules(remove_duplicate=False):
        if each is module:
            return prefix + path if path else ""
    return None


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    if path == "":
        return model
    try:
        return attrgetter(path)(model)
    except AttributeError:
        return None


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    names = tensor_fqn.split(".")
    info: dict[str, Any] = dict.fromkeys(("module_fqn", "module", "tensor_name", "tensor_fqn"))
    info["tensor_fqn"] = tensor_fqn
    info["tensor_name"] = names.pop()
    info["module_fqn"] = ".".join(names)
    info["module"] = fqn_to_module(model, info["module_fqn"])
    return info


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    if not is_parametrized(module):
        return False
    chains = attrgetter("parametrizations")(module)
    for chain in chains.values():
        for each in chain:
            if isinstance(each, parametrization):
                return True
    return False


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    found = [target for kind, target in mapping.items() if kind is type_before_parametrizations(mod)]
    if not found:
        return mod
    result: nn.Module = found[0].from_dense(mod)
    places: dict[torch.device, list[str]] = {}
    for name, tensor in (*mod.named_parameters(), *mod.named_buffers()):
        places.setdefault(tensor.device, []).append(name)
    if len(places) > 1:
        raise AssertionError("; ".join(f"{', '.join(names)} on {device}" for device, names in places.items()))
    if places:
        result.to(device=next(iter(places)))
    if result is mod:
        return result
    with_kwargs: dict[int, bool] = getattr(mod, "_forward_pre_hooks_with_kwargs", {})
    for key, pre_hook in mod._forward_pre_hooks.items():
        if with_kwargs.get(key):
            result.register_forward_pre_hook(pre_hook, with_kwargs=True)
        else:
            result.register_forward_pre_hook(pre_hook)
    with_kwargs = getattr(mod, "_forward_hooks_with_kwargs", {})
    always_called: dict[int, bool] = getattr(mod, "_forward_hooks_always_called", {})
    for key, hook in mod._forward_hooks.items():
        if with_kwargs.get(key) or always_called.get(key):
            flags = {"with_kwargs": key in with_kwargs, "always_call": key in always_called}
            result.register_forward_hook(hook, **flags)
        else:
            result.register_forward_hook(hook)
    return result


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mask = dict(self.named_buffers())["mask"]
        if mask.size() != x.size():
            raise AssertionError(f"sizes differ: {list(mask.size())} (mask), {list(x.size())} (input)")
        return torch.mul(x, mask)
