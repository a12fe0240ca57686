"""A product with a derivative of its own (``autograd.Function``), and a shape check in a forward pre-hook."""

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


class ShapeError(AssertionError):
    """Knows what it is about."""

    def __init__(self, mask: torch.Size, given: torch.Size) -> None:
        super().__init__(mask, given)
        self.mask, self.given = tuple(mask), tuple(given)

    def __str__(self) -> str:
        return f"{self.given} where {self.mask} was expected"


class _Product(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(mask: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.mul(mask, x)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        mask, x = ctx.saved_tensors
        of_mask = _like(mask, gradient * x.conj()) if ctx.needs_input_grad[0] else None
        return of_mask, _like(x, gradient * mask.conj())

    @staticmethod
    def jvp(ctx: Any, of_mask: torch.Tensor | None, of_x: torch.Tensor | None) -> Any:
        mask, x = ctx.saved_tensors
        terms = [mask * of_x] if of_x is not None else []
        return sum(terms + ([x * of_mask] if of_mask is not None else []))


def _like(wanted: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    return (gradient if wanted.is_complex() or not gradient.is_complex() else gradient.real).to(wanted.dtype)


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self.mask * x
        if x.shape != self.mask.shape:
            raise ShapeError(self.mask.shape, x.shape)
        product: torch.Tensor = _Product.apply(self.mask, x)  # type: ignore[no-untyped-call]
        return product
