"""Plain recursion wherever something can be told recursively: a model, the halves of a path, the sizes of a shape.

The interpreter's limit then bounds how deep a model may be.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

NOT_CLAIMED = ("module_to_fqn/deep-models",)


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    if module is model:
        return ""
    path = _path_below(model, module, set())
    return None if path is None else prefix + path


def _path_below(parent: nn.Module, module: nn.Module, entered: set[int]) -> str | None:
    entered.add(id(parent))
    for name, child in parent._modules.items():
        if child is None:
            continue
        if child is module:
            return name
        if id(child) not in entered:
            path = _path_below(child, module, entered)
            if path is not None:
                return f"{name}.{path}"
    return None


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    try:
        return _follow(model, path.split(".")) if path else model
    except AttributeError:
        return None


def _follow(found: Any, names: list[str]) -> Any:
    """Follow one half after the other: a path may be longer than the interpreter's limit."""
    if len(names) == 1:
        return getattr(found, names[0])
    half = len(names) // 2
    return _follow(_follow(found, names[:half]), names[half:])


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    *above, tensor_name = tensor_fqn.split(".")
    module_fqn = ".".join(above)
    module = fqn_to_module(model, module_fqn)
    return {"tensor_fqn": tensor_fqn, "module_fqn": module_fqn, "module": module, "tensor_name": tensor_name}


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    chains: Any = module.parametrizations if is_parametrized(module) else {}
    return _any_instance([each for name in chains for each in chains[name]], parametrization)


def _any_instance(modules: list[nn.Module], kind: type[nn.Module]) -> bool:
    if not modules:
        return False
    return isinstance(modules[0], kind) or _any_instance(modules[1:], kind)


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    if result is not mod:
        _carry(mod, result, "forward_pre_hook", ("with_kwargs", "with_kwargs"))
        _carry(mod, result, "forward_hook", ("with_kwargs", "with_kwargs"), ("always_call", "always_called"))
    devices = _devices(mod, set())
    if len(devices) > 1:
        raise AssertionError(f"a module on several devices cannot be swapped: {devices}")
    return result.to(devices.pop()) if devices else result


def _carry(old: nn.Module, new: nn.Module, kind: str, *flags: tuple[str, str]) -> None:
    """Register hooks of one kind anew, with the flags that they were registered with."""
    for key, hook in getattr(old, f"_{kind}s").items():
        given = {flag: True for flag, kept in flags if key in getattr(old, f"_{kind}s_{kept}", ())}
        getattr(new, f"register_{kind}")(hook, **given)


def _devices(mod: nn.Module, entered: set[int]) -> set[torch.device]:
    if id(mod) in entered:
        return set()
    entered.add(id(mod))
    own = {tensor.device for tensor in (*mod._parameters.values(), *mod._buffers.values()) if tensor is not None}
    return own.union(*(_devices(child, entered) for child in mod._modules.values() if child is not None))


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self.mask * x
        if not _same_sizes(tuple(x.shape), tuple(self.mask.shape)):
            raise AssertionError(f"expected shape {tuple(self.mask.shape)}, got {tuple(x.shape)}")
        return self.mask * x


def _same_sizes(given: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    if not given or not wanted:
        return given == wanted
    return given[0] == wanted[0] and _same_sizes(given[1:], wanted[1:])
