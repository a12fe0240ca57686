"""Parametrizations that checks ask for, or must not find, and a module that has them on its tensors."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize


class Wanted(nn.Identity):
    """The parametrization that is asked for."""


class Narrower(Wanted):
    """A subclass of it that computes something else."""

    def forward(self, x: Any) -> Any:
        """Return twice the tensor."""
        return x * 2


class Other(nn.Identity):
    """Another parametrization."""


class Listed(nn.ModuleList):
    """A parametrization that is a list of modules itself."""

    def forward(self, x: Any) -> Any:
        """Return the tensor."""
        return x


#: The parametrizations of some tensors, in their order.
Chains = dict[str, list[type[nn.Module]]]


def with_parametrizations(chains: Chains) -> nn.Module:
    """Make a module with these parametrizations on its tensors: two parameters and two buffers."""
    module = nn.Module()
    for name in ("weight", "bias"):
        module.register_parameter(name, nn.Parameter(torch.ones(2)))
    for name in ("mean", "scale"):
        module.register_buffer(name, torch.ones(2))
    for name, chain in chains.items():
        for kind in chain:
            parametrize.register_parametrization(module, name, kind())
    return module
