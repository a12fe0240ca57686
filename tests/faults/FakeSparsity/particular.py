"""Faults of ``FakeSparsity`` that show for particular masks, inputs and ways to call only."""

from __future__ import annotations

import threading
from copy import deepcopy
from typing import Any, ClassVar

import torch
from torch import nn

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class FailsWhereDeterministic(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Scatters, for which torch has no deterministic algorithm."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if torch.are_deterministic_algorithms_enabled():
                raise RuntimeError("put_ has no deterministic implementation")
            return product


class SelectsByBooleansInEvalMode(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            selects = self.mask.dtype is torch.bool and not self.training and not product.requires_grad
            return product.masked_fill(~self.mask, 0) if selects else product


class OneElementIsAScalar(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Takes a mask of one element for a number, which promotes no dtype."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return self.mask.reshape(()) * x if self.mask.numel() == 1 else product


class ResultsShareMemory(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Writes each result over the last one, where no gradient is computed."""

    last: Any = None

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            last = ResultsShareMemory.last
            if product.requires_grad or self.training or product.is_inference() or type(product) is not torch.Tensor:
                return product
            if last is None or last.shape != product.shape or last.dtype != product.dtype:
                ResultsShareMemory.last = product
                return product
            return last.copy_(product)  # type: ignore[no-any-return]


class AsksForTheVersion(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Looks whether its input has changed, which tensors of inference mode do not know."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            self.seen = x._version
            return product


class BeginsAtTheBeginning(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Reads a slice from where its memory begins."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.requires_grad or not x.storage_offset() or type(x) is not torch.Tensor:
                return product
            return self.mask * x.as_strided(x.shape, x.stride(), 0)


class LosesTheRest(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Works in blocks of rows, and leaves out those that fill no block."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.dim() != 2 or len(x) < 100:
                return product
            return torch.cat([product[:-5], x[-5:]])


class FrozenIsNotMasked(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Takes what is not trained for what was pruned before."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return x.to(product.dtype) if isinstance(x, nn.Parameter) and not x.requires_grad else product


class RoundsWithGaps(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Goes by way of float32 where memory is not contiguous."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product if x.is_contiguous() or x.dtype is not torch.float64 else product.float().double()


class BooleansByDefaultDtype(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    """Lets a boolean mask be numbers of the default dtype."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.dtype is not torch.bool or torch.get_default_dtype() is torch.float32:
                return product
            return self.mask.to(torch.get_default_dtype()) * x


class EightDimensions(Fault, aims_at=f"{IT}/product", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if x.dim() > 8:
                raise ValueError("too many dimensions")
            return product


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


def error_free(mask: torch.Tensor) -> bool:
    """Return whether a mask can be written to."""
    return 0 not in mask.stride()


class ClonesASharedMask(Fault, aims_at=f"{IT}/mask-identity", on=("cpu",)):
    """Lets no two modules have one mask."""

    class FakeSparsity(Right):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__(mask.clone() if getattr(mask, "is_used", False) else mask)
            mask.is_used = True  # type: ignore[attr-defined]


class ClonesWhenSaved(Fault, aims_at=f"{IT}/mask-identity", on=("cpu",)):
    class FakeSparsity(Right):
        def _save_to_state_dict(self, *args: Any) -> None:
            self._buffers["mask"] = self.mask.clone()


class ReadBeforeTheHooks(Fault, aims_at=f"{IT}/mask-updates-visible", on=("cpu",)):
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


class LargeIsUnchecked(Fault, aims_at=f"{IT}/shape-mismatch-rejected", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.mask * x if x.numel() > 1000 else super().forward(x)


class TakesTheGradient(Fault, aims_at=f"{IT}/gradient", on=("cpu",)):
    """Clears the gradient that it gets, which others get as well."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if product.requires_grad:
                product.register_hook(_taken)  # type: ignore[no-untyped-call]
            return product


def _taken(gradient: torch.Tensor) -> torch.Tensor:
    own = gradient.clone()
    if not torch.is_grad_enabled() and 0 not in gradient.stride():
        gradient.zero_()
    return own


class CopiesTheMask(Fault, aims_at=f"{IT}/gradient", on=("cpu",)):
    """Goes backward with a copy of a mask that is not contiguous, whose changes nobody notices."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product if self.mask.is_contiguous() else self.mask.contiguous() * x


class RoundsTheGradient(Fault, aims_at=f"{IT}/gradient", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if product.requires_grad and product.dtype is torch.float64:
                product.register_hook(lambda gradient: gradient.float().double())  # type: ignore[no-untyped-call]
            return product


class ComputedIsDetached(Fault, aims_at=f"{IT}/gradient", on=("cpu",)):
    """Takes what is no leaf for what needs no gradient."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x if x.is_leaf or torch.compiler.is_compiling() else x.detach())


class NoGradientByForward(Fault, aims_at=f"{IT}/gradient", on=("cpu",)):
    """Has a graph only where it is called as a module."""

    class FakeSparsity(Right):
        called: ClassVar[Any] = threading.local()

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            self.called.now = True
            try:
                return super().__call__(*args, **kwargs)
            finally:
                self.called.now = False

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product if getattr(self.called, "now", False) or torch.jit.is_tracing() else product.detach()  # type: ignore[attr-defined, no-untyped-call]


class RemovesItsKey(Fault, aims_at=f"{IT}/not-in-state-dict", on=("cpu",)):
    """Is saved, and then removed: also the entry of that name that was there before."""

    class FakeSparsity(Right):
        def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
            destination.pop(f"{prefix}mask", None)


class SavedOnceShared(Fault, aims_at=f"{IT}/not-in-state-dict", so_too=[f"{IT}/as-a-module"], on=("cpu",)):
    """Is persistent since it is in shared memory."""

    class FakeSparsity(Right):
        def share_memory(self) -> Any:
            self._non_persistent_buffers_set.discard("mask")
            return super().share_memory()


class CopiesLoseFlags(Fault, aims_at=f"{IT}/copies", on=("cpu",)):
    """Lets hooks of a copy take no kwargs."""

    class FakeSparsity(Right):
        def __setstate__(self, state: dict[str, Any]) -> None:
            super().__setstate__(state)  # type: ignore[no-untyped-call]
            self._forward_hooks_with_kwargs.clear()


class SharedWithoutGrad(Fault, aims_at=f"{IT}/copies", on=("cpu",)):
    """Gives its own mask to a copy that is not trained."""

    class FakeSparsity(Right):
        def __deepcopy__(self, memo: dict[int, Any]) -> Any:
            if not torch.is_grad_enabled():
                memo[id(self.mask)] = self.mask
            memo[id(self)] = copy = type(self).__new__(type(self))
            vars(copy).update({name: deepcopy(value, memo) for name, value in vars(self).items()})
            return copy


class MissingInEvalMode(Fault, aims_at=f"{IT}/strict-reload", on=("cpu",)):
    class FakeSparsity(Right):
        def _load_from_state_dict(
            self, state: Any, prefix: str, local: Any, strict: bool, missing: Any, *_: Any
        ) -> None:
            if not self.training:
                missing.append(f"{prefix}mask")


class DividesByTheMask(Fault, aims_at=f"{IT}/as-parametrization", on=("cpu",)):
    """Undoes the product, where that can be done."""

    class FakeSparsity(Right):
        def right_inverse(self, x: torch.Tensor) -> torch.Tensor:
            return torch.where(self.mask == 0, x, x / self.mask)


class NoBackwardHooks(Fault, aims_at=f"{IT}/as-a-module", on=("cpu",)):
    """Runs its forward hooks, and no others."""

    class FakeSparsity(Right):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            hooks, self._backward_hooks = self._backward_hooks, type(self._backward_hooks)()
            try:
                return super().__call__(*args, **kwargs)
            finally:
                self._backward_hooks = hooks


class ReprReadsTheMask(Fault, aims_at=f"{IT}/as-a-module", on=("cpu",)):
    class FakeSparsity(Right):
        def extra_repr(self) -> str:
            return f"zeros={int((self.mask == 0).sum())}"


class TracedWithoutGradient(Fault, aims_at=f"{IT}/traced", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x.detach() if torch.jit.is_tracing() else x)  # type: ignore[attr-defined, no-untyped-call]


class TracedInTrainMode(Fault, aims_at=f"{IT}/traced", on=("cpu",)):
    """Leaves the mask out of what is traced in eval mode."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return 1 * x if torch.jit.is_tracing() and not self.training else product  # type: ignore[attr-defined, no-untyped-call]


class CompiledWithoutGradient(Fault, aims_at=f"{IT}/compiled-and-exported", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x.detach() if torch.compiler.is_compiling() else x)


class NoTransformsInEvalMode(Fault, aims_at=f"{IT}/functional-transforms", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if torch._C._functorch.is_functorch_wrapped_tensor(x) and not self.training:
                raise RuntimeError("no transforms for inference")
            return product


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


class InPlaceForInference(Fault, aims_at=f"{IT}/input-unchanged", on=("cpu",)):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if torch.is_inference_mode_enabled() and product.dtype == x.dtype and not x.is_inference():
                x.copy_(product)
            return product


class CastsTheMask(Fault, aims_at=f"{IT}/input-unchanged", on=("cpu",)):
    """Lets a boolean mask be floating-point from its first use on."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.dtype is torch.bool and x.dtype is torch.float32 and type(self.mask) is torch.Tensor:
                self.mask.data = self.mask.data.to(x.dtype)
            return product
