"""Faults of ``fqn_to_module``."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from sparsifier_reference import fqn_to_module as right

from ..base import Fault

BOTH_WAYS = "fqn_to_module/round-trip-*"


class EmptyPathIsNone(Fault, aims_at="fqn_to_module/empty-path-is-model", so_too=[BOTH_WAYS]):
    """Takes an empty path for no path."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return right(model, path) if path else None


class SplitsTheEmptyPath(Fault, aims_at="fqn_to_module/empty-path-is-model", so_too=[BOTH_WAYS]):
    """Forgets that ``"".split(".")`` is one empty name."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return right(model, path) if path else getattr(model, path, None)


class EmptyPathByIdentity(Fault, aims_at="fqn_to_module/empty-path-is-model"):
    """``is`` in place of ``==``, which mostly works."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        empty = "".join([])
        return model if path is empty else right(model, path) if path else None


class NoModelIsAnError(Fault, aims_at="fqn_to_module/empty-path-is-model"):
    """Looks at the model before the path."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        if not isinstance(model, nn.Module):
            raise TypeError(f"{model!r} is no module")
        return right(model, path)


class FirstLevelOnly(
    Fault,
    aims_at="fqn_to_module/submodules",
    so_too=[
        "get_arg_info_from_tensor_fqn/module-resolved",
        "interface/*",
        "fqn_to_module/tensors",
        "fqn_to_module/attributes",
        "fqn_to_module/missing-is-none",
        "fqn_to_module/parametrized-tensor",
        "fqn_to_module/errors-propagate",
        BOTH_WAYS,
    ],
):
    """Looks the whole path up among the children."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return getattr(model, path, None) if path else model


class IdentifiersOnly(Fault, aims_at="fqn_to_module/submodules", so_too=["interface/*", "fqn_to_module/*"]):
    """Takes an index in a list, or a key with a blank, for a mistake."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return right(model, path) if all(name.isidentifier() for name in path.split(".") if path) else None


class FirstPathsOnly(Fault, aims_at="fqn_to_module/submodules", so_too=["fqn_to_module/attributes"]):
    """Knows a shared module by the first of its paths alone."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        if model is None or not isinstance(found, nn.Module):
            return found
        return dict(model.named_modules()).get(path)


class CopiesTensors(
    Fault, aims_at="fqn_to_module/tensors", so_too=["fqn_to_module/parametrized-tensor", "fqn_to_module/attributes"]
):
    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return found.detach().clone() if isinstance(found, torch.Tensor) else found


class DetachesTensors(
    Fault, aims_at="fqn_to_module/tensors", so_too=["fqn_to_module/parametrized-tensor", "fqn_to_module/attributes"]
):
    """Gives ``.data``, which shares memory but is another tensor."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return found.data if isinstance(found, torch.Tensor) else found


class ForgetsBuffers(Fault, aims_at="fqn_to_module/tensors", so_too=["fqn_to_module/attributes"]):
    """Knows modules, parameters and plain attributes."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        owner = right(model, path.rpartition(".")[0])
        is_buffer = isinstance(owner, nn.Module) and any(each is found for each in owner._buffers.values())
        return None if is_buffer and found is not None else found


class RegisteredNamesOnly(
    Fault,
    aims_at="fqn_to_module/attributes",
    so_too=[
        "get_arg_info_from_tensor_fqn/module-resolved",
        "fqn_to_module/missing-is-none",
        "fqn_to_module/empty-path-is-model",
        "fqn_to_module/parametrized-tensor",
        "fqn_to_module/errors-propagate",
        "fqn_to_module/submodules",
    ],
):
    """Gives modules and tensors, and nothing else."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        if model is None:
            return None
        registered = {**dict(model.named_parameters(remove_duplicate=False)), **dict(model.named_buffers())}
        return {**registered, **dict(model.named_modules(remove_duplicate=False))}.get(path)


class ModulesOnTheWay(
    Fault,
    aims_at="fqn_to_module/attributes",
    so_too=["get_arg_info_from_tensor_fqn/module-resolved", "fqn_to_module/errors-propagate"],
):
    """Goes through modules alone: what is no module has no names below it."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        above = path.rpartition(".")[0]
        return right(model, path) if not above or isinstance(right(model, above), nn.Module) else None


class OwnAttributesOnly(
    Fault,
    aims_at="fqn_to_module/attributes",
    so_too=[
        "get_arg_info_from_tensor_fqn/module-resolved",
        "fqn_to_module/missing-is-none",
        "fqn_to_module/parametrized-tensor",
        "fqn_to_module/errors-propagate",
    ],
):
    """Reads the dicts of an object, so that properties and methods are missing."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        for name in path.split(".") if path else ():
            dicts = [getattr(model, each, {}) for each in ("__dict__", "_modules", "_parameters", "_buffers")]
            model = next((each[name] for each in dicts if name in each), None)
        return model


class OriginalOfParametrized(
    Fault,
    aims_at="fqn_to_module/parametrized-tensor",
    so_too=["fqn_to_module/attributes", "fqn_to_module/errors-propagate"],
):
    """Gives the tensor that is stored."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        above, _, name = path.rpartition(".")
        chains = getattr(right(model, above), "parametrizations", None)
        return chains[name].original if isinstance(chains, nn.ModuleDict) and name in chains else right(model, path)


class HidesParametrizations(
    Fault, aims_at="fqn_to_module/round-trip-module", so_too=["fqn_to_module/round-trip-name", "fqn_to_module/tensors"]
):
    """Takes the modules of parametrizations for an implementation detail."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return None if "parametrizations" in path.split(".") else right(model, path)


class WrapsLists(
    Fault,
    aims_at="fqn_to_module/round-trip-name",
    so_too=[
        "fqn_to_module/submodules",
        "fqn_to_module/round-trip-module",
    ],
):
    """Gives a copy of a list, so that nobody changes the model through it."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return nn.ModuleList(found) if path and type(found) is nn.ModuleList else found
