"""Faults of ``fqn_to_module`` that look up right, in surroundings other than the caller's."""

from __future__ import annotations

import os
import random
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize
from torch.utils import _python_dispatch

from sparsifier_reference import fqn_to_module as right

from ..base import Fault

ATTRIBUTES = "fqn_to_module/attributes"
#: What leaves the modes of dispatch; before torch 2.0 there is but what changes another mode.
OUTSIDE: Any = getattr(_python_dispatch, "_disable_current_modes", torch.inference_mode)


class DrawsNothing(Fault, aims_at=ATTRIBUTES):
    """Puts the random state back, so that it has drawn nothing for sure."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        with torch.random.fork_rng(devices=[]):
            return right(model, path)


class DrawsNothingOfPythons(Fault, aims_at=ATTRIBUTES):
    """Puts Python's random state back."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        state = random.getstate()
        try:
            return right(model, path)
        finally:
            random.setstate(state)


class WarnsOfNothing(Fault, aims_at=ATTRIBUTES):
    """Silences deprecated attributes, which nobody asked for by name."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return right(model, path)


class ComputesWithoutGrad(Fault, aims_at=ATTRIBUTES):
    """Takes no gradients, except of what is parametrized."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        owner = right(model, path.rpartition(".")[0])
        if isinstance(owner, nn.Module) and parametrize.is_parametrized(owner):
            return right(model, path)
        tensor = right(model, path) if not isinstance(owner, nn.Module) else None
        if tensor is not None:
            return tensor
        with torch.no_grad():
            return right(model, path)


@contextmanager
def _put_back() -> Generator[None, None, None]:
    grad, dtype, environment = torch.is_grad_enabled(), torch.get_default_dtype(), dict(os.environ)
    try:
        yield
    finally:
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        os.environ.clear()
        os.environ.update(environment)


class PutsTheWorldBack(Fault, aims_at=ATTRIBUTES, so_too=["interface/threads"]):
    """Has no side effects, whatever others do."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        with _put_back():
            return right(model, path)


class PutsThreadsBack(Fault, aims_at=ATTRIBUTES):
    """Looks up on as many threads as there were, and leaves no more of them."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        before = torch.get_num_threads()
        try:
            return right(model, path)
        finally:
            torch.set_num_threads(before)


class ComputesOnce(Fault, aims_at=ATTRIBUTES):
    """Lets torch keep what it computes on the way, as attributes on the way can see."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        with parametrize.cached():
            return right(model, path)


class WithoutAutocast(Fault, aims_at=ATTRIBUTES):
    """Has tensors computed in full precision."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        with torch.autocast("cpu", enabled=False):
            return right(model, path)


class LooksOutsideModesOfDispatch(Fault, aims_at=ATTRIBUTES, on=("cpu",)):
    """Computes tensors outside the modes of dispatch that the caller is in."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        with OUTSIDE():
            return right(model, path)
