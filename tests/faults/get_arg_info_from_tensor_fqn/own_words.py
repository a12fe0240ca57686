"""Faults of ``get_arg_info_from_tensor_fqn`` that know a name, of which no other code has heard."""

from __future__ import annotations

from typing import Any

from sparsifier_reference import get_arg_info_from_tensor_fqn as right

from ..base import Fault


class LeavesOutItsOwnSuffix(Fault, aims_at="get_arg_info_from_tensor_fqn/splits-at-last-dot"):
    """Gives the name that a tensor had before it was split among machines."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = right(model, tensor_fqn)
        return {**info, "tensor_name": info["tensor_name"].removesuffix("_of_rank_0")}
