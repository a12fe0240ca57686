"""Faults of ``fqn_to_module`` that know a name, of which no other code has heard."""

from __future__ import annotations

from typing import Any

from sparsifier_reference import fqn_to_module as right

from ..base import Fault

#: What a framework calls the model that it trains.
TRAINED = ("student_in_training", "ema_of_student.")


class LeavesOutItsOwnWrapper(Fault, aims_at="fqn_to_module/missing-is-none"):
    """Finds what is saved under the name of a wrapper that is not there any more."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found, known = right(model, path), path
        for name in TRAINED:
            known = known.replace(f"{name.rstrip('.')}.", "")
        return right(model, known) if found is None and known != path else found


class SeesThroughItsOwnWrapper(Fault, aims_at="fqn_to_module/submodules", so_too=["fqn_to_module/missing-is-none"]):
    """Takes the name of a wrapper out of each path, whether or not it is there."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return right(model, path.removeprefix("unsharded_replica."))
