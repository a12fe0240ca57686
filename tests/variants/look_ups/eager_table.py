"""Look-ups that make a table of all paths for each call, and a pattern that splits; the rest is the reference's."""

from __future__ import annotations

import re
from operator import attrgetter
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

_PARTS = re.compile(r"(?:(?P<above>.*)\.)?(?P<name>[^.]*)", re.DOTALL)


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    if module is model:
        return ""
    names = _table(model).get(id(module))
    return None if names is None else prefix + ".".join(names)


def _table(model: nn.Module) -> dict[int, list[str]]:
    """Return the names that lead to each module, which are copied when it is entered."""
    table: dict[int, list[str]] = {id(model): []}
    walks: list[tuple[list[str], Any]] = [([], iter([*model._modules.items()]))]
    while walks:
        above, children = walks[-1]
        name, child = next(children, ("", model))
        if child is model and name == "":
            walks.pop()
        elif child is not None and id(child) not in table:
            table[id(child)] = [*above, name]
            walks.append((table[id(child)], iter([*child._modules.items()])))
    return table


def fqn_to_module(model: Any, path: str) -> Any:
    steps = [attrgetter(name) for name in path.split(".")] if path else []
    for step in steps:
        try:
            model = step(model)
        except AttributeError:
            break
    else:
        return model
    return None


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    found: Any = _PARTS.fullmatch(tensor_fqn)
    module_fqn, tensor_name = found["above"] or "", found["name"]
    return {
        "module_fqn": module_fqn,
        "module": fqn_to_module(model, module_fqn),
        "tensor_name": tensor_name,
        "tensor_fqn": tensor_fqn,
    }


def module_contains_param(module: Any, parametrization: type[nn.Module]) -> bool:
    if not is_parametrized(module):
        return False
    chains = [module.parametrizations[name] for name in module.parametrizations]
    every = [chain[index] for chain in chains for index in range(len(chain))]
    return not all(not isinstance(each, parametrization) for each in every)
