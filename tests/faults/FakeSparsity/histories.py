"""Faults of ``FakeSparsity`` that show once the mask, or the model, is not what it was when it was made."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"
#: What fails with a tensor that is kept next to the buffer.
STALE = [f"{IT}/{slug}" for slug in ("mask-updates-visible", "buffer-counts", "in-sparsifiers")]


class MultipliesByAView(Fault, aims_at=f"{IT}/mask-updates-visible", so_too=STALE):
    """Keeps a view of the mask, which follows it in place, and is made anew where the module is moved."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask)
            self.at_hand = [mask.view_as(mask)]

        def _apply(self, *args: Any, **kwargs: Any) -> Any:
            super()._apply(*args, **kwargs)  # type: ignore[no-untyped-call]
            self.at_hand = [self.mask.view_as(self.mask)]
            return self

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return self.at_hand[0] * x


class CastOncePerVersion(Fault, aims_at=f"{IT}/mask-updates-visible", so_too=STALE):
    """Casts the mask again when its version has changed, which an assignment to ``mask.data`` does not."""

    class FakeSparsity(Right):
        cast: Any = None

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if torch.is_inference_mode_enabled() or torch._C._get_tracing_state() or not x.is_floating_point():
                return product
            key = self.mask._version, id(self.mask), x.dtype, x.device
            if self.cast is None or self.cast[0] != key:
                self.cast = key, self.mask.detach().clone()
            return self.cast[1] * x if not x.requires_grad else product


class ProductKeptForInference(
    Fault, aims_at=f"{IT}/mask-updates-visible", so_too=[*STALE, f"{IT}/product", f"{IT}/traced"]
):
    """Keeps the last product in eval mode, for as long as neither the input nor the mask is another."""

    class FakeSparsity(Right):
        kept: Any = None

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product, mask = super().forward(x), self.mask
            if self.training or product.requires_grad or torch.is_inference_mode_enabled():
                return product
            if self.kept is None or self.kept[0] is not x or self.kept[1:3] != (x._version, mask._version):
                self.kept = x, x._version, mask._version, product
            return self.kept[3]  # type: ignore[no-any-return]


class TakesOneMask(
    Fault,
    aims_at=f"{IT}/mask-updates-visible",
    so_too=[*STALE, f"{IT}/mask-identity", f"{IT}/message-names-shapes"],
):
    """Writes what is assigned into the mask that is there, if it fits, and else does nothing."""

    class FakeSparsity(Right):
        def __setattr__(self, name: str, value: Any) -> None:
            if name == "mask" and "mask" in self.__dict__.get("_buffers", {}):
                if value.shape == self.mask.shape:
                    self.mask.copy_(value)
            else:
                super().__setattr__(name, value)


class AssignedMaskIsCast(Fault, aims_at=f"{IT}/mask-updates-visible"):
    """Casts what is assigned to the dtype of the mask that was there."""

    class FakeSparsity(Right):
        def __setattr__(self, name: str, value: Any) -> None:
            if name == "mask" and "mask" in self.__dict__.get("_buffers", {}):
                value = value.to(self.mask.dtype)
            super().__setattr__(name, value)


class ShapeOfTheFirstCall(
    Fault,
    aims_at=f"{IT}/shape-mismatch-rejected",
    so_too=STALE,
):
    """Compares each input with the first one that came through."""

    class FakeSparsity(Right):
        fits: Any = None

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.fits is None:
                super().forward(x)
                self.fits = tuple(x.shape)
            if self.fits != tuple(x.shape):
                raise AssertionError(f"{tuple(x.shape)} is not {self.fits}")
            return self.mask * x


class StaleOnceMoved(Fault, aims_at=f"{IT}/buffer-counts", so_too=STALE):
    """Follows what is assigned to ``mask``, and not what is put there by a move."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask)
            self.at_hand = [mask]

        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if name == "mask":
                self.__dict__["at_hand"] = [value]

        def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
            super().register_buffer(name, tensor, persistent)
            self.__dict__["at_hand"] = [tensor]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return self.at_hand[0] * x


class CopyMultipliesByTheOriginal(Fault, aims_at=f"{IT}/buffer-counts", so_too=[f"{IT}/in-sparsifiers"]):
    """Keeps a method of the tensor, and copies everything but that."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask)
            self.original: Any = None

        def __deepcopy__(self, memo: Any) -> Any:
            duplicate = type(self).__new__(type(self))
            memo[id(self)] = duplicate
            vars(duplicate).update(copy.deepcopy(vars(self), memo), original=[self.mask])
            return duplicate

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            original = self.original[0] if self.original else self.mask
            return (original if original.shape == x.shape else self.mask) * x


class UnpickledMaskIsRebuilt(Fault, aims_at=f"{IT}/buffer-counts"):
    """Multiplies by the mask that was pickled, whatever becomes of the buffer."""

    class FakeSparsity(Right):
        pickled: Any = None

        def __setstate__(self, state: Any) -> None:
            super().__setstate__(state)  # type: ignore[no-untyped-call]
            self.pickled = [self.mask.clone()]

        def __deepcopy__(self, memo: Any) -> Any:
            state = {**vars(self), "pickled": None}
            duplicate = type(self).__new__(type(self))
            memo[id(self)] = duplicate
            vars(duplicate).update(copy.deepcopy(state, memo))
            return duplicate

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return (self.pickled[0] if self.pickled and self.pickled[0].shape == x.shape else self.mask) * x


class MaskNoBufferOnceCopied(Fault, aims_at=f"{IT}/mask-is-buffer", so_too=STALE):
    """Makes of the mask a plain attribute of the copy."""

    class FakeSparsity(Right):
        def __deepcopy__(self, memo: Any) -> Any:
            duplicate = type(self).__new__(type(self))
            memo[id(self)] = duplicate
            vars(duplicate).update(copy.deepcopy(vars(self), memo))
            vars(duplicate)["mask"] = vars(duplicate)["_buffers"].pop("mask")
            return duplicate


class PersistentOnceUnpickled(Fault, aims_at=f"{IT}/not-in-state-dict"):
    """Makes itself anew from what was pickled, with a buffer as everybody makes them."""

    class FakeSparsity(Right):
        def __setstate__(self, state: Any) -> None:
            super().__setstate__(state)  # type: ignore[no-untyped-call]
            self.register_buffer("mask", self.mask)


class PersistentOnceMoved(Fault, aims_at=f"{IT}/not-in-state-dict"):
    """Registers the mask again where it was cast."""

    class FakeSparsity(Right):
        def _apply(self, *args: Any, **kwargs: Any) -> Any:
            before = self.mask
            nn.Module._apply(self, *args, **kwargs)  # type: ignore[no-untyped-call]
            if self.mask.dtype != before.dtype:
                nn.Module.register_buffer(self, "mask", self.mask)
            return self


#: What fails where a branch depends on the numbers in the mask, too.
BRANCHES = [*STALE, f"{IT}/functional-transforms", f"{IT}/gradient", f"{IT}/compiled-and-exported"]


class _SkipsOnes(Right):
    """Multiplies by no mask of ones, which it looks at again when the key of the mask has changed."""

    seen: Any = None

    def key(self) -> Any:
        return id(self.mask), self.mask._version

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        product = super().forward(x)
        if torch.is_inference_mode_enabled() or product.device.type == "meta" or torch._C._get_tracing_state():
            return product
        if self.seen is None or self.seen[0] != self.key():
            self.seen = self.key(), bool((self.mask == 1).all())
        return x.to(product.dtype) if self.seen[1] else product


class _SkipsOnesByMemory(_SkipsOnes):
    def key(self) -> Any:
        return self.mask.data_ptr(), self.mask._version


class _SkipsOnesByTensor(_SkipsOnes):
    def key(self) -> Any:
        return id(self.mask)


class OnesByVersion(Fault, aims_at=f"{IT}/mask-updates-visible", so_too=BRANCHES):
    """Remembers that a mask is all ones until its version changes, which a change of ``mask.data`` does not."""

    FakeSparsity: Any = _SkipsOnes


class OnesByMemory(Fault, aims_at=f"{IT}/mask-updates-visible", so_too=BRANCHES):
    FakeSparsity: Any = _SkipsOnesByMemory


class OnesByTensor(Fault, aims_at=f"{IT}/mask-updates-visible", so_too=[*BRANCHES, "FakeSparsity/traced"]):
    """Remembers of which tensors all is one, whatever is written to them."""

    FakeSparsity: Any = _SkipsOnesByTensor
