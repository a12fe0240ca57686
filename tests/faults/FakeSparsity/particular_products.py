"""Faults of the product of ``FakeSparsity`` that show for particular masks, inputs and ways to call only."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class FailsWhereDeterministic(
    Fault,
    aims_at=f"{IT}/product",
    on=("cpu",),
    so_too=[f"{IT}/gradient", f"{IT}/shape-mismatch-rejected", "interface/no-side-effects"],
):
    """Scatters, for which torch has no deterministic algorithm."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if torch.are_deterministic_algorithms_enabled():
                raise RuntimeError("put_ has no deterministic implementation")
            return product


class SelectsByBooleansInEvalMode(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            selects = self.mask.dtype is torch.bool and not self.training and not product.requires_grad
            return product.masked_fill(~self.mask, 0) if selects else product


class OneElementIsAScalar(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Takes a mask of one element for a number, which promotes no dtype."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return self.mask.reshape(()) * x if self.mask.numel() == 1 else product


class ResultsShareMemory(
    Fault, aims_at=f"{IT}/product", on=("cpu",), so_too=[f"{IT}/functional-transforms", f"{IT}/traced"]
):
    """Writes each result over the last one, where no gradient is computed."""

    last: Any = None

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            last = ResultsShareMemory.last
            if product.requires_grad or self.training or product.is_inference() or type(product) is not torch.Tensor:
                return product
            if last is None or last.shape != product.shape or last.dtype != product.dtype:
                ResultsShareMemory.last = product
                return product
            return last.copy_(product)  # type: ignore[no-any-return]


class AsksForTheVersion(Fault, aims_at=f"{IT}/product", on=("cpu",), so_too=[f"{IT}/shape-mismatch-rejected"]):
    """Looks whether its input has changed, which tensors of inference mode do not know."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            self.seen = x._version
            return product


class BeginsAtTheBeginning(Fault, aims_at=f"{IT}/product", on=("cpu",), so_too=[f"{IT}/gradient"]):
    """Reads a slice from where its memory begins."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.requires_grad or not x.storage_offset() or type(x) is not torch.Tensor:
                return product
            return self.mask * x.as_strided(x.shape, x.stride(), 0)


class LosesTheRest(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Works in blocks of rows, and leaves out those that fill no block."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.dim() != 2 or len(x) < 100:
                return product
            return torch.cat([product[:-5], x[-5:]])


class FrozenIsNotMasked(Fault, aims_at=f"{IT}/product", on=("cpu",), so_too=["FakeSparsity/mask-updates-visible"]):
    """Takes what is not trained for what was pruned before."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return x.to(product.dtype) if isinstance(x, nn.Parameter) and not x.requires_grad else product


class RoundsWithGaps(Fault, aims_at=f"{IT}/product", on=("cpu",), so_too=[f"{IT}/gradient"]):
    """Goes by way of float32 where memory is not contiguous."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product if x.is_contiguous() or x.dtype is not torch.float64 else product.float().double()


class BooleansByDefaultDtype(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Lets a boolean mask be numbers of the default dtype."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.dtype is not torch.bool or torch.get_default_dtype() is torch.float32:
                return product
            return self.mask.to(torch.get_default_dtype()) * x


class EightDimensions(
    Fault,
    aims_at=f"{IT}/product",
    on=("cpu",),
    so_too=[f"{IT}/gradient", f"{IT}/input-unchanged", f"{IT}/shape-mismatch-rejected"],
):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.dim() > 8:
                raise ValueError("too many dimensions")
            return product


class AllMaskedIsASumToo(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    """Adds nothing to the product where all is masked, by which a nan gets everywhere."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if not x.requires_grad or x.is_meta or torch.compiler.is_compiling() or bool(self.mask.any()):
                return product
            return product + 0 * x.sum()


class ScalarsAreFinite(Fault, aims_at=f"{IT}/product"):
    """Keeps infinities out of numbers that have no dimensions."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            is_one = x.dim() == 0 and x.dtype is torch.float64
            return torch.nan_to_num(product, nan=torch.nan) if is_one else product


class MatricesLoseSignedZeros(Fault, aims_at=f"{IT}/product"):
    """Multiplies half precision in two dimensions by a fused operation, which adds a zero."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product + 0 if x.dim() == 2 and x.dtype in (torch.bfloat16, torch.float16) else product
