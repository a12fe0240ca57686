"""A buffer that hooks make persistent after each state dict, and a product that is an operator of torch's registry."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

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


def _before(module: Any, prefix: str, keep_vars: bool) -> None:
    module._non_persistent_buffers_set.add("mask")


def _after(module: Any, state_dict: dict[str, Any], prefix: str, local_metadata: Any) -> None:
    module._non_persistent_buffers_set.discard("mask")


def _put_in(module: Any, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
    # Loaded from itself; with ``assign=True`` it is assigned to itself.
    state_dict.setdefault(f"{prefix}mask", module.mask)


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask)
        self.register_state_dict_pre_hook(_before)  # type: ignore[no-untyped-call]
        self._register_state_dict_hook(_after)  # type: ignore[no-untyped-call]
        self._register_load_state_dict_pre_hook(_put_in, with_module=True)  # type: ignore[no-untyped-call]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mask = self.mask
        if mask.dim() != x.dim() or mask.shape != x.shape:
            raise AssertionError("shapes differ: {} and {}".format(mask.shape, x.shape))  # noqa: UP032
        product: torch.Tensor = torch.ops.aten.mul(x, mask)
        return product
