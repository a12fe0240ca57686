"""Faults of what holds for the six names together, which show in one kind of call, or after one."""

from __future__ import annotations

import signal
import weakref
from typing import Any, ClassVar

import torch

import sparsifier_reference as reference

from ..base import Fault


class MappingByPositionOnly(Fault, aims_at="interface/parameters", on=("cpu",)):
    """Takes both arguments by their names, or neither."""

    @staticmethod
    def swap_module(*args: Any, **kwargs: Any) -> Any:
        if args and kwargs:
            raise TypeError("by position or by name")
        return reference.swap_module(*args, **kwargs)


class LookingTakesASignal(Fault, aims_at="interface/no-side-effects", so_too=["interface/threads"], on=("cpu",)):
    """Prints where it is when somebody asks with a signal."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        signal.signal(signal.SIGUSR1, lambda *args: None)
        return reference.module_to_fqn(model, module, prefix)


class LookingSaves(
    Fault,
    aims_at="interface/no-side-effects",
    so_too=[
        *("module_to_fqn/cyclic-models", "module_to_fqn/deep-models", "module_to_fqn/linear-cost"),
        "module_to_fqn/path-of-descendant",
    ],
    on=("cpu",),
):
    """Looks for a name in the state dict, for which the hooks of the model are called."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        model.state_dict()
        return reference.module_to_fqn(model, module, prefix)


class MaskingTurnsGradOff(Fault, aims_at="interface/no-side-effects", so_too=["FakeSparsity/scripted"], on=("cpu",)):
    """Compares shapes without a graph, and stays so where they differ."""

    class FakeSparsity(reference.FakeSparsity):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape != self.mask.shape and not torch.compiler.is_compiling():
                torch.set_grad_enabled(False)
            return super().forward(x)


class ParametrizationsAreCounted(
    Fault,
    aims_at="interface/answers-for-now",
    so_too=["module_contains_param/follows-changes", "module_contains_param/any-tensor-any-position"],
    on=("cpu",),
):
    """Asks again only when a module has more or fewer parametrizations of its weight."""

    known: ClassVar[Any] = weakref.WeakKeyDictionary()

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        count = len(getattr(getattr(module, "parametrizations", None), "weight", ()))
        if not count:
            return reference.module_contains_param(module, parametrization)
        known = ParametrizationsAreCounted.known.setdefault(module, {})
        if (parametrization, count) not in known:
            known[parametrization, count] = reference.module_contains_param(module, parametrization)
        return known[parametrization, count]  # type: ignore[no-any-return]


class OneInputForThreads(Fault, aims_at="interface/threads", so_too=["FakeSparsity/scripted"], on=("cpu",)):
    """Leaves the input where another thread finds it."""

    given: ClassVar[Any] = None

    class FakeSparsity(reference.FakeSparsity):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            OneInputForThreads.given = x
            if self.mask.shape != x.shape:
                return super().forward(x)
            return self.mask * OneInputForThreads.given  # type: ignore[no-any-return]
