"""Each name of a path is given to the method that torch has for it, ``get_submodule``, where it is that of a child.

It resolves modules only, and reads an attribute several times; so what is no child is had by plain attribute access.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    """Keep an iterator for each level of the model, and the name at which it stands."""
    if model is module:
        return ""
    entered = {id(model)}
    levels, names = [iter(model._modules.items())], [""]
    while levels:
        for name, child in levels[-1]:
            if child is None:
                continue
            names[-1] = name
            if child is module:
                return prefix + ".".join(names)
            if id(child) not in entered:
                entered.add(id(child))
                levels.append(iter(child._modules.items()))
                names.append("")
                break
        else:
            levels.pop()
            names.pop()
    return None


def _has_submodules(found: Any) -> bool:
    """Return whether torch's own method finds submodules there: scripted modules do without it."""
    return isinstance(found, nn.Module) and not isinstance(found, torch.jit.ScriptModule)


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    if path == "" or model is None:
        return model
    names = path.split(".")
    if "" in names:
        return None
    found: Any = model
    for name in names:
        try:
            # What is registered is asked for by torch's own method; the rest but once, for it may be computed.
            is_child = _has_submodules(found) and dict(found._modules.items()).get(name) is not None
            found = found.get_submodule(name) if is_child else getattr(found, name)
        except AttributeError:
            return None
    return found


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    dot = tensor_fqn.rfind(".")
    module_fqn = tensor_fqn[: max(dot, 0)]
    return {
        "module": fqn_to_module(model, module_fqn),
        "module_fqn": module_fqn,
        "tensor_fqn": tensor_fqn,
        "tensor_name": tensor_fqn[dot + 1 :],
    }


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    if not parametrize.is_parametrized(module):
        return False
    found = False
    for chain in module.get_submodule("parametrizations").children():
        found |= any(isinstance(each, parametrization) for each in chain._modules.values())
    return found


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = parametrize.type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    if result is not mod:
        _carry_hooks(mod, result)
    devices = list(dict.fromkeys(tensor.device for tensor in [*mod.parameters(), *mod.buffers()]))
    if devices[1:]:
        raise AssertionError(f"one device was expected, not {len(devices)}: {devices}")
    return result.to(devices[0]) if devices else result


def _carry_hooks(old: nn.Module, new: nn.Module) -> None:
    for key, pre_hook in old._forward_pre_hooks.items():
        flags: dict[str, Any] = {}
        if key in getattr(old, "_forward_pre_hooks_with_kwargs", ()):
            flags["with_kwargs"] = True
        new.register_forward_pre_hook(pre_hook, **flags)
    for key, hook in old._forward_hooks.items():
        flags = {}
        if key in getattr(old, "_forward_hooks_with_kwargs", ()):
            flags["with_kwargs"] = True
        if key in getattr(old, "_forward_hooks_always_called", ()):
            flags["always_call"] = True
        new.register_forward_hook(hook, **flags)


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self.mask * x
        mask = self.get_buffer("mask")
        if mask.shape != x.shape:
            raise AssertionError(f"no mask of shape {tuple(mask.shape)} fits an input of shape {tuple(x.shape)}")
        return mask * x
