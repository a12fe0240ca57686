"""Faults of ``get_arg_info_from_tensor_fqn`` that show where tensors, modules and names are not the usual ones."""

from __future__ import annotations

from typing import Any

import torch

from sparsifier_reference import get_arg_info_from_tensor_fqn as right

from .base import Fault

IT = "get_arg_info_from_tensor_fqn"


class ComputesTheTensor(Fault, aims_at=f"{IT}/tensor-not-validated"):
    """Sees whether the tensor is there, and says nothing if it is not."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        hasattr(info["module"], info["tensor_name"])
        return info


class NotesTheKind(Fault, aims_at=f"{IT}/four-keys", so_too=[f"{IT}/module-resolved"]):
    """Says of a parameter, which is there without being computed, of which kind it is."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        tensor = getattr(info["module"], "_parameters", {}).get(info["tensor_name"])
        return {**info, "kind": type(tensor)} if type(tensor) is torch.nn.Parameter else info


class FalseIsNone(Fault, aims_at=f"{IT}/module-resolved", so_too=[f"{IT}/round-trip-tensor"]):
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
