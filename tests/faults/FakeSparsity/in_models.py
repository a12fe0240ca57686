"""Faults of ``FakeSparsity`` in a model: saved, copied, moved, traced, compiled."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class SavesTheMask(Fault, aims_at=f"{IT}/not-in-state-dict", so_too=[f"{IT}/strict-reload"]):
    """A plain buffer, as in torchao since 0.5."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            nn.Module.__init__(self)
            self.register_buffer("mask", mask)


class ClearsTheDestination(Fault, aims_at=f"{IT}/not-in-state-dict", so_too=[f"{IT}/strict-reload"]):
    """Empties the dict that it is given to write to."""

    class FakeSparsity(Right):
        def state_dict(self, *args: Any, **kwargs: Any) -> Any:
            saved = super().state_dict(*args, **kwargs)
            saved.clear()
            return saved


class MarksTheDestination(Fault, aims_at=f"{IT}/not-in-state-dict", so_too=[f"{IT}/strict-reload"]):
    """Leaves an entry that says that there was a mask."""

    class FakeSparsity(Right):
        def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
            destination[f"{prefix}masked"] = torch.tensor(True)


class MaskOnlyInParents(Fault, aims_at=f"{IT}/not-in-state-dict"):
    """Is empty by itself, but writes its mask into the state dict of a parent."""

    class FakeSparsity(Right):
        def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
            if prefix.count(".") > 1:
                destination[f"{prefix}mask"] = self.mask

        def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
            state_dict.pop(f"{prefix}mask", None)


class InverseMasksTheOriginal(Fault, aims_at=f"{IT}/as-parametrization"):
    """Masks the tensor when it is registered, so that the original values are lost."""

    class FakeSparsity(Right):
        def right_inverse(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x


class InverseIsRefused(
    Fault,
    aims_at=f"{IT}/as-parametrization",
    so_too=[
        "FakeSparsity/moves-with-module",
        f"{IT}/in-sparsifiers",
        f"{IT}/not-in-state-dict",
        f"{IT}/traced",
        f"{IT}/compiled-and-exported",
        f"{IT}/functional-transforms",
        f"{IT}/strict-reload",
    ],
):
    """Says that masking cannot be undone."""

    class FakeSparsity(Right):
        def right_inverse(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("a mask has no inverse")


class MaskStaysBehind(Fault, aims_at=f"{IT}/moves-with-module", so_too=[f"{IT}/as-a-module"]):
    """Keeps the mask from being touched by whatever is done to the module."""

    class FakeSparsity(Right):
        def _apply(self, *args: Any, **kwargs: Any) -> Any:
            return self


class MaskKeepsItsDtype(Fault, aims_at=f"{IT}/moves-with-module", so_too=[f"{IT}/as-a-module"]):
    """Lets the mask go to another device, and to no other dtype."""

    class FakeSparsity(Right):
        def _apply(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
            moved = fn(self.mask)
            self.mask = self.mask.to(moved.device) if moved.device != self.mask.device else self.mask
            return self


class EveryMaskIsCast(Fault, aims_at=f"{IT}/moves-with-module", so_too=["FakeSparsity/as-a-module"]):
    """Casts a boolean or integer mask with the module too."""

    class FakeSparsity(Right):
        def _apply(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
            super()._apply(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
            self.mask = self.mask.to(fn(torch.empty(0, device=self.mask.device)).dtype)
            return self


class DeepCopySharesTheMask(Fault, aims_at=f"{IT}/copies", so_too=["FakeSparsity/in-sparsifiers"]):
    class FakeSparsity(Right):
        def __deepcopy__(self, memo: Any) -> Any:
            return type(self)(self.mask)


class PickleForgetsTheMask(Fault, aims_at=f"{IT}/copies", so_too=["FakeSparsity/in-sparsifiers"]):
    """Leaves the values of the mask out of what is pickled, and so out of what is copied."""

    class FakeSparsity(Right):
        def __getstate__(self) -> Any:
            return {**self.__dict__, "_buffers": {"mask": torch.ones_like(self.mask)}}


class CannotBePickled(Fault, aims_at=f"{IT}/copies"):
    """Keeps a function that has no name."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask)
            self.describe = lambda: tuple(self.mask.shape)


def _is_tracing() -> bool:
    tracing: bool = torch._C._get_tracing_state() is not None
    return tracing


class NotMaskedWhileTraced(Fault, aims_at=f"{IT}/traced", so_too=[f"{IT}/shape-mismatch-rejected"]):
    """Avoids the warning that tracing gives where shapes are compared."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x if _is_tracing() else super().forward(x)


class SelectsWhileTraced(Fault, aims_at=f"{IT}/traced"):
    """Takes the mask for one of zeros and ones where it is traced."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return x * (self.mask != 0) if _is_tracing() else product


class DropsNanWhileTraced(Fault, aims_at=f"{IT}/traced"):
    """Selects what is not masked where it is traced."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product.masked_fill(self.mask == 0, 0) if _is_tracing() else product


class BranchesOnTheMask(
    Fault, aims_at=f"{IT}/compiled-and-exported", so_too=[f"{IT}/functional-transforms", f"{IT}/gradient"]
):
    """Saves the product where the mask leaves everything."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.device.type != "meta" and self.mask.dtype == x.dtype and bool((self.mask == 1).all()):
                return x.clone()
            return product


class NotMaskedWhileCompiled(Fault, aims_at=f"{IT}/compiled-and-exported"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x if torch.compiler.is_compiling() else super().forward(x)


class SelectsWhileCompiled(Fault, aims_at=f"{IT}/compiled-and-exported"):
    """Takes the mask for one of zeros and ones where it is compiled."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return x * (self.mask != 0) if torch.compiler.is_compiling() else product


class DropsNanWhileCompiled(Fault, aims_at=f"{IT}/compiled-and-exported"):
    """Selects what is not masked where it is compiled."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product.masked_fill(self.mask == 0, 0) if torch.compiler.is_compiling() else product


class LooksAtTheMask(Fault, aims_at=f"{IT}/functional-transforms"):
    """Saves the product where the mask leaves everything, except while it is compiled; its derivative is right."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.device.type == "meta" or torch.compiler.is_compiling() or _is_tracing():
                return product
            return product.clone() if bool((self.mask == 1).all()) else product


class LooksAtTheValues(Fault, aims_at=f"{IT}/functional-transforms", so_too=[f"{IT}/compiled-and-exported"]):
    """Asks whether the input is finite before it multiplies."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.device.type != "meta" and x.is_floating_point() and bool(x.isnan().all()):
                return super().forward(x)
            return super().forward(x)


class HasNoRuleForVmap(Fault, aims_at=f"{IT}/functional-transforms", so_too=["FakeSparsity/gradient"]):
    """Has a derivative of its own, in the form that torch's function transforms do not take."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            if not x.is_floating_point() or (not x.requires_grad and not torch._C._functorch.is_batchedtensor(x)):
                return self.mask * x
            product: torch.Tensor = _Product.apply(x, self.mask)  # type: ignore[no-untyped-call]
            return product


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(mask)
        ctx.dtype = x.dtype
        return mask * x

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (mask,) = ctx.saved_tensors
        return (mask * gradient).to(ctx.dtype), None


class ExpectsWhatItDidNotSave(Fault, aims_at=f"{IT}/strict-reload"):
    """Overrides ``state_dict`` and not how it is loaded, as torch does."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            nn.Module.__init__(self)
            self.register_buffer("mask", mask)

        def state_dict(self, *args: Any, **kwargs: Any) -> Any:
            return {}


class LoadingResetsTheMask(Fault, aims_at=f"{IT}/strict-reload"):
    """Takes a state dict without a mask for one that masks nothing."""

    class FakeSparsity(Right):
        def _load_from_state_dict(self, *args: Any) -> None:
            self.mask.fill_(1)


class LooksAtTruthValues(Fault, aims_at=f"{IT}/functional-transforms"):
    """Spares the product where a boolean mask lets everything through, but for what is traced or compiled."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product, mask = super().forward(x), self.mask
            if mask.dtype is not torch.bool or torch.compiler.is_compiling() or torch._C._get_tracing_state():
                return product
            return 1 * x if mask.device.type == "cpu" and bool(mask.all()) and x.dtype.is_floating_point else product
