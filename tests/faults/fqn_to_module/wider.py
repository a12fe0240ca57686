"""Faults of ``fqn_to_module`` that show where attributes, errors and paths are not the usual ones."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from sparsifier_reference import fqn_to_module as right

from ..base import Fault

MISSING = "fqn_to_module/missing-is-none"


class IndexesSequences(Fault, aims_at=MISSING, so_too=["fqn_to_module/attributes"]):
    """Takes a number for an index wherever there is no such name."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        above, _, name = path.rpartition(".")
        found, owner = right(model, path), right(model, above) if above else None
        if found is None and name.isdecimal() and isinstance(owner, (Sequence, torch.Tensor)):
            return owner[int(name)] if len(owner) > int(name) else None
        return found


class AnyCase(Fault, aims_at=MISSING):
    """Forgives letters of the wrong case."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        if found is None and isinstance(model, nn.Module) and path:
            return next((each for name, each in model.named_parameters() if name.lower() == path.lower()), None)
        return found


class WrapsForYou(Fault, aims_at=MISSING, so_too=["fqn_to_module/attributes"]):
    """Looks within the module of a wrapper for what it has not itself."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found, at = right(model, path), model
        if found is not None or not path:
            return found
        for name in path.split("."):
            inside = getattr(at, "module", None) if isinstance(at, nn.DataParallel) and not hasattr(at, name) else at
            at = getattr(inside, name, None)
        return at if isinstance(at, (nn.Module, nn.Parameter)) else None


class LooksBeforeItAsks(Fault, aims_at="fqn_to_module/attributes", so_too=["fqn_to_module/errors-propagate"]):
    """Finds out whether something is there by asking for it."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return right(model, path) if path == "" or right(model, path) is not None else None


class Detached(Fault, aims_at="fqn_to_module/parametrized-tensor", so_too=["fqn_to_module/tensors"]):
    """Cuts a computed tensor off its graph."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        computed = isinstance(found, torch.Tensor) and not isinstance(found, nn.Parameter) and found.requires_grad
        return found.detach() if computed else found


class EmptyTensorsAreNone(Fault, aims_at="fqn_to_module/tensors"):
    """Takes a tensor without numbers for none."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return None if type(found) is torch.Tensor and found.numel() == 0 else found


def _looking_up(get: Callable[[Any, str], Any]) -> Any:
    """Make an ``fqn_to_module`` that is right but for how it gets an attribute."""

    def fqn_to_module(model: Any, path: str) -> Any:
        found = model
        try:
            for name in path.split(".") if path else ():
                found = get(found, name)
        except AttributeError:
            return None
        return found

    return staticmethod(fqn_to_module)


def _of_the_class_first(owner: Any, name: str) -> Any:
    for kind in () if isinstance(owner, type) else type(owner).__mro__:
        if name in vars(kind):
            value = vars(kind)[name]
            return value.__get__(owner, type(owner)) if hasattr(value, "__get__") else value
    return getattr(owner, name)


class ClassComesFirst(Fault, aims_at="fqn_to_module/attributes"):
    """Takes what the class has before what is kept in the object."""

    fqn_to_module: Any = _looking_up(_of_the_class_first)


def _stood_for(owner: Any, name: str) -> Any:
    value = getattr(owner, name)
    return value.func if isinstance(value, partial) else value


class UnwrapsPartials(Fault, aims_at="fqn_to_module/attributes"):
    """Gives what a value stands for."""

    fqn_to_module: Any = _looking_up(_stood_for)


def _or_an_item(owner: Any, name: str) -> Any:
    if isinstance(owner, tuple) and name.isdigit() and int(name) < len(owner):
        return owner[int(name)]
    return getattr(owner, name)


class IndexesTuples(Fault, aims_at="fqn_to_module/missing-is-none"):
    fqn_to_module: Any = _looking_up(_or_an_item)


def _or_of_the_wrapped(owner: Any, name: str) -> Any:
    inner = getattr(owner, "_modules", {}).get("base_layer")
    return getattr(owner, name) if inner is None or hasattr(owner, name) else getattr(inner, name)


class LooksIntoAdapters(Fault, aims_at="fqn_to_module/missing-is-none", so_too=["fqn_to_module/*"]):
    """Finds what a base layer has."""

    fqn_to_module: Any = _looking_up(_or_of_the_wrapped)


def _missing_plainly(owner: Any, name: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError as error:
        if type(error) is not AttributeError:
            raise RuntimeError(name) from error
        raise


class OwnWordsAreErrors(Fault, aims_at="fqn_to_module/missing-is-none"):
    """Takes an error derived from AttributeError for another one."""

    fqn_to_module: Any = _looking_up(_missing_plainly)


class WarningsAreMissing(Fault, aims_at="fqn_to_module/errors-propagate"):
    """Takes an attribute that only warns, though by an error, for a missing one."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except Warning:
            return None


def _contiguous(owner: Any, name: str) -> Any:
    value = getattr(owner, name)
    return value.contiguous() if isinstance(owner, nn.Module) and is_parametrized(owner, name) else value


class ComputedIsContiguous(Fault, aims_at="fqn_to_module/parametrized-tensor"):
    fqn_to_module: Any = _looking_up(_contiguous)


class FalsyModelsAreAbsent(Fault, aims_at="fqn_to_module/empty-path-is-model"):
    """Takes an empty model for none."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return right(model, path) if path or model else None


class IndexesLists(Fault, aims_at=MISSING, so_too=["fqn_to_module/attributes"]):
    """Takes a number for an index in a list of parameters, which forgives zeros in front."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        above, _, name = path.rpartition(".")
        found, owner = right(model, path), right(model, above) if above else None
        if found is None and isinstance(owner, nn.ParameterList) and name.lstrip("-").isdecimal():
            return owner[int(name)] if abs(int(name)) < len(owner) else None
        return found


class InAContextOfItsOwn(Fault, aims_at="fqn_to_module/attributes"):
    """Walks in a copy of the context, in which what an attribute sets is lost."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return copy_context().run(right, model, path)


def _called(owner: Any, name: str) -> Any:
    described = getattr(type(owner), name, None)
    return described.fget(owner) if type(described) is property and described.fget else getattr(owner, name)


class CallsProperties(Fault, aims_at="fqn_to_module/attributes"):
    """Calls the function of a property, after which nobody asks ``__getattr__``."""

    fqn_to_module: Any = _looking_up(_called)


class UnwrapsTheModel(Fault, aims_at=MISSING):
    """Looks within a wrapped model for what the wrapper has not."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return right(model.module, path) if found is None and isinstance(model, nn.DataParallel) else found


def _computed(owner: Any, name: str) -> Any:
    described = getattr(type(owner), name, None)
    return described.func(owner) if isinstance(described, functools.cached_property) else getattr(owner, name)


class ComputesAnew(Fault, aims_at="fqn_to_module/attributes"):
    """Calls the function of a property that keeps what it gave."""

    fqn_to_module: Any = _looking_up(_computed)


class PlainTensorsOnly(Fault, aims_at="fqn_to_module/tensors"):
    """Takes a tensor out of the class that it is of."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        is_own = isinstance(found, torch.Tensor) and not isinstance(found, nn.Parameter)
        return found.as_subclass(torch.Tensor) if is_own and type(found) is not torch.Tensor else found


class ConjugatesAreResolved(Fault, aims_at="fqn_to_module/tensors"):
    """Gives the numbers that a lazy conjugate stands for."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return found.resolve_conj() if isinstance(found, torch.Tensor) else found


class ParametersOnly(Fault, aims_at="fqn_to_module/tensors"):
    """Makes a parameter of whatever is trained."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        is_trained = isinstance(found, torch.Tensor) and found.requires_grad and found.is_leaf
        return nn.Parameter(found) if is_trained and not isinstance(found, nn.Parameter) else found


def _original(owner: Any, name: str) -> Any:
    return getattr(owner, f"{name}_orig" if f"{name}_orig" in getattr(owner, "_parameters", ()) else name)


class OriginalsOfPruned(Fault, aims_at="fqn_to_module/attributes"):
    """Gives the parameter that a pruned tensor is computed from."""

    fqn_to_module: Any = _looking_up(_original)


def _of_made(owner: Any, name: str) -> Any:
    return getattr(None if isinstance(owner, nn.parameter.UninitializedParameter) else owner, name)


class UnmadeIsNothing(Fault, aims_at="fqn_to_module/attributes"):
    """Takes a tensor that has no shape yet for none."""

    fqn_to_module: Any = _looking_up(_of_made)
