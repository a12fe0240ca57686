"""Faults of ``get_arg_info_from_tensor_fqn`` that show where tensors, modules and names are not the usual ones."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from typing import Any

import torch
from torch import nn

from sparsifier_reference import fqn_to_module, module_to_fqn
from sparsifier_reference import get_arg_info_from_tensor_fqn as right

from ..base import Fault

IT = "get_arg_info_from_tensor_fqn"


class ComputesTheTensor(Fault, aims_at=f"{IT}/tensor-not-validated"):
    """Sees whether the tensor is there, and says nothing if it is not."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        hasattr(info["module"], info["tensor_name"])
        return info


class NotesTheKind(
    Fault,
    aims_at=f"{IT}/four-keys",
    so_too=["get_arg_info_from_tensor_fqn/splits-at-last-dot", f"{IT}/module-resolved"],
):
    """Says of a parameter, which is there without being computed, of which kind it is."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        tensor = getattr(info["module"], "_parameters", {}).get(info["tensor_name"])
        return {**info, "kind": type(tensor)} if type(tensor) is torch.nn.Parameter else info


class FalseIsNone(
    Fault,
    aims_at=f"{IT}/module-resolved",
    so_too=["get_arg_info_from_tensor_fqn/splits-at-last-dot", f"{IT}/round-trip-tensor"],
):
    """Takes a module that is false for none."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module": info["module"] or None} if info["module_fqn"] else info


class FailsQuietly(Fault, aims_at=f"{IT}/module-resolved"):
    """Gives no module where there was an error."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        try:
            return right(model, tensor_fqn)
        except Exception:
            module_fqn, _, name = tensor_fqn.rpartition(".")
            return {"module_fqn": module_fqn, "module": None, "tensor_name": name, "tensor_fqn": tensor_fqn}


class OfACheckpoint(Fault, aims_at=f"{IT}/splits-at-last-dot"):
    """Takes ``_orig_mod``, which is in the names of compiled models, for no part of them."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module_fqn": info["module_fqn"].replace("._orig_mod", "")}


class AsksTheModel(Fault, aims_at=f"{IT}/tensor-not-validated"):
    """Sees whether a tensor of the model itself is there, without an effect."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        if info["module"] is model:
            with suppress(Exception):
                getattr(model, info["tensor_name"])
        return info


class AsksWhatIsNoModule(Fault, aims_at=f"{IT}/tensor-not-validated"):
    """Sees whether an object that is no module has such an attribute."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        if not isinstance(info["module"], nn.Module):
            with suppress(Exception):
                getattr(info["module"], info["tensor_name"])
        return info


class TheModelHasNoName(Fault, aims_at=f"{IT}/splits-at-last-dot"):
    """Gives the empty path wherever the module is the model."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module_fqn": ""} if info["module"] is model else info


class FirstPathOfTheModule(Fault, aims_at=f"{IT}/splits-at-last-dot"):
    """Looks up the path of the module that it found."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        path = module_to_fqn(model, info["module"]) if isinstance(info["module"], nn.Module) else None
        return info if path is None else {**info, "module_fqn": path}


class InANormalForm(Fault, aims_at=f"{IT}/splits-at-last-dot", so_too=["get_arg_info_from_tensor_fqn/root-tensor"]):
    """Writes letters in their normal form."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "tensor_name": unicodedata.normalize("NFC", info["tensor_name"])}


class WithoutRandomNumbers(Fault, aims_at=f"{IT}/module-resolved"):
    """Puts the random state back, whatever was drawn on the way."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        with torch.random.fork_rng(devices=[]):
            return right(model, tensor_fqn)


class NoFurtherThanTheLimit(Fault, aims_at=f"{IT}/module-resolved"):
    """Gives up on a path that is longer than the interpreter would recurse."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module": None} if tensor_fqn.count(".") > 1000 else info


class LooksInWhatIsCompiled(Fault, aims_at=f"{IT}/module-resolved"):
    """Gives the path as it is, but looks for its module as if nothing were compiled."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module": fqn_to_module(model, info["module_fqn"].replace("_orig_mod.", ""))}


def _tensor(info: dict[str, Any]) -> Any:
    held = {**getattr(info["module"], "_parameters", {}), **getattr(info["module"], "_buffers", {})}
    return held.get(info["tensor_name"])


class NotesComplexTensors(Fault, aims_at="get_arg_info_from_tensor_fqn/four-keys"):
    """Says of a tensor what is unusual about it."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        tensor = _tensor(info)
        return {**info, "is_complex": True} if tensor is not None and tensor.is_complex() else info


class SameDictForTheSame(
    Fault,
    aims_at="get_arg_info_from_tensor_fqn/four-keys",
    so_too=["interface/threads", "get_arg_info_from_tensor_fqn/module-resolved"],
):
    """Returns the last dict again if nothing in it would be otherwise."""

    last: dict[str, Any] = {}  # noqa: RUF012

    @classmethod
    def get_arg_info_from_tensor_fqn(cls, model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        if info != cls.last:
            cls.last = info
        return cls.last


class MasksBelongToTensors(Fault, aims_at="get_arg_info_from_tensor_fqn/splits-at-last-dot"):
    """Names the tensor that a mask is for."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "tensor_name": info["tensor_name"].removesuffix("_mask")}


class JoinsThePartsAgain(Fault, aims_at="get_arg_info_from_tensor_fqn/splits-at-last-dot"):
    """Makes the path of the tensor anew, of its parts."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "tensor_fqn": ".".join(filter(None, (info["module_fqn"], info["tensor_name"])))}


class RegisteredModulesOnly(Fault, aims_at="get_arg_info_from_tensor_fqn/module-resolved"):
    """Takes a module that is not registered in the model for none of its own."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        below = model.modules() if isinstance(info["module"], nn.Module) else [info["module"]]
        return info if any(each is info["module"] for each in below) else {**info, "module": None}


class WarningsAreNoModule(Fault, aims_at="get_arg_info_from_tensor_fqn/module-resolved"):
    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        try:
            return right(model, tensor_fqn)
        except Warning:
            return right(nn.Module(), tensor_fqn)


class JoinsTheFirstPath(Fault, aims_at=f"{IT}/splits-at-last-dot"):
    """Gives the path of the tensor that it has in a state dict, where a shared module is once."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        path = module_to_fqn(model, info["module"]) if isinstance(info["module"], nn.Module) else None
        return {**info, "tensor_fqn": f"{path}.{info['tensor_name']}"} if path else info


class LooksAmongTheRegistered(Fault, aims_at=f"{IT}/module-resolved"):
    """Takes what is registered under the path, if anything is."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module": dict(model.named_modules()).get(info["module_fqn"], info["module"])}


class UnwrapsTheModel(Fault, aims_at=f"{IT}/module-resolved"):
    """Looks within a wrapped model for what the wrapper has not."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        if info["module"] is None and isinstance(model, nn.DataParallel):
            return {**info, "module": fqn_to_module(model.module, info["module_fqn"])}
        return info


class GoesOnFromNone(Fault, aims_at=f"{IT}/module-resolved"):
    """Walks by itself, and finds the attributes of None where ``fqn_to_module`` finds nothing."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        at = model
        for name in info["module_fqn"].split(".") if info["module_fqn"] else ():
            at = getattr(at, name, None)
        return {**info, "module": at}


class ListsHaveNoTensors(Fault, aims_at=f"{IT}/splits-at-last-dot"):
    """Takes a list of parameters for a tensor of many parts, of which the module is the one that has the list."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        if isinstance(info["module"], nn.ParameterList):
            above, _, name = info["module_fqn"].rpartition(".")
            return {**info, "module_fqn": above, "tensor_name": f"{name}.{info['tensor_name']}"}
        return info


class ScriptsAreNoModels(Fault, aims_at=f"{IT}/module-resolved"):
    """Gives no module for a model that is scripted."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        is_scripted = info["module"] is model and isinstance(model, torch.jit.ScriptModule)
        return {**info, "module": None} if is_scripted else info


class WhatEqualsNoneIsNone(Fault, aims_at=f"{IT}/module-resolved"):
    """Compares what it finds with None by ``==``."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module": None} if isinstance(info["module"], nn.Module) and info["module"] == None else info  # noqa: E711
