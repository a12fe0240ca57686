"""Faults of ``FakeSparsity`` that show with a mask that is assigned or loaded, or with the one before it."""

from __future__ import annotations

from typing import Any

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class CastsWhatIsAssigned(Fault, aims_at=f"{IT}/mask-identity", so_too=[f"{IT}/mask-updates-visible"]):
    """Brings a mask that is assigned to the dtype of the one that is there."""

    class FakeSparsity(Right):
        def __setattr__(self, name: str, value: Any) -> None:
            own = self.__dict__.get("_buffers", {}).get("mask") if name == "mask" else None
            super().__setattr__(name, value if own is None or value.dtype.is_floating_point else value.to(own.dtype))


class CopiesAssignedParts(Fault, aims_at=f"{IT}/mask-identity"):
    """Keeps no memory in which other numbers come before the mask's."""

    class FakeSparsity(Right):
        def __setattr__(self, name: str, value: Any) -> None:
            is_mask = name == "mask" and "mask" in self.__dict__.get("_buffers", {})
            is_part = is_mask and type(value) is torch.Tensor and value.storage_offset() > 0
            super().__setattr__(name, value.clone() if is_part else value)


class RenewedByALoad(Fault, aims_at=f"{IT}/mask-identity"):
    """Lets no other module have its mask any more when a state is assigned."""

    class FakeSparsity(Right):
        def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
            if kwargs.get("assign"):
                self.mask = self.mask.clone()
            return super().load_state_dict(*args, **kwargs)


class RenewedByAStateOfItsVersion(Fault, aims_at=f"{IT}/mask-identity"):
    """Copies its mask when it is loaded from a state that says which version it is."""

    class FakeSparsity(Right):
        def _load_from_state_dict(self, *args: Any) -> None:
            if "version" in args[2]:
                self.mask = self.mask.clone()
            super()._load_from_state_dict(*args)


class ChecksWhatItHasNotSeen(Fault, aims_at=f"{IT}/shape-mismatch-rejected"):
    """Compares no shapes for an input that has fitted, as long as mask and input are the same objects."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            fitted = self.__dict__.get("fitted", (None, None))
            product = self.mask * x if fitted[0] is self.mask and fitted[1] is x else super().forward(x)
            self.__dict__["fitted"] = self.mask, x
            return product
