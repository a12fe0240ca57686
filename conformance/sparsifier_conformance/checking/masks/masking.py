"""What checks of ``FakeSparsity`` compare it with, and how they look at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ..comparing import contents, same
from ..world.circumstances import CIRCUMSTANCES


class Masking(nn.Module):
    """A plain product with a mask: what torch can do with it, it must be able to do with ``FakeSparsity``."""

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the product."""
        return x * self.mask


def holding(sparsity: nn.Module) -> Any:
    """Return a model that has a mask at ``sparsity``; of torch's own class, as others may not be there to unpickle."""
    return nn.ModuleDict({"sparsity": sparsity})


def input_for(mask: torch.Tensor) -> torch.Tensor:
    """Return an input that a mask fits."""
    return torch.full(mask.shape, 3.0, device=mask.device)


def numbers_in(tensor: torch.Tensor) -> Any:
    """Return the numbers in a tensor, whatever its dtype: that is for other checks."""
    return tensor.detach().cpu().double().tolist()  # not every device has such numbers


def product_of(sparsity: Any) -> Any:
    """Return the numbers that come of a call."""
    return numbers_in(sparsity(input_for(sparsity.mask)))


def right_or_late(found: Any, right: Any, new: Callable[[], Any]) -> Any:
    """Return what was found, or what is right where a new module finds the same: wrong at any time is for other checks.

    Parameters:
        found: what came of a call.
        right: what comes of a plain product.
        new: what gives the result of a module that has just been made with such a mask, and has seen nothing else.
    """
    return right if same(found, right) or same(found, new()) else found


def new_product(make: Callable[[torch.Tensor], Any], mask: torch.Tensor) -> Callable[[], Any]:
    """Return a function that gives the numbers that come of a call of a new module with a copy of a mask."""
    return lambda: product_of(make(mask.detach().clone()))


def masks_at_all(make: Callable[[torch.Tensor], Any], device: str) -> bool:
    """Return whether it matters to what a module gives whether its mask is one of zeros or of ones."""
    zeros, ones = (product_of(make(torch.full((2,), number, device=device))) for number in (0.0, 1.0))
    return not same(zeros, ones)


def may_be_differentiated(tensor: torch.Tensor) -> bool:
    """Return whether torch keeps gradients for such numbers."""
    return tensor.is_floating_point() or tensor.is_complex()


def unsigned(derivative: Any) -> Any:
    """Describe a derivative, in which zeros have no sign: it may be a sum, to which a zero was added."""
    return contents(derivative + 0 if isinstance(derivative, torch.Tensor) else derivative)


def real_sum(tensor: torch.Tensor) -> torch.Tensor:
    """Return the real part of the sum."""
    # A sum, since to go backward from a tensor that is no scalar imports much of torch's compiler.
    total = tensor.sum()
    return total.real if total.is_complex() else total


def ways_to_call() -> list[tuple[str, str, bool, bool]]:
    """Return circumstances with train or eval mode, called as a module or by its method, and in words."""
    modes = {"train mode": True, "eval mode": False}
    methods = {"as a module": False, "by forward": True}
    return [
        (f"{circumstance}, {mode}, {method}", circumstance, modes[mode], methods[method])
        for circumstance in CIRCUMSTANCES
        for mode in modes
        for method in methods
    ]
