"""Faults of gradients, saved models and transforms that show in particular cases alone."""

from __future__ import annotations

import threading
from copy import deepcopy
from typing import Any, ClassVar

import torch

from sparsifier_reference import FakeSparsity as Right

from ..base import Fault

IT = "FakeSparsity"


def _taken(gradient: torch.Tensor) -> torch.Tensor:
    own = gradient.clone()
    if not torch.is_grad_enabled() and 0 not in gradient.stride():
        gradient.zero_()
    return own


class TakesTheGradient(Fault, aims_at=f"{IT}/gradient", on=("cpu",)):
    """Clears the gradient that it gets, which others get as well."""

    class FakeSparsity(Right):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            product = super().forward(x)
            if product.requires_grad:
                product.register_hook(_taken)  # type: ignore[no-untyped-call]
            return product


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


class ComputedIsDetached(Fault, aims_at=f"{IT}/gradient", on=("cpu",), so_too=[f"{IT}/as-a-module"]):
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


class SavedOnceShared(Fault, aims_at=f"{IT}/not-in-state-dict", on=("cpu",)):
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
