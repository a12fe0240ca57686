"""Torch's utilities, of which one is written anew, and does as torch does."""

from __future__ import annotations

import torch
from torch import nn
from torch.ao.pruning.sparsifier.utils import (
    fqn_to_module,
    get_arg_info_from_tensor_fqn,
    module_contains_param,
    module_to_fqn,
    swap_module,
)

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]


class FakeSparsity(nn.Module):
    """A mask of which nothing is saved."""

    mask: torch.Tensor

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError(f"{tuple(x.shape)} cannot be masked by {tuple(self.mask.shape)}")
        return x * self.mask


class Unmasked(FakeSparsity):
    """A mask that does nothing."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x
