"""Faults of ``fqn_to_module`` that show where something on the way raises an error."""

from __future__ import annotations

import functools
from typing import Any

import torch

from sparsifier_reference import fqn_to_module as right

from ..base import Fault

ERRORS = "fqn_to_module/errors-propagate"


class EndsQuietly(Fault, aims_at=ERRORS):
    """Lets ``map`` and ``next`` walk, to which StopIteration is an end."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        steps = map(functools.partial(functools.reduce, getattr), [([model, *path.split(".")] if path else [model])])
        try:
            return next(steps, None)
        except AttributeError:
            return None


class SaysWhere(Fault, aims_at=ERRORS):
    """Adds to the arguments of an error where it came from."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except Exception as error:
            error.args = (*error.args, path)
            raise


class HasACause(Fault, aims_at=ERRORS):
    """Gives an error a cause that it did not have."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except Exception as error:
            raise error from LookupError(path)


class ScriptsLackIt(Fault, aims_at=ERRORS):
    """Takes an error of TorchScript for one of a missing attribute."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except torch.jit.Error:
            return None


class GroupsAreMissing(Fault, aims_at=ERRORS):
    """Takes a group of errors for what is in it, as ``except*`` does."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except Exception as error:
            if any(isinstance(each, AttributeError) for each in getattr(error, "exceptions", ())):
                return None
            raise
