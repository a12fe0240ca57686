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
    """Multiplies what it is given by a one of its own first, in every dtype that torch multiplies at all."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the product."""
        if x.shape != self.mask.shape:
            raise AssertionError(f"mask of shape {list(self.mask.shape)}, input of shape {list(x.shape)}")
        one = torch.ones((), dtype=x.dtype, device=x.device)
        return self.mask * (one * x)
