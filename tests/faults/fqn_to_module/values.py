"""Faults of ``fqn_to_module`` that look at what lies on the way, or at an error, where these are to be handed on."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import torch
from torch import nn

from sparsifier_reference import fqn_to_module as right

from ..base import Fault
from .access import _by_steps

ATTRIBUTES = "fqn_to_module/attributes"

#: What has a length and is no plain value.
_OTHERS = (nn.Module, torch.Tensor)


class EmptyIsTheEnd(Fault, aims_at=ATTRIBUTES):
    """Finds nothing in what is empty, not even its methods."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: getattr(
            None if isinstance(found, Sized) and not isinstance(found, _OTHERS) and len(found) == 0 else found, name
        )
    )


def _kept_or_asked(found: Any, name: str) -> Any:
    is_plain = not isinstance(found, (nn.Module, torch.Tensor, type))
    return vars(found)[name] if is_plain and name in getattr(found, "__dict__", ()) else getattr(found, name)


class DictOfAnObjectFirst(Fault, aims_at=ATTRIBUTES):
    """Spares properties where the object has something in its dict, unless it is a module."""

    fqn_to_module = _by_steps(lambda found, name, first, last: _kept_or_asked(found, name))


class DictOfAClassFirst(Fault, aims_at=ATTRIBUTES):
    """Takes what stands in a class, of which its own class has no say."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: (
            vars(found)[name]
            if isinstance(found, type) and not name.startswith("__") and name in vars(found)
            else getattr(found, name)
        )
    )


class SaysWhatWentWrong(Fault, aims_at="fqn_to_module/errors-propagate"):
    """Puts an error into words, for a log, as if every error had words."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except Exception as error:
            _ = f"{path}: {error}"
            raise


class TrueErrorsOnly(Fault, aims_at="fqn_to_module/errors-propagate"):
    """Asks an error whether it is one by whether it is true."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found, caught = None, None
        try:
            found = right(model, path)
        except BaseException as error:
            caught = error
        if caught:
            raise caught
        return found


class ReadsWhatIsMissing(Fault, aims_at="fqn_to_module/missing-is-none"):
    """Tells by the words of an AttributeError whether it is about this name."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        for name in path.split(".") if path else ():
            try:
                model = getattr(model, name)
            except AttributeError as error:
                _ = f"no {name}: {error}"
                return None
        return model


class TensorsHaveWhatTorchGaveThem(Fault, aims_at=ATTRIBUTES):
    """Finds on a tensor the attributes of its class alone."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: getattr(
            None if isinstance(found, torch.Tensor) and not hasattr(type(found), name) else found, name
        )
    )


def _is_registered_as_none(found: Any, name: str) -> bool:
    parameters = found._parameters if isinstance(found, nn.Module) else {}
    return isinstance(parameters, dict) and name in parameters and parameters[name] is None


class NothingIsRegistered(Fault, aims_at=ATTRIBUTES):
    """Takes a name under which None is registered for one that has nothing else."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: None if _is_registered_as_none(found, name) else getattr(found, name)
    )
