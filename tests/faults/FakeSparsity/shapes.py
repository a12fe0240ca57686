"""Faults of how ``FakeSparsity`` compares shapes, and what it says then."""

from __future__ import annotations

from typing import ClassVar

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class AnyShape(
    Fault,
    aims_at=f"{IT}/shape-mismatch-rejected",
    so_too=[f"{IT}/message-names-shapes"],
):
    """Leaves it to the product to complain."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x


class TakesShapesThatBroadcast(
    Fault,
    aims_at=f"{IT}/shape-mismatch-rejected",
    so_too=[f"{IT}/message-names-shapes"],
):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            try:
                return self.mask * x
            except RuntimeError:
                return super().forward(x)


class ComparesSizes(Fault, aims_at=f"{IT}/shape-mismatch-rejected", so_too=[f"{IT}/message-names-shapes"]):
    """Compares how many elements there are."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask.reshape(x.shape) * x if x.numel() == self.mask.numel() else super().forward(x)


class ComparesDimensions(
    Fault,
    aims_at=f"{IT}/shape-mismatch-rejected",
    so_too=[f"{IT}/message-names-shapes"],
):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if x.dim() == self.mask.dim() else super().forward(x)


class ComparesTheCommonDimensions(Fault, aims_at=f"{IT}/shape-mismatch-rejected"):
    """Lets ``zip`` end with the shorter shape."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if any(a != b for a, b in zip(x.shape, self.mask.shape, strict=False)):
                return super().forward(x)
            return self.mask * x


class TakesScalars(Fault, aims_at=f"{IT}/shape-mismatch-rejected"):
    """Checks only what has dimensions."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) if x.dim() else self.mask * x


class TakesEmptyInputs(
    Fault,
    aims_at=f"{IT}/shape-mismatch-rejected",
    so_too=[f"{IT}/gradient", f"{IT}/message-names-shapes"],
):
    """Checks only what has elements."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) if x.numel() else self.mask.new_ones(x.shape) * x


class TakesTransposed(Fault, aims_at=f"{IT}/shape-mismatch-rejected", so_too=["FakeSparsity/in-sparsifiers"]):
    """Turns the mask round where that makes it fit."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            turned = self.mask.permute(tuple(reversed(range(self.mask.dim()))))
            return turned * x if x.shape == turned.shape else super().forward(x)


class MismatchIsAValueError(Fault, aims_at=f"{IT}/shape-mismatch-rejected"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape:
                raise ValueError(f"{tuple(x.shape)} is not {tuple(self.mask.shape)}")
            return self.mask * x


class SaysNoShapes(Fault, aims_at=f"{IT}/message-names-shapes"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape:
                raise AssertionError("the mask does not fit")
            return super().forward(x)


class SaysOneShape(Fault, aims_at=f"{IT}/message-names-shapes"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape:
                raise AssertionError(f"the input must have shape {tuple(self.mask.shape)}")
            return super().forward(x)


class AnAssertStatement(Fault, aims_at=f"{IT}/rejected-under-O"):
    """As torch before 2.10 has it, with a message."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert x.shape == self.mask.shape, f"{tuple(x.shape)} is not {tuple(self.mask.shape)}"
            return self.mask * x


class OneErrorForAll(Fault, aims_at=f"{IT}/message-names-shapes"):
    """Raises the same error each time, with another message."""

    class FakeSparsity(Right):
        error: ClassVar[AssertionError] = AssertionError()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape:
                self.error.args = (f"the input's shape {list(x.shape)} is not the mask's {list(self.mask.shape)}",)
                raise self.error
            return self.mask * x
