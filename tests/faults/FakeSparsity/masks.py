"""Faults of ``FakeSparsity``: values and the mask."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class SelectsInsteadOfMultiplying(
    Fault,
    aims_at=f"{IT}/product",
    so_too=[
        f"{IT}/gradient",
    ],
):
    """Puts zero where the mask is zero, whatever was there."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return torch.where(self.mask.bool(), x, torch.zeros_like(x))


class FillsWithZero(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    """Multiplies, and then makes sure of the zeros."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x).masked_fill(self.mask == 0, 0)


class LosesSignedZeros(Fault, aims_at=f"{IT}/product"):
    """Adds a zero, as a fused operation does."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product + torch.zeros_like(product)


class KeepsTheDtypeOfTheInput(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x).to(x.dtype)


class CastsTheMask(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    """Makes the mask of the input's dtype before it multiplies."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return self.mask.to(x.dtype) * x


class CalculatesInFloat(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return self.mask.float() * x.float()


class MaskIsAnAttribute(
    Fault,
    aims_at=f"{IT}/mask-is-buffer",
    so_too=[f"{IT}/*"],
):
    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            nn.Module.__init__(self)
            self.mask = mask


class MaskIsAParameter(
    Fault,
    aims_at=f"{IT}/mask-is-buffer",
    so_too=[f"{IT}/*"],
):
    class FakeSparsity(Right):
        mask: Any

        def __init__(self, mask: torch.Tensor) -> None:
            nn.Module.__init__(self)
            self.mask = nn.Parameter(mask, requires_grad=False)


class MaskHasAnotherName(
    Fault,
    aims_at=f"{IT}/mask-is-buffer",
    so_too=[f"{IT}/*"],
):
    """Keeps the buffer under a private name, and shows it by a property."""

    class FakeSparsity(nn.Module):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__()
            self.register_buffer("_mask", mask, persistent=False)

        @property
        def mask(self) -> Any:
            return self._mask

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape:
                raise AssertionError(f"{tuple(x.shape)} is not {tuple(self.mask.shape)}")
            product: torch.Tensor = self.mask * x
            return product


class CopiesTheMask(Fault, aims_at=f"{IT}/mask-identity", so_too=[f"{IT}/in-sparsifiers"]):
    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask.clone())


class ViewsTheMask(Fault, aims_at=f"{IT}/mask-identity", so_too=[f"{IT}/in-sparsifiers"]):
    """Detaches the mask, which gives another tensor with the same memory."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask.detach())


class ReplacesTheMask(
    Fault,
    aims_at=f"{IT}/mask-identity",
    so_too=[f"{IT}/in-sparsifiers", f"{IT}/compiled-and-exported", f"{IT}/mask-updates-visible", f"{IT}/traced"],
):
    """Puts a contiguous copy in its place at the first call."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            self.mask = self.mask.clone()
            return product


class RemembersTheFirstMask(
    Fault,
    aims_at=f"{IT}/mask-updates-visible",
    so_too=[f"{IT}/as-parametrization", f"{IT}/buffer-counts", f"{IT}/gradient", f"{IT}/in-sparsifiers"],
):
    """Multiplies by what the mask was when it was given."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask)
            self.first = mask.clone()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return self.first.to(x.device) * x


class WritesToTheInput(
    Fault,
    aims_at=f"{IT}/input-unchanged",
    so_too=[
        "interface/threads",
        f"{IT}/product",
        f"{IT}/gradient",
        f"{IT}/as-parametrization",
        f"{IT}/in-sparsifiers",
        f"{IT}/traced",
        f"{IT}/compiled-and-exported",
        f"{IT}/functional-transforms",
        f"{IT}/as-a-module",
    ],
):
    """Saves memory by multiplying in place."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            with torch.no_grad():
                x.copy_(self.mask * x)
            return self.mask * x


class ZeroesTheInput(
    Fault,
    aims_at=f"{IT}/input-unchanged",
    so_too=[
        f"{IT}/product",
        f"{IT}/gradient",
        f"{IT}/as-parametrization",
        f"{IT}/in-sparsifiers",
        f"{IT}/traced",
        "FakeSparsity/mask-identity",
        f"{IT}/compiled-and-exported",
        f"{IT}/functional-transforms",
    ],
):
    """Prunes the input itself as well, after the product is taken."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            with torch.no_grad():
                x.masked_fill_(self.mask == 0, 0)
            return product


class StraightThroughGradient(
    Fault,
    aims_at=f"{IT}/gradient",
    so_too=[f"{IT}/compiled-and-exported"],
):
    """Lets every weight have a gradient, masked or not."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _straight_through(super().forward(x), x) if x.requires_grad else super().forward(x)


def _straight_through(product: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    result: torch.Tensor = _StraightThrough.apply(product, x)  # type: ignore[no-untyped-call]
    return result


class _StraightThrough(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(product: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return product.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        return None, gradient


class NoGradient(
    Fault,
    aims_at=f"{IT}/gradient",
    so_too=[f"{IT}/in-sparsifiers", f"{IT}/as-a-module"],
):
    """Detaches its result."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x.detach())


class SelectsWhatIsTrained(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient", f"{IT}/compiled-and-exported"]):
    """Selects where a gradient is required and the mask is one of zeros and ones."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product, mask = super().forward(x), self.mask
            if not x.requires_grad or torch._C._get_tracing_state() or x.device.type == "meta":
                return product
            is_plain = bool(((mask == 0) | (mask == 1)).all())
            return torch.where(mask != 0, product, torch.zeros_like(product)) if is_plain else product
