"""A linear module whose hooks tell that they were called, and one that it is swapped for."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .hooks import telling


def hooked_linear(calls: list[Any], label: str) -> nn.Module:
    """Make a module with a hook of each kind, which tell a label."""
    module = nn.Linear(2, 2)
    module.register_forward_pre_hook(telling(calls, f"pre-hook of {label}"))
    module.register_forward_hook(telling(calls, f"hook of {label}"))
    return module


def new_linear(mod: nn.Module) -> nn.Module:
    """Return what a module is swapped for."""
    return nn.Linear(2, 2)


def told_by(calls: list[Any], module: nn.Module) -> list[str]:
    """Return what the hooks of a module tell when it is called."""
    calls.clear()
    module(torch.ones(1, 2))
    return [label for label, _ in calls]
