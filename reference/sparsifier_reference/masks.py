"""Masks on tensors: the parametrization, and whether a module has one."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized


class FakeSparsity(nn.Module):
    """A parametrization that multiplies a tensor by a mask.

    Parameters:
        mask: a tensor of the shape of the inputs to come. It is kept, not copied: an in-place change
            shows in the next result.

    Answers to: ``FakeSparsity/*``.
    """

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        # Annotated here and not in the class, where TorchScript, which resolves no postponed annotation, would read it.
        self.mask: torch.Tensor
        # Not persistent: the mask belongs to the sparsifier, and stays out of every state dict.
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the product of the mask and the input.

        Parameters:
            x: a tensor of the mask's shape.

        Returns:
            The product, of the same shape, and of the dtype that type promotion gives.

        Raises:
            AssertionError: if the shapes differ.
        """
        mask = self.mask
        if x.shape != mask.shape:
            # Raised, not asserted: ``python -O`` removes assert statements. Lists, as TorchScript makes no such tuples.
            raise AssertionError(f"the input's shape {list(x.shape)} is not the mask's {list(mask.shape)}")
        return mask * x


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    """Return whether a tensor of the module itself is parametrized by an instance of a class.

    Parameters:
        module: the module whose own parameters and buffers are looked at.
        parametrization: the class to look for.

    Returns:
        True if any parametrization of any tensor is an instance of the class.

    Answers to: ``module_contains_param/*``.
    """
    if not is_parametrized(module):
        return False
    chains: Any = module.parametrizations
    return any(isinstance(each, parametrization) for chain in chains.values() for each in chain)
