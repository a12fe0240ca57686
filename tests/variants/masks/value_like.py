"""A ``FakeSparsity`` that is made, copied and pickled like a value, in one of two classes that suit the mask."""

from __future__ import annotations

import copy
from collections.abc import Callable
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
    """Chooses one of its subclasses."""

    __slots__ = ("made_from",)
    made_from: str

    def __new__(cls, mask: torch.Tensor) -> FakeSparsity:
        wanted = Selecting if mask.dtype is torch.bool else Scaling
        return super().__new__(wanted if cls is FakeSparsity else cls)

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask)
        self.made_from = str(mask.dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError(f"{x.shape} != {self.mask.shape}")
        return self._multiply(x)

    def _multiply(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def right_inverse(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def __copy__(self) -> FakeSparsity:
        return FakeSparsity(self.mask)

    def __deepcopy__(self, memo: dict[int, Any]) -> FakeSparsity:
        memo[id(self)] = copied = FakeSparsity(copy.deepcopy(self.mask, memo))
        vars(copied).update(copy.deepcopy(self._beyond_the_mask(), memo))
        return copied

    def __reduce__(self) -> tuple[Callable[[torch.Tensor], FakeSparsity], tuple[torch.Tensor], dict[str, Any]]:
        return FakeSparsity, (self.mask,), self._beyond_the_mask()

    def _beyond_the_mask(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_buffers"}

    def _save_to_state_dict(self, *args: Any) -> None:
        pass

    def _load_from_state_dict(self, *args: Any) -> None:
        pass


class Selecting(FakeSparsity):
    """For masks of truth values."""

    def _multiply(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.mask


class Scaling(FakeSparsity):
    """For all other masks."""

    def _multiply(self, x: torch.Tensor) -> torch.Tensor:
        return self.mask * x
