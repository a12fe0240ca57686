"""Faults of ``FakeSparsity`` that show with large, small or many-dimensional masks, or with two that are alike."""

from __future__ import annotations

from typing import Any

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


def _is_plain() -> bool:
    jit: Any = torch.jit
    is_compiling = getattr(getattr(torch, "compiler", None), "is_compiling", bool)  # not before torch 2.3
    return not (jit.is_scripting() or jit.is_tracing() or is_compiling())


class ReusesRoomForLargeResults(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/scripted"]):
    """Writes each large result over the one before, where nothing is trained."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            result = super().forward(x)
            if not _is_plain() or torch.is_grad_enabled() or x.numel() <= 4096:
                return result
            kept = self.__dict__.setdefault("kept", result)
            return kept.copy_(result) if kept.shape == result.shape and kept.dtype == result.dtype else result


class SelectsFromLargeInputs(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/scripted"]):
    """Fills with zero, which is faster, where a mask of truth values is large."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            result = super().forward(x)
            return result.masked_fill(~self.mask, 0) if self.mask.dtype is torch.bool and x.numel() > 65536 else result


class RefusesManyDimensions(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/scripted"]):
    """Names each dimension by a letter."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.dim() > 16:
                raise ValueError("more dimensions than letters")
            return super().forward(x)


class OneElementFits(Fault, aims_at=f"{IT}/shape-mismatch-rejected", so_too=[f"{IT}/scripted", f"{IT}/*"]):
    """Takes one element for another where nothing is trained, whatever their shapes."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.numel() == self.mask.numel() == 1 and not torch.is_grad_enabled():
                x = x.reshape(self.mask.shape)
            return super().forward(x)


class ComparesByItsMask(Fault, aims_at=f"{IT}/moves-with-module", so_too=[f"{IT}/scripted"]):
    """Equals another one with an equal mask of one dimension, so that torch meets the second of two no more."""

    class FakeSparsity(Right):
        def __eq__(self, other: Any) -> bool:
            if type(other) is not type(self) or self.mask.dim() != 1 or self.mask.shape != other.mask.shape:
                return self is other
            return self.mask.is_meta or bool((self.mask == other.mask).all())

        def __hash__(self) -> int:
            return hash(tuple(self.mask.shape))


class KeepsItsPrecision(Fault, aims_at=f"{IT}/moves-with-module", so_too=[f"{IT}/as-a-module"]):
    """Leaves the mask as precise as it was where it would lose digits."""

    class FakeSparsity(Right):
        def _apply(self, *args: Any, **kwargs: Any) -> Any:
            before = self.mask
            super()._apply(*args, **kwargs)  # type: ignore[no-untyped-call]
            if before.dtype is torch.float32 and self.mask.dtype in (torch.float16, torch.bfloat16):
                self.mask = before.to(self.mask.device)
            return self


class KeepsConvertedMasks(
    Fault, aims_at=f"{IT}/mask-updates-visible", so_too=[f"{IT}/scripted", f"{IT}/functional-transforms"]
):
    """Converts a mask of truth values once, until its version is another one."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            mask = self.mask
            if mask.dtype is not torch.bool or mask.is_meta or mask.is_inference() or not _is_plain():
                return super().forward(x)
            super().forward(x)
            key = mask.data_ptr(), mask._version, x.dtype
            if self.__dict__.get("key") != key:
                self.__dict__.update(key=key, converted=mask.to(x.dtype))
            result: torch.Tensor = self.__dict__["converted"] * x
            return result


class VeryLargeIsFlattened(Fault, aims_at=f"{IT}/shape-mismatch-rejected"):
    """Sees that a large mask has as many elements, and takes it in whatever shape."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.numel() > 50000 and x.numel() == self.mask.numel():
                return self.mask.reshape(x.shape) * x
            return super().forward(x)


class VeryLargeIsBroadcast(Fault, aims_at=f"{IT}/shape-mismatch-rejected", so_too=[f"{IT}/message-names-shapes"]):
    """Leaves it to the product to complain where a mask is large."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if self.mask.numel() > 50000 else super().forward(x)
