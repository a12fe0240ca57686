"""Faults of masks and shapes that show for particular ones alone."""

from __future__ import annotations

from typing import Any

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


def error_free(mask: torch.Tensor) -> bool:
    """Return whether a mask can be written to."""
    return 0 not in mask.stride()


class KeepsNoExpandedMask(Fault, aims_at=f"{IT}/mask-identity", on=("cpu",)):
    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask.contiguous() if 0 in mask.stride() else mask)


class CopiesWhatIsAssigned(Fault, aims_at=f"{IT}/mask-identity", on=("cpu",)):
    """Writes a mask that is assigned into the one that is there."""

    class FakeSparsity(Right):
        def __setattr__(self, name: str, value: Any) -> None:
            own = self.__dict__.get("_buffers", {}).get("mask") if name == "mask" else None
            if own is None or own.shape != value.shape or own.dtype != value.dtype or type(value) is not torch.Tensor:
                super().__setattr__(name, value)
            elif error_free(own):
                with torch.no_grad():
                    own.copy_(value)


class ClonesASharedMask(Fault, aims_at=f"{IT}/mask-identity", on=("cpu",)):
    """Lets no two modules have one mask."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask.clone() if getattr(mask, "is_used", False) else mask)
            mask.is_used = True  # type: ignore[attr-defined]


class ClonesWhenSaved(Fault, aims_at=f"{IT}/mask-identity", on=("cpu",), so_too=[f"{IT}/strict-reload"]):
    class FakeSparsity(Right):
        def _save_to_state_dict(self, *args: Any) -> None:
            self._buffers["mask"] = self.mask.clone()


class ReadBeforeTheHooks(
    Fault, aims_at=f"{IT}/mask-updates-visible", on=("cpu",), so_too=[f"{IT}/shape-mismatch-rejected"]
):
    """Takes the mask before its pre-hooks run, which may assign another one."""

    class FakeSparsity(Right):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            self.early = [self.mask]
            try:
                return super().__call__(*args, **kwargs)
            finally:
                self.early = []

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            mask: torch.Tensor = self.early[0] if getattr(self, "early", None) else self.mask
            return Right.forward(self, x) if mask is self.mask else mask * x


class KeptInInferenceMode(Fault, aims_at=f"{IT}/mask-updates-visible", on=("cpu",)):
    """Copies the mask when it is first used for inference."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if not torch.is_inference_mode_enabled():
                vars(self).pop("kept", None)
                return product
            kept = vars(self).setdefault("kept", self.mask.clone())
            return kept * x if kept.shape == x.shape and kept.dtype == self.mask.dtype else product


class ComplexIsUnchecked(Fault, aims_at=f"{IT}/shape-mismatch-rejected", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if x.is_complex() else super().forward(x)


class InferenceIsUnchecked(Fault, aims_at=f"{IT}/shape-mismatch-rejected", on=("cpu",)):
    """Trusts tensors that were made in inference mode."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if x.is_inference() else super().forward(x)


class LargeIsUnchecked(
    Fault, aims_at=f"{IT}/shape-mismatch-rejected", on=("cpu",), so_too=[f"{IT}/message-names-shapes"]
):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if x.numel() > 1000 else super().forward(x)


class ScalarsStay(Fault, aims_at=f"{IT}/moves-with-module", on=("cpu",)):
    """Moves and casts no mask without dimensions."""

    class FakeSparsity(Right):
        def _apply(self, *args: Any, **kwargs: Any) -> Any:
            return super()._apply(*args, **kwargs) if self.mask.dim() else self  # type: ignore[no-untyped-call]


class NoMessageInEvalMode(Fault, aims_at=f"{IT}/message-names-shapes", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape and not self.training:
                raise AssertionError
            return super().forward(x)


class NamesTheFirstShape(Fault, aims_at=f"{IT}/message-names-shapes", on=("cpu",)):
    """Names the shape of the mask that it was made with."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask)
            self.first = mask.shape

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape:
                raise AssertionError(f"{x.shape} where {self.first} was expected")
            return super().forward(x)


class UncheckedInEvalModeUnderO(Fault, aims_at=f"{IT}/rejected-under-O", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) if __debug__ or self.training else self.mask * x


class InPlaceForInference(
    Fault, aims_at=f"{IT}/input-unchanged", on=("cpu",), so_too=[f"{IT}/mask-updates-visible", f"{IT}/product"]
):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if torch.is_inference_mode_enabled() and product.dtype == x.dtype and not x.is_inference():
                x.copy_(product)
            return product


class CastsTheMask(
    Fault,
    aims_at=f"{IT}/input-unchanged",
    on=("cpu",),
    so_too=[f"{IT}/copies", f"{IT}/functional-transforms", f"{IT}/mask-updates-visible"],
):
    """Lets a boolean mask be floating-point from its first use on."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.dtype is torch.bool and x.dtype is torch.float32 and type(self.mask) is torch.Tensor:
                self.mask.data = self.mask.data.to(x.dtype)
            return product
