"""Faults of ``FakeSparsity`` on accelerators: a machine without one can show them, for it can fake some."""

from __future__ import annotations

from typing import Any

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class KeepsTheMaskOnCpu(
    Fault,
    aims_at=f"{IT}/mask-identity",
    so_too=[f"{IT}/product", f"{IT}/shape-mismatch-rejected"],
    on=["fake:cuda"],
):
    """Saves memory of the GPU."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask.cpu() if mask.device.type == "cuda" else mask)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape:
                raise AssertionError(f"{tuple(x.shape)} is not {tuple(self.mask.shape)}")
            return self.mask.to(x.device) * x


class MaskStaysBehind(Fault, aims_at=f"{IT}/moves-with-module", on=["fake:cuda"]):
    """Is not moved to CUDA with the model."""

    class FakeSparsity(Right):
        def _apply(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
            before = self.mask
            super()._apply(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
            if self.mask.device.type == "cuda" and before.device != self.mask.device:
                self.mask = before
            return self


class MaskGoesToTheCurrentDevice(Fault, aims_at=f"{IT}/moves-with-module", on=["fake:cuda"]):
    """``.cuda()`` in place of ``.to(device)``."""

    class FakeSparsity(Right):
        def _apply(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
            super()._apply(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
            if self.mask.device.type == "cuda":
                self.mask = self.mask.cuda()
            return self


class LeavesShapesToTheKernel(
    Fault, aims_at=f"{IT}/shape-mismatch-rejected", so_too=[f"{IT}/message-names-shapes"], on=["fake:cuda"]
):
    """Checks shapes everywhere but on CUDA."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if x.device.type == "cuda" else super().forward(x)


class CopiesTheMaskToCuda(Fault, aims_at=f"{IT}/mask-identity", on=["fake:cuda"]):
    """Keeps a copy where the device is not that of the CPU."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask.clone() if mask.device.type == "cuda" else mask)


class ComputesOnCpu(
    Fault,
    aims_at=f"{IT}/product",
    so_too=[f"{IT}/*"],
    on=["pretend:0"],
):
    """Knows no vendor's device, and leaves the result on the CPU."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return self.mask.cpu() * x.cpu()


class NoGradientOnAVendorsDevice(
    Fault,
    aims_at=f"{IT}/gradient",
    so_too=[f"{IT}/*"],
    on=["pretend:0"],
):
    """Detaches the input where it knows no kernel."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x if x.device.type in ("cpu", "meta", "cuda") else x.detach())
