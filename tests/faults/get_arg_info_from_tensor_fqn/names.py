"""Faults of ``get_arg_info_from_tensor_fqn``."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sparsifier_reference import fqn_to_module
from sparsifier_reference import get_arg_info_from_tensor_fqn as right

from ..base import Fault

IT = "get_arg_info_from_tensor_fqn"


class NotADict(
    Fault, aims_at=f"{IT}/four-keys", so_too=["get_arg_info_from_tensor_fqn/tensor-not-validated", "interface/*"]
):
    """Gives a view that nobody can change."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        return MappingProxyType(right(model, tensor_fqn))


class ATuple(Fault, aims_at=f"{IT}/four-keys", so_too=["interface/*", f"{IT}/*", "interface/parameters"]):
    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        return tuple(right(model, tensor_fqn).values())


class FurtherKey(Fault, aims_at=f"{IT}/four-keys"):
    """Gives the tensor too."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        return {**right(model, tensor_fqn), "tensor": None}


class MissingKey(
    Fault, aims_at=f"{IT}/four-keys", so_too=["get_arg_info_from_tensor_fqn/root-tensor", f"{IT}/splits-at-last-dot"]
):
    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        del info["tensor_fqn"]
        return info


class RemembersTheDict(
    Fault,
    aims_at=f"{IT}/four-keys",
    so_too=["get_arg_info_from_tensor_fqn/module-resolved", "interface/answers-for-now"],
):
    """Gives the same dict again, whatever became of it."""

    get_arg_info_from_tensor_fqn: Any = staticmethod(lru_cache(maxsize=None)(right))


class SplitsAtFirstDot(
    Fault,
    aims_at=f"{IT}/splits-at-last-dot",
    so_too=[f"{IT}/module-resolved", f"{IT}/round-trip-tensor", f"{IT}/degenerate-names"],
):
    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        module_fqn, dot, name = tensor_fqn.partition(".")
        if not dot:
            module_fqn, name = "", module_fqn
        module = fqn_to_module(model, module_fqn)
        return {"module_fqn": module_fqn, "module": module, "tensor_name": name, "tensor_fqn": tensor_fqn}


class KeepsTheDot(Fault, aims_at=f"{IT}/splits-at-last-dot", so_too=[f"{IT}/root-tensor", f"{IT}/degenerate-names"]):
    """Cuts the name off, and not the dot before it."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module_fqn": tensor_fqn[: len(tensor_fqn) - len(info["tensor_name"])]}


class TidiesThePath(Fault, aims_at=f"{IT}/splits-at-last-dot"):
    """Gives the path back without blanks."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        return {**right(model, tensor_fqn), "tensor_fqn": tensor_fqn.replace(" ", "")}


class FqnOfTheTensorAlone(Fault, aims_at=f"{IT}/splits-at-last-dot"):
    """Gives the name where the path is due."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "tensor_fqn": info["tensor_name"]}


class NoModuleAtTheRoot(
    Fault,
    aims_at=f"{IT}/root-tensor",
    so_too=[f"{IT}/module-resolved", f"{IT}/degenerate-names", f"{IT}/round-trip-tensor"],
):
    """Gives None for the model itself."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module": info["module"] if info["module_fqn"] else None}


class CountsOnADot(
    Fault,
    aims_at=f"{IT}/root-tensor",
    so_too=["get_arg_info_from_tensor_fqn/module-resolved", f"{IT}/splits-at-last-dot", f"{IT}/round-trip-tensor"],
):
    """Cuts one character off before the name, a dot or not; so without a dot the path is cut too short at its end."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        module_fqn = tensor_fqn[: -len(info["tensor_name"]) - 1] if "." in tensor_fqn else tensor_fqn[:-1]
        return {**info, "module_fqn": module_fqn, "module": fqn_to_module(model, module_fqn)}


class FirstPathsOnly(Fault, aims_at=f"{IT}/module-resolved"):
    """Knows a shared module by the first of its paths alone."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module": dict(model.named_modules()).get(info["module_fqn"])}


class MissingModuleIsAnError(
    Fault,
    aims_at=f"{IT}/module-resolved",
    so_too=["get_arg_info_from_tensor_fqn/splits-at-last-dot", f"{IT}/degenerate-names", "interface/no-side-effects"],
):
    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        if info["module"] is None:
            raise AttributeError(f"there is no module {info['module_fqn']!r}")
        return info


class MissingTensorIsAnError(
    Fault,
    aims_at=f"{IT}/tensor-not-validated",
    so_too=[
        "get_arg_info_from_tensor_fqn/splits-at-last-dot",
        "interface/*",
        f"{IT}/root-tensor",
        f"{IT}/module-resolved",
        f"{IT}/degenerate-names",
        "interface/no-side-effects",
        "get_arg_info_from_tensor_fqn/splits-at-last-dot",
    ],
):
    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        getattr(info["module"], info["tensor_name"])
        return info


class NoModuleForAMissingTensor(
    Fault,
    aims_at=f"{IT}/tensor-not-validated",
    so_too=["interface/*", f"{IT}/root-tensor", f"{IT}/module-resolved", f"{IT}/degenerate-names"],
):
    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return info if hasattr(info["module"], info["tensor_name"]) else {**info, "module": None}


class StripsDots(Fault, aims_at=f"{IT}/degenerate-names", so_too=["get_arg_info_from_tensor_fqn/splits-at-last-dot"]):
    """Forgives dots at the end."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        return {**right(model, tensor_fqn.rstrip(".")), "tensor_fqn": tensor_fqn}


class EmptyNameCutsNothing(
    Fault, aims_at=f"{IT}/degenerate-names", so_too=["get_arg_info_from_tensor_fqn/splits-at-last-dot"]
):
    """Falls for ``path[:-0]``, which is empty."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return info if info["tensor_name"] else {**info, "module_fqn": "", "module": model}


class SkipsEmptyNames(Fault, aims_at=f"{IT}/degenerate-names", so_too=["get_arg_info_from_tensor_fqn/module-resolved"]):
    """Finds the module of ``a..w`` in spite of the dot too many."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "module": fqn_to_module(model, ".".join(filter(None, info["module_fqn"].split("."))))}


class UnwrapsParametrizations(
    Fault,
    aims_at=f"{IT}/round-trip-tensor",
    so_too=["get_arg_info_from_tensor_fqn/splits-at-last-dot", "get_arg_info_from_tensor_fqn/root-tensor"],
):
    """Gives the module and the name that the user knows a parametrized tensor by."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn.replace("parametrizations.", "").removesuffix(".original"))
        return {**info, "tensor_fqn": tensor_fqn}
