"""Faults of ``FakeSparsity`` as a module: what it changes, how it is copied, saved, scripted, shown and moved."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class AddsAHookToTheInput(Fault, aims_at=f"{IT}/input-unchanged"):
    """Makes sure that what is masked gets no gradient."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.requires_grad and x.is_leaf and isinstance(x, nn.Parameter):
                x.register_hook(lambda gradient: gradient)  # type: ignore[no-untyped-call]
            return super().forward(x)


class KeepsTheGradientOfTheInput(Fault, aims_at=f"{IT}/input-unchanged"):
    """Asks for the gradient of an input that has none to keep."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.requires_grad and not x.is_leaf and not torch._C._functorch.is_gradtrackingtensor(x):
                x.retain_grad()
            return product


class NamesTheInput(Fault, aims_at=f"{IT}/input-unchanged"):
    """Leaves a mark on what was masked."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if isinstance(x, nn.Parameter) and not torch.compiler.is_compiling():
                x.masked = True  # type: ignore[attr-defined]
            return product


class WritesToTheMask(
    Fault,
    aims_at=f"{IT}/input-unchanged",
    so_too=[
        f"{IT}/gradient",
        f"{IT}/product",
        f"{IT}/as-parametrization",
        f"{IT}/compiled-and-exported",
        f"{IT}/functional-transforms",
        f"{IT}/copies",
    ],
):
    """Turns what is nearly zero into zero, in the mask itself."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.dtype is torch.float32 and not torch.is_inference_mode_enabled():
                self.mask.data.masked_fill_(self.mask.data.abs() < 1e-3, -0.0)
            return product


class KeepsTheLastProduct(Fault, aims_at=f"{IT}/copies", so_too=[f"{IT}/in-sparsifiers"]):
    """Remembers what it gave, which cannot be copied if it carries a graph."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.given = super().forward(x)
            return self.given


class CopyIsInTrainMode(Fault, aims_at=f"{IT}/copies"):
    """Is made anew where it is copied."""

    class FakeSparsity(Right):
        def __reduce_ex__(self, protocol: Any) -> Any:
            kept = {name: value for name, value in vars(self).items() if name not in ("_buffers", "training")}
            return type(self), (self.mask,), kept


class CopyHasNoHooks(Fault, aims_at=f"{IT}/copies"):
    class FakeSparsity(Right):
        def __getstate__(self) -> Any:
            return {**vars(self), "_forward_hooks": type(self._forward_hooks)()}


class CopyIsNotShared(Fault, aims_at=f"{IT}/copies"):
    """Copies the mask by itself, so that a copy of whatever else holds it is another one."""

    class FakeSparsity(Right):
        def __deepcopy__(self, memo: Any) -> Any:
            duplicate = type(self)(self.mask.detach().clone())
            kept = {name: value for name, value in vars(self).items() if name != "_buffers"}
            vars(duplicate).update(
                {name: value.copy() if hasattr(value, "copy") else value for name, value in kept.items()}
            )
            memo[id(self)] = duplicate
            return duplicate


class OneEmptyStateDict(Fault, aims_at=f"{IT}/not-in-state-dict"):
    """Gives the same dict each time, in which entries of others collect."""

    class FakeSparsity(Right):
        EMPTY: dict[str, Any] = {}  # noqa: RUF012

        def state_dict(self, *args: Any, **kwargs: Any) -> Any:
            return self.EMPTY


class NoStateDict(Fault, aims_at=f"{IT}/not-in-state-dict"):
    """Gives an empty tuple, which is as long as an empty dict."""

    class FakeSparsity(Right):
        def state_dict(self, *args: Any, **kwargs: Any) -> Any:
            return ()


class TakesOutWhatEndsInMask(Fault, aims_at=f"{IT}/not-in-state-dict"):
    """Cleans the state dict of its parent, too."""

    class FakeSparsity(Right):
        def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
            for name in [name for name in destination if name.endswith("mask")]:
                del destination[name]


class SaysShapesAsTuples(Fault, aims_at=f"{IT}/scripted"):
    """Makes tuples of shapes, which TorchScript cannot."""

    class FakeSparsity(nn.Module):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__()
            self.mask: torch.Tensor
            self.register_buffer("mask", mask, persistent=False)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape:
                raise AssertionError(f"{tuple(x.shape)} is not {tuple(self.mask.shape)}")
            return self.mask * x


class NotMaskedWhileScripted(Fault, aims_at=f"{IT}/scripted"):
    class FakeSparsity(nn.Module):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__()
            self.mask: torch.Tensor
            self.register_buffer("mask", mask, persistent=False)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if torch.jit.is_scripting():  # type: ignore[attr-defined]
                return x
            if x.shape != self.mask.shape:
                raise AssertionError(f"{tuple(x.shape)} is not {tuple(self.mask.shape)}")
            return self.mask * x


class SparsifiersMaskTwice(Fault, aims_at=f"{IT}/in-sparsifiers"):
    """Lets no weight come back that a mask of ones has once let through, and another one not."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.dtype is torch.float32 and self.mask.shape == (4, 4) and not torch.compiler.is_compiling():
                union = vars(self).setdefault("union", torch.ones(4, 4)).mul_(self.mask.detach())
                return product * union if product.dtype is torch.float32 else product
            return product


class ReprOfFloatsOnly(Fault, aims_at=f"{IT}/as-a-module"):
    """Shows a mean, which integers have not."""

    class FakeSparsity(Right):
        def extra_repr(self) -> str:
            return f"density={float(self.mask.mean()):.2f}" if self.mask.device.type != "meta" else ""


class EveryMoveCopies(Fault, aims_at=f"{IT}/as-a-module"):
    """Copies the mask where nothing has to move."""

    class FakeSparsity(Right):
        def _apply(self, *args: Any, **kwargs: Any) -> Any:
            super()._apply(*args, **kwargs)  # type: ignore[no-untyped-call]
            self.mask = self.mask.clone()
            return self


class MovesInFewWays(Fault, aims_at=f"{IT}/as-a-module"):
    """Takes a device and a dtype where it is moved, and neither a tensor nor what says how."""

    class FakeSparsity(Right):
        def to(self, device: Any = None, dtype: Any = None) -> Any:  # type: ignore[override]
            if isinstance(device, torch.dtype):
                device, dtype = None, device
            return super().to(device=device, dtype=dtype)


class CannotBeEmptied(Fault, aims_at=f"{IT}/as-a-module"):
    """Overrides what moves a module as older releases of torch call it."""

    class FakeSparsity(Right):
        def _apply(self, fn: Any) -> Any:  # type: ignore[override]
            return super()._apply(fn)  # type: ignore[no-untyped-call]


class TrainReturnsNothing(Fault, aims_at=f"{IT}/as-a-module", so_too=[f"{IT}/*"]):
    class FakeSparsity(Right):
        def train(self, mode: bool = True) -> Any:
            super().train(mode)


class LoadsQuietly(Fault, aims_at=f"{IT}/as-a-module"):
    """Has nothing to load, and nothing to say of it."""

    class FakeSparsity(Right):
        def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
            return None


class CallsGoPastHooks(Fault, aims_at=f"{IT}/as-a-module", so_too=[f"{IT}/mask-updates-visible"]):
    """Is called without what a module does around its forward."""

    class FakeSparsity(Right):
        def __call__(self, x: torch.Tensor) -> Any:
            return self.forward(x)


class SharesHooksWithCopies(Fault, aims_at=f"{IT}/copies"):
    """Copies the mask, and has all else in common with its copies."""

    class FakeSparsity(Right):
        def __deepcopy__(self, memo: Any) -> Any:
            duplicate = memo[id(self)] = type(self).__new__(type(self))
            vars(duplicate).update(vars(self))
            vars(duplicate)["_buffers"] = copy.deepcopy(self._buffers, memo)
            return duplicate


class CastsEveryMask(Fault, aims_at=f"{IT}/moves-with-module", so_too=[f"{IT}/as-a-module"]):
    """Casts boolean and integer masks, too, if told so itself."""

    class FakeSparsity(Right):
        def to(self, *args: Any, **kwargs: Any) -> Any:
            self.mask = self.mask.to(*args, **kwargs)
            return self


class NotMaskedWhereNothingIs(
    Fault,
    aims_at=f"{IT}/traced",
    so_too=[f"{IT}/compiled-and-exported", f"{IT}/functional-transforms", f"{IT}/product", f"{IT}/gradient"],
):
    """Spares the product where a boolean mask lets everything through, which a trace holds for good."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return x if self.mask.dtype is torch.bool and bool(self.mask.all()) else product


class ClearsTheMasksGradient(Fault, aims_at=f"{IT}/input-unchanged"):
    """Holds that a mask has no gradient."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.mask.grad = None
            return super().forward(x)
