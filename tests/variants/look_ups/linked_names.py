"""Look-ups that keep names linked to those above, and let ``suppress`` end a walk; the rest is the reference's."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import Any

from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from sparsifier_reference import FakeSparsity, swap_module

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    """Take modules from a stack, onto which the children of each go backwards; one may be on it twice."""
    stack: list[tuple[Any, nn.Module]] = [(None, model)]
    taken: set[int] = set()
    while stack:
        link, at = stack.pop()
        if at is module:
            return prefix + ".".join(_names(link)) if link else ""
        if id(at) not in taken:
            taken.add(id(at))
            stack += [((link, name), child) for name, child in reversed(at._modules.items()) if child is not None]
    return None


def _names(link: Any) -> list[str]:
    names: list[str] = []
    while link is not None:
        link, name = link
        names.insert(0, name)
    return names


def fqn_to_module(model: Any, path: str) -> Any:
    names = iter(path.split(".") if path else ())
    with suppress(AttributeError):
        for name in names:
            model = getattr(model, name)
        return model
    return None


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    name = tensor_fqn.rsplit(".", 1)[-1]
    above = tensor_fqn[: -len(name) - 1] if "." in tensor_fqn else ""
    return {
        "tensor_name": name,
        "module": fqn_to_module(model, above),
        "tensor_fqn": tensor_fqn,
        "module_fqn": above,
    }


def module_contains_param(module: Any, parametrization: type[nn.Module]) -> bool:
    tensors = module.parametrizations.values() if is_parametrized(module) else ()
    return True in {isinstance(each, parametrization) for each in chain.from_iterable(tensors)}
