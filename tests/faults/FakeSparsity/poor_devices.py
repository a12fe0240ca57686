"""Faults of ``FakeSparsity`` that only devices without some dtypes show: ``pretend`` has some of these."""

from __future__ import annotations

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class MultipliesInFloat64(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/*"], on=["pretend:no-float64"]):
    """Rounds once, at the end; the result is the same."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            result = super().forward(x)
            if x.dtype is self.mask.dtype is torch.float32:
                return (self.mask.double() * x.double()).float()
            return result


class KeepsAnImaginaryUnit(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/*"], on=["pretend:no-complex"]):
    """Makes a complex number before it looks whether the input is complex."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            unit = torch.zeros((), dtype=torch.complex64, device=x.device)
            return super().forward(x + unit if x.dtype is unit.dtype else x)
