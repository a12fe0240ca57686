"""Faults of the derivatives of ``FakeSparsity``."""

from __future__ import annotations

from typing import Any

import torch
from torch.autograd.function import once_differentiable

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


class _Multiplied(torch.autograd.Function):
    """A right product, which subclasses get wrong."""

    generate_vmap_rule = True

    @staticmethod
    def forward(mask: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return mask * x

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(inputs[0])
        ctx.save_for_forward(inputs[0])
        ctx.of_input = inputs[1].dtype

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (mask,) = ctx.saved_tensors
        return None, _like(mask.conj() * gradient, ctx.of_input)

    @staticmethod
    def jvp(ctx: Any, of_mask: Any, of_x: torch.Tensor) -> torch.Tensor:
        (mask,) = ctx.saved_tensors
        product: torch.Tensor = mask * of_x
        return product


def _like(gradient: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return (gradient.real if gradient.is_complex() and not dtype.is_complex else gradient).to(dtype)


class _WithoutJvp(_Multiplied):
    jvp = torch.autograd.Function.jvp  # type: ignore[assignment]


class _Once(_Multiplied):
    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        return _Multiplied.backward(ctx, gradient)


class _Detached(_Multiplied):
    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        return _Multiplied.backward(ctx, gradient.detach() + 0 * gradient)


class _NotConjugated(_Multiplied):
    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (mask,) = ctx.saved_tensors
        return None, _like(mask * gradient, ctx.of_input)


class _TangentUnmasked(_Multiplied):
    @staticmethod
    def jvp(ctx: Any, of_mask: Any, of_x: torch.Tensor) -> torch.Tensor:
        (mask,) = ctx.saved_tensors
        return of_x * torch.ones_like(mask)


def _multiplied(function: Any, sparsity: Right, x: torch.Tensor) -> torch.Tensor:
    Right.forward(sparsity, x)
    product: torch.Tensor = function.apply(sparsity.mask, x)
    return product


class NoForwardMode(Fault, aims_at=f"{IT}/gradient"):
    """Has a derivative of its own, for backward alone."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_WithoutJvp, self, x)


class TangentIsNotMasked(Fault, aims_at=f"{IT}/gradient"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_TangentUnmasked, self, x)


class DifferentiableOnce(Fault, aims_at=f"{IT}/gradient"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_Once, self, x)


class GradientIsAConstant(Fault, aims_at=f"{IT}/gradient"):
    """Detaches what it is given in backward, so that what is differentiated again is zero."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_Detached, self, x)


class DoesNotConjugate(Fault, aims_at=f"{IT}/gradient"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_NotConjugated, self, x)


class BackwardByACopy(Fault, aims_at=f"{IT}/gradient"):
    """Multiplies by a copy, which nobody changes between forward and backward."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            return self.mask.clone() * x


class NothingToSaveOfOnes(Fault, aims_at=f"{IT}/gradient", so_too=["FakeSparsity/traced"]):
    """Gives the input itself where the mask leaves everything, and forgets that the mask may change before backward."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if self.mask.device.type == "meta" or torch.compiler.is_compiling() or not x.requires_grad:
                return product
            return x.to(product.dtype) if bool((self.mask == 1).all()) else product


class GraphEndsUnderAnotherDefault(Fault, aims_at=f"{IT}/gradient"):
    """Detaches its result where the default dtype is not the usual one."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return product if torch.get_default_dtype() is torch.float32 else product.detach()


class _WhereNotZero(_Multiplied):
    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (mask,) = ctx.saved_tensors
        return None, _like((mask.conj() * gradient).masked_fill(mask == 0, 0), ctx.of_input)


class _ByBoolean(_Multiplied):
    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (mask,) = ctx.saved_tensors
        return None, _like(mask.bool() * gradient, ctx.of_input)


class _TangentWhereNotZero(_Multiplied):
    @staticmethod
    def jvp(ctx: Any, of_mask: Any, of_x: torch.Tensor) -> torch.Tensor:
        (mask,) = ctx.saved_tensors
        tangent: torch.Tensor = (mask * of_x).masked_fill(mask == 0, 0)
        return tangent


class GradientIsSelected(Fault, aims_at=f"{IT}/gradient"):
    """Lets no gradient through where the mask is zero, infinite or not."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_WhereNotZero, self, x)


class GradientByABooleanMask(
    Fault,
    aims_at=f"{IT}/gradient",
    so_too=[f"{IT}/compiled-and-exported"],
):
    """Takes every mask for one of zeros and ones."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_ByBoolean, self, x)


class TangentIsSelected(Fault, aims_at=f"{IT}/gradient"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_TangentWhereNotZero, self, x)


class GradientIsMadeFinite(Fault, aims_at=f"{IT}/gradient"):
    """Has a hook on its result that keeps nan out of the weights."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if product.requires_grad and torch.is_grad_enabled() and not torch._C._get_tracing_state():
                product.register_hook(torch.nan_to_num)  # type: ignore[no-untyped-call]
            return product


class _NeverMapped(_Multiplied):
    generate_vmap_rule = False


class MappedWithoutGradientsOnly(Fault, aims_at=f"{IT}/functional-transforms", so_too=[f"{IT}/traced"]):
    """Has a function of its own for what needs a gradient, which cannot be mapped over a batch."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if not x.requires_grad or not torch.is_grad_enabled():
                return product
            of_own: torch.Tensor = _NeverMapped.apply(self.mask, x)  # type: ignore[no-untyped-call]
            return of_own


class SavesInItsOwnWay(Fault, aims_at=f"{IT}/gradient", so_too=[f"{IT}/scripted", f"{IT}/traced", f"{IT}/*"]):
    """Lets nobody else keep what it saves for backward."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.autograd.graph.disable_saved_tensors_hooks("of a mask nothing is saved elsewhere"):
                return super().forward(x)


class _OfWhatWasComputed(_Multiplied):
    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        with torch.set_grad_enabled(torch.is_grad_enabled() and gradient.grad_fn is not None):
            return _Multiplied.backward(ctx, gradient)


class GivenGradientIsAConstant(Fault, aims_at=f"{IT}/gradient"):
    """Differentiates again by a gradient that was computed alone, and by none that was given."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_OfWhatWasComputed, self, x)
