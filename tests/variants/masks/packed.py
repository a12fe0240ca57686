"""A ``FakeSparsity`` that packs its own state for copies, counts its calls, and shows its density."""

from __future__ import annotations

import copy
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


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)
        self.calls = 0

    def __getstate__(self) -> tuple[torch.Tensor, dict[str, Any]]:
        return self.mask, {name: value for name, value in vars(self).items() if name != "_buffers"}

    def __setstate__(self, state: tuple[torch.Tensor, dict[str, Any]]) -> None:
        mask, others = state
        super().__init__()
        vars(self).update(others)
        vars(self)["_buffers"] = {"mask": mask}

    def __deepcopy__(self, memo: dict[int, Any]) -> FakeSparsity:
        memo[id(self)] = duplicate = type(self).__new__(type(self))
        duplicate.__setstate__(copy.deepcopy(self.__getstate__(), memo))
        return duplicate

    def extra_repr(self) -> str:
        if self.mask.is_meta:
            return f"{tuple(self.mask.shape)}"
        return f"{tuple(self.mask.shape)}, density={int((self.mask != 0).sum()) / max(1, self.mask.numel()):.0%}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return super().__call__(*args, **kwargs)

    def masked(self, x: torch.Tensor) -> torch.Tensor:
        """Return the product with whatever type promotion and memory layout it has."""
        return x * self.mask

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        given, wanted = x.size(), self.mask.size()
        if given != wanted:
            raise AssertionError(f"wanted an input of {wanted}, was given one of {given}")
        return self.masked(x)

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        return super().state_dict(*args, **kwargs) if args or "destination" in kwargs else {}
