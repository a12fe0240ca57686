"""What checks of ``swap_module`` swap modules for, and the hooks that they put on them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from hypothesis import strategies as st
from torch import nn


class Sparse(nn.Linear):
    """What a linear module is swapped for."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Give the input as it is: what it computes plays no part."""
        return input

    @classmethod
    def from_dense(cls, mod: nn.Module) -> nn.Module:
        """Make one on the device of the old module, whatever that is."""
        device = next(mod.parameters(), torch.empty(0)).device
        return cls(2, 2).to(device)


def mapping_by(from_dense: Callable[[nn.Module], nn.Module], kind: type[nn.Module] = nn.Linear) -> dict[Any, Any]:
    """Map a class to one whose ``from_dense`` is the function given."""
    return {kind: type("Sparse", (Sparse,), {"from_dense": staticmethod(from_dense)})}


def mapping_to(new: nn.Module, kind: type[nn.Module] = nn.Linear) -> dict[Any, Any]:
    """Map a class to one whose ``from_dense`` gives a module that is there already."""
    return mapping_by(lambda mod: new, kind)


def registrations() -> st.SearchStrategy[list[str]]:
    """Draw how hooks are registered, one after the other: at the end, in front, or only to be removed again."""
    ways = ("append", "prepend", "remove")
    return st.sampled_from([list(each) for size in range(6) for each in product(ways, repeat=size)])


def register(
    register_hook: Callable[..., Any], calls: list[Any], ways: list[str], label: str = "hook"
) -> list[tuple[str, Any]]:
    """Register a hook for each way, each of which tells ``calls`` its label and its module.

    Returns:
        The labels in the order in which the hooks run, with their handles.
    """
    hooks: list[tuple[str, Any]] = []
    for index, way in enumerate(ways):
        name = f"{label} {index}"
        if way == "prepend" and "prepend" in inspect.signature(register_hook).parameters:
            hooks.insert(0, (name, register_hook(telling(calls, name), prepend=True)))
        else:
            hooks.append((name, register_hook(telling(calls, name))))
        if way == "remove":
            hooks.pop()[1].remove()
    return hooks


def telling(calls: list[Any], label: str) -> Callable[..., None]:
    """Make a hook that tells ``calls`` a label and the module that it is called with."""

    def hook(module: nn.Module, *args: Any) -> None:
        calls.append((label, module))

    return hook
