"""Faults of ``FakeSparsity`` that show with tensors of rare kinds: in dtype, memory or device."""

from __future__ import annotations

import copy
from typing import Any

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault
from .derivatives import _like, _Multiplied, _multiplied

IT = "FakeSparsity"


class ConjugatesAgain(Fault, aims_at=f"{IT}/product"):
    """Resolves what is conjugated in memory by conjugating it."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x.conj() if x.is_conj() else x)


class ForgetsTheSign(Fault, aims_at=f"{IT}/product", so_too=[f"{IT}/gradient"]):
    """Multiplies by what is in the memory of a mask, and not by its negative."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return -product if self.mask.is_neg() else product


class _ConjugatedAlready(_Multiplied):
    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (mask,) = ctx.saved_tensors
        return None, _like((mask if mask.is_conj() else mask.conj()) * gradient, ctx.of_input)


class _ByWhatIsInMemory(_Multiplied):
    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (mask,) = ctx.saved_tensors
        return None, _like((-mask if mask.is_neg() else mask.conj()) * gradient, ctx.of_input)


class GradientOfTheConjugate(Fault, aims_at=f"{IT}/gradient"):
    """Takes a mask that is conjugated in memory for the conjugate."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_ConjugatedAlready, self, x)


class GradientOfTheNegative(Fault, aims_at=f"{IT}/gradient"):
    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return _multiplied(_ByWhatIsInMemory, self, x)


def _has_no_values(x: torch.Tensor) -> bool:
    return x.device.type == "meta" or hasattr(x, "fake_mode")


class NoPromotionWithoutValues(Fault, aims_at=f"{IT}/product", on=("meta", "fake:cuda")):
    """Makes something like the input where there are no values to multiply."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return 1 * x if _has_no_values(x) and not torch.compiler.is_compiling() else product


class NoGraphWithoutValues(Fault, aims_at=f"{IT}/gradient", on=("meta",)):
    """Makes something like the product where there are no values to multiply."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            return torch.empty_like(product) if x.is_meta else product


class CastsSmallIntegers(Fault, aims_at=f"{IT}/moves-with-module"):
    """Takes a mask of eight bits for one of numbers that were made smaller, which half precision holds."""

    class FakeSparsity(Right):
        def _apply(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
            super()._apply(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
            before = torch.zeros(1, device=self.mask.device)
            if self.mask.dtype is torch.int8 and fn(before).dtype is torch.float16:
                self.mask = self.mask.half()
            return self


class NoGradientOfParts(Fault, aims_at=f"{IT}/gradient"):
    """Takes what begins within another tensor's memory for a part that somebody looks at."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            is_part = not isinstance(x, torch.nn.Parameter) and x.requires_grad and x.is_leaf and x.storage_offset() > 0
            return product.detach() if is_part else product


class CopiesParts(Fault, aims_at=f"{IT}/copies"):
    """Copies of a mask what belongs to it, however large the memory is that it lies in."""

    class FakeSparsity(Right):
        def __deepcopy__(self, memo: Any) -> Any:
            own = self.mask
            if own._base is not None and id(own) not in memo:
                memo[id(own)] = own.detach().clone()
            duplicate = memo[id(self)] = type(self).__new__(type(self))
            vars(duplicate).update(copy.deepcopy(vars(self), memo))
            return duplicate
