"""Faults of ``fqn_to_module`` that do something else than attribute access does, or not to the end of a path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_reference import fqn_to_module as right

from ..base import Fault

ATTRIBUTES = "fqn_to_module/attributes"
#: Of a module, by the name and whether it is the first or the last one: what is taken, or what attribute access gives.
Step = Callable[[Any, str, bool, bool], Any]


def _by_steps(step: Step) -> Any:
    def fqn_to_module(model: Any, path: str) -> Any:
        names = path.split(".") if path else []
        try:
            for index, name in enumerate(names):
                model = step(model, name, index == 0, index == len(names) - 1)
        except AttributeError:
            return None
        return model

    return staticmethod(fqn_to_module)


def _from(found: Any, name: str, *kept: str) -> Any:
    """Look in dicts of a module, and then at what attribute access gives."""
    for each in kept if isinstance(found, nn.Module) and not isinstance(found, torch.jit.ScriptModule) else ():
        if getattr(found, each).get(name) is not None:
            return getattr(found, each)[name]
    return getattr(found, name)


class ChildrenFirst(Fault, aims_at=ATTRIBUTES):
    """Takes what is registered, for which ``getattr`` is slow."""

    fqn_to_module = _by_steps(lambda found, name, first, last: _from(found, name, "_modules"))


class ParametersFirst(Fault, aims_at=ATTRIBUTES):
    fqn_to_module = _by_steps(lambda found, name, first, last: _from(found, name, "_parameters"))


class BuffersLastFirst(Fault, aims_at=ATTRIBUTES):
    """Knows that what a path ends with is a tensor."""

    fqn_to_module = _by_steps(lambda found, name, first, last: _from(found, name, *(["_buffers"] if last else [])))


class ChildrenOfTheModelFirst(Fault, aims_at=ATTRIBUTES):
    """Begins among the model's own children."""

    fqn_to_module = _by_steps(lambda found, name, first, last: _from(found, name, *(["_modules"] if first else [])))


class OwnDictFirst(Fault, aims_at=ATTRIBUTES):
    """Takes what an object keeps in its dict, and lets its class have no say."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: (
            vars(found)[name] if name in getattr(found, "__dict__", ()) else getattr(found, name)
        )
    )


class AsksAgain(Fault, aims_at=ATTRIBUTES):
    """Asks a second time where there seems to be nothing."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return right(model, path) if found is None else found


class WithoutTheGraph(Fault, aims_at=ATTRIBUTES):
    """Reads what a tensor has from its data."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: getattr(
            found.data if isinstance(found, torch.Tensor) and name == "T" else found, name
        )
    )


class ClassBeforeParametrization(Fault, aims_at=ATTRIBUTES):
    """Gives the class that the user knows."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: (
            parametrize.type_before_parametrizations(found)
            if name == "__class__" and isinstance(found, nn.Module)
            else getattr(found, name)
        )
    )


def _followed(found: Any, names: list[str]) -> Any:
    return _followed(getattr(found, names[0]), names[1:]) if names else found


class CallsItself(Fault, aims_at="fqn_to_module/submodules"):
    """Calls itself for each name."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return _followed(model, path.split(".") if path else [])
        except AttributeError:
            return None


class EndsInCircles(Fault, aims_at="fqn_to_module/submodules"):
    """Gives nothing for a path that comes back to a module."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        at, passed = model, {id(model)}
        for name in path.split(".")[:8] if path else ():
            at = at._modules.get(name) if type(at) is nn.Module else None
            if at is not None and id(at) in passed:
                return None
            passed.add(id(at))
        return right(model, path)


class OriginalsAreComputed(Fault, aims_at="fqn_to_module/tensors", so_too=["fqn_to_module/missing-is-none"]):
    """Gives the tensor as the module has it, whichever of its names is given."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        names = path.split(".")
        if names[-1] == "original" and names[-3:-2] == ["parametrizations"]:
            return right(model, ".".join([*names[:-3], names[-2]]))
        return right(model, path)


class NamesWithDots(Fault, aims_at="fqn_to_module/missing-is-none"):
    """Tries the whole of a path as the name of an attribute."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return getattr(model, "__dict__", {}).get(path) if found is None else found


class DigitsOfAnyScript(Fault, aims_at="fqn_to_module/missing-is-none", so_too=["fqn_to_module/*"]):
    """Reads numbers whichever way they are written."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: getattr(
            found, str(int(name)) if name.isdecimal() and not name.isascii() else name
        )
    )


class FailsOnOthersFaults(Fault, aims_at="fqn_to_module/missing-is-none"):
    """Lets an AttributeError through that is about another attribute than the path's."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        names = path.split(".") if path else []
        try:
            for name in names:
                model = getattr(model, name)
        except AttributeError as error:
            if getattr(error, "name", None) is not None and error.name not in names:
                raise
            return None
        return model


class KeysAreNames(Fault, aims_at="fqn_to_module/errors-propagate"):
    """Takes a KeyError about a name of the path for a name that is missing."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except KeyError as error:
            if error.args[0] in path.split("."):
                return None
            raise


def _by_key(found: Any, name: str) -> Any:
    return found[name] if isinstance(found, nn.ModuleDict) and name in found else getattr(found, name)


class ReadsDictsByKey(Fault, aims_at=ATTRIBUTES):
    """Takes what a dict of modules has under a key."""

    fqn_to_module = _by_steps(lambda found, name, first, last: _by_key(found, name))
