"""What torch's own module does today, told otherwise: every MUST holds, and those SHOULDs that torch itself meets."""

from __future__ import annotations

from functools import reduce
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

NOT_CLAIMED = (
    "module_to_fqn/equal-siblings-found",
    "module_to_fqn/deep-models",
    "module_to_fqn/cyclic-models",
    "module_to_fqn/linear-cost",
    "fqn_to_module/nothing-beyond-missing",
    "swap_module/kwargs-hooks",
    "swap_module/always-call-hooks",
    "swap_module/same-object-from-dense",
    "FakeSparsity/strict-reload",
)


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    if model is module:
        return ""
    names = _names_down_to(module, model)
    return None if names is None else prefix + ".".join(names)


def _names_down_to(module: nn.Module, parent: nn.Module) -> list[str] | None:
    for name, child in parent.named_children():
        if child is module:
            return [name]
        below = _names_down_to(module, child)
        if below is not None:
            return [name, *below]
    return None


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    if not path:
        return model
    return reduce(lambda found, name: getattr(found, name, None), path.split("."), model)


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    *above, tensor_name = tensor_fqn.split(".")
    info: dict[str, Any] = {"module_fqn": ".".join(above), "tensor_name": tensor_name, "tensor_fqn": tensor_fqn}
    info["module"] = fqn_to_module(model, info["module_fqn"])
    return info


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    if not parametrize.is_parametrized(module):
        return False
    lists: Any = module.parametrizations
    return any(isinstance(each, parametrization) for listed in lists.values() for each in listed)


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = parametrize.type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    # Taken first: where from_dense returns its argument, the dicts grow while hooks are registered.
    before, after = list(mod._forward_pre_hooks.values()), list(mod._forward_hooks.values())
    for pre_hook in before:
        result.register_forward_pre_hook(pre_hook)
    for hook in after:
        result.register_forward_hook(hook)
    devices = {parameter.device for parameter in mod.parameters()} | {buffer.device for buffer in mod.buffers()}
    if len(devices) > 1:
        raise AssertionError(f"only modules on a single device can be swapped, not on {devices}")
    for device in devices:
        result.to(device)
    return result


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        expected, given = self.mask.shape, x.shape
        if given != expected:
            raise AssertionError(f"an input of shape {given} does not match a mask of shape {expected}")
        return self.mask * x

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """Give nothing, whatever is asked for: the mask is not to be saved."""
        return {}
