"""Faults of ``FakeSparsity`` that show in some circumstances only, or with some numbers and layouts."""

from __future__ import annotations

import threading
from typing import Any

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class NotMaskedInEvalMode(
    Fault,
    aims_at=f"{IT}/product",
    so_too=[
        f"{IT}/in-sparsifiers",
        f"{IT}/gradient",
        f"{IT}/buffer-counts",
        f"{IT}/mask-updates-visible",
    ],
):
    """Takes eval mode for a sign that the weight was pruned for good."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product if self.training else x.to(product.dtype)


class NotMaskedWithoutGrad(
    Fault,
    aims_at=f"{IT}/product",
    so_too=[
        f"{IT}/in-sparsifiers",
        f"{IT}/gradient",
        f"{IT}/traced",
        f"{IT}/as-parametrization",
        f"{IT}/shape-mismatch-rejected",
        f"{IT}/mask-updates-visible",
        "interface/no-side-effects",
    ],
):
    """Masks what is trained."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product if torch.is_grad_enabled() else x.to(product.dtype)


class DifferentInInferenceMode(Fault, aims_at=f"{IT}/product"):
    """Selects where speed matters."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product.masked_fill(self.mask == 0, 0) if torch.is_inference_mode_enabled() else product


class CastsUnderAutocast(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product.to(torch.bfloat16) if torch.is_autocast_enabled("cpu") else product


class FollowsTheDefaultDtype(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    """Takes the default dtype for that of the model, unless it is the usual one."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product, dtype = super().forward(x), torch.get_default_dtype()
            return product if dtype is torch.float32 or product.is_complex() else product.to(dtype)


class MakesTensorsOnTheDefaultDevice(
    Fault,
    aims_at=f"{IT}/product",
    so_too=[f"{IT}/gradient", f"{IT}/shape-mismatch-rejected", "interface/no-side-effects"],
):
    """Multiplies by a one that it makes, wherever that is."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.device.type == "cpu" and torch.ones(()).device.type != "cpu":
                return product * torch.ones(product.shape)
            return product


class MasksInOneThread(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient", "interface/threads"]):
    """Remembers the thread that made it."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask)
            self.thread = threading.get_ident()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product if threading.get_ident() == self.thread else x.to(product.dtype)


class MethodDoesNotMask(
    Fault,
    aims_at=f"{IT}/product",
    so_too=[
        f"{IT}/shape-mismatch-rejected",
        f"{IT}/as-a-module",
        f"{IT}/gradient",
        f"{IT}/mask-updates-visible",
        f"{IT}/message-names-shapes",
    ],
):
    """Multiplies where it is called, so that ``forward`` alone does not."""

    class FakeSparsity(Right):
        def __call__(self, x: torch.Tensor) -> Any:
            return super().__call__(Right.forward(self, x))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x


class IntegersThroughDouble(Fault, aims_at=f"{IT}/product"):
    """Has one kernel, for floating-point numbers."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if product.dtype is torch.int64:
                return (self.mask.double() * x.double()).to(torch.int64)
            return product


class DoubleThroughSingle(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if product.dtype is torch.float64 and not x.requires_grad:
                return product.float().double()
            return product


class HalfIsClamped(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient", f"{IT}/mask-identity"]):
    """Lets no half overflow."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if product.dtype is torch.float16 and not x.requires_grad and bool((product.abs() == torch.inf).any()):
                return product.clamp(-65504.0, 65504.0)
            return product


class ScalarsAreNumbers(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    """Multiplies by the number in a mask without dimensions, which has no dtype to promote."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.dim() or x.device.type != "cpu" or hasattr(x, "fake_mode") or not self.mask.is_floating_point():
                return product
            return x * self.mask.item()


class FourDimensionsAtMost(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/*"]):
    """Knows linear weights and those of two-dimensional convolutions."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.dim() > 4:
                raise NotImplementedError(f"{x.dim()} dimensions")
            return super().forward(x)


class ReadsTheMaskInMemoryOrder(
    Fault,
    aims_at=f"{IT}/product",
    so_too=[f"{IT}/gradient"],
):
    """Takes every mask for a contiguous one."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.is_contiguous() or self.mask.device.type == "meta" or x.dim() < 2:
                return product
            return self.mask.as_strided(x.shape, torch.empty(x.shape, device="meta").stride()) * x


class ChecksAsAModuleOnly(
    Fault, aims_at=f"{IT}/shape-mismatch-rejected", so_too=[f"{IT}/as-a-module", f"{IT}/message-names-shapes"]
):
    """Compares shapes in a hook, which a call of ``forward`` goes past."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask)
            self.register_forward_pre_hook(_compare)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x


def _compare(module: Any, args: Any) -> None:
    if args[0].shape != module.mask.shape:
        raise AssertionError(f"{tuple(args[0].shape)} is not {tuple(module.mask.shape)}")


class ChecksWhileTrainingOnly(Fault, aims_at=f"{IT}/shape-mismatch-rejected", so_too=[f"{IT}/message-names-shapes"]):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) if self.training else self.mask * x


class ChecksOutsideInferenceModeOnly(
    Fault, aims_at=f"{IT}/shape-mismatch-rejected", so_too=[f"{IT}/message-names-shapes"]
):
    """Saves time where time counts."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if torch.is_inference_mode_enabled() else super().forward(x)


class ChecksTheFirstInputOnly(Fault, aims_at=f"{IT}/shape-mismatch-rejected"):
    """Takes shapes for settled once one has come through."""

    class FakeSparsity(Right):
        settled = False

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = self.mask * x if self.settled else super().forward(x)
            self.settled = True
            return product


class UncheckedWhileTraced(Fault, aims_at=f"{IT}/shape-mismatch-rejected"):
    """Avoids the warning that tracing gives where shapes are compared, and compares none."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if torch._C._get_tracing_state() is not None else super().forward(x)


class ChecksConstantsOnly(Fault, aims_at=f"{IT}/shape-mismatch-rejected"):
    """Leaves what requires a gradient alone."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if x.requires_grad else super().forward(x)
