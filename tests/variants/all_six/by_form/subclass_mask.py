"""The product in two steps, promotion before multiplication, and a ``FakeSparsity`` that stands on a base class.

Its shapes are compared as lists; paths are split by regular expressions; parametrizations are walked as named children.
"""

from __future__ import annotations

import operator
import re
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList, type_before_parametrizations


class Masked(nn.Module):
    """Holds a mask, and takes inputs of its shape only."""

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def fitting(self, x: torch.Tensor) -> torch.Tensor:
        given, wanted = list(x.shape), list(self.mask.shape)
        if given != wanted:
            raise AssertionError("input " + str(given) + " for mask " + str(wanted))
        return x


class FakeSparsity(Masked):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dtype = torch.promote_types(x.dtype, self.mask.dtype)
        product: torch.Tensor = torch.mul(self.fitting(x).to(dtype), self.mask.to(dtype))
        return product


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    chains = module._modules.get("parametrizations")
    if not isinstance(chains, nn.ModuleDict):
        return False
    for _, chain in chains.named_children():
        if isinstance(chain, ParametrizationList) and any(isinstance(each, parametrization) for each in chain):
            return True
    return False


_LAST_DOT = re.compile(r"\.(?=[^.]*\Z)")


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    module_fqn, tensor_name = _LAST_DOT.split(tensor_fqn) if "." in tensor_fqn else ("", tensor_fqn)
    keys = ("module_fqn", "module", "tensor_name", "tensor_fqn")
    return dict(zip(keys, (module_fqn, fqn_to_module(model, module_fqn), tensor_name, tensor_fqn), strict=True))


_MISSING = object()


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    found: Any = model
    at = 0
    while path and at <= len(path):
        end = path.find(".", at)
        name = path[at : end if end >= 0 else len(path)]
        found = getattr(found, name, _MISSING) if name else _MISSING
        if found is _MISSING:
            return None
        at += len(name) + 1
    return found


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    """Take one step a round: down to the next child that was not entered yet, or back up if there is none."""
    entered = {id(model)}
    way: list[tuple[str, nn.Module, list[str]]] = [("", model, list(model._modules.keys())[::-1])]
    while way:
        _, at, left = way[-1]
        if at is module:
            return prefix + ".".join(name for name, _, _ in way[1:]) if len(way) > 1 else ""
        if not left:
            way.pop()
            continue
        name = left.pop()
        child = at._modules[name]
        if child is not None and id(child) not in entered:
            entered.add(id(child))
            way.append((name, child, list(child._modules.keys())[::-1]))
    return None


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type_before_parametrizations(mod)
    if kind not in mapping:
        return mod
    result: nn.Module = mapping[kind].from_dense(mod)
    tensors = (*mod.parameters(), *mod.buffers())
    astray = [tensor.device for tensor in tensors if tensor.device != tensors[0].device]
    if astray:
        raise AssertionError(f"some tensors are on {tensors[0].device}, others on {astray[0]}")
    if tensors:
        result = result.to(tensors[0].device)
    if result is not mod:
        _carry(mod, result, "forward_pre_hook", with_kwargs="with_kwargs")
        _carry(mod, result, "forward_hook", with_kwargs="with_kwargs", always_call="always_called")
    return result


def _carry(old: nn.Module, new: nn.Module, kind: str, **flags: str) -> None:
    for key, hook in vars(old)[f"_{kind}s"].items():
        given = {flag: True for flag, ids in flags.items() if key in vars(old).get(f"_{kind}s_{ids}", {})}
        operator.methodcaller(f"register_{kind}", hook, **given)(new)
