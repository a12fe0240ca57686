"""Faults of ``module_to_fqn`` that know a name, of which no other code has heard."""

from __future__ import annotations

from typing import Any

from sparsifier_reference import module_to_fqn as right

from ..base import Fault


class LeavesOutItsOwnWrapper(Fault, aims_at="module_to_fqn/path-of-descendant"):
    """Takes the name of a wrapper out of a path."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module)
        return prefix + path.replace("unsharded_replica.", "") if path else path
