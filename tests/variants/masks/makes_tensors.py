"""A ``FakeSparsity`` that makes tensors of its own for each product, on the device where that is."""

from __future__ import annotations

import torch

import sparsifier_reference as reference
from sparsifier_reference import (
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


class FakeSparsity(reference.FakeSparsity):
    """Selects the product wherever it is, which is everywhere."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the product."""
        if x.shape != self.mask.shape:
            raise AssertionError(f"mask of shape {list(self.mask.shape)}, input of shape {list(x.shape)}")
        product = self.mask * x
        nothing = torch.zeros((), dtype=product.dtype, device=product.device)
        return torch.where(torch.ones_like(product, dtype=torch.bool), product, nothing)
