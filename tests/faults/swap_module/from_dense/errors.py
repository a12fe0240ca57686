"""Faults of what ``swap_module`` does with errors, and with the mapping."""

from __future__ import annotations

from typing import Any

from torch.nn.utils.parametrize import type_before_parametrizations

from sparsifier_reference import swap_module as right

from ...base import Fault

IT = "swap_module"


class FailureIsUnmapped(Fault, aims_at=f"{IT}/from-dense-errors-propagate"):
    """Gives the old module back where ``from_dense`` fails."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        try:
            return right(mod, mapping)
        except (AttributeError, ValueError):
            return mod


class RaisesItsOwnError(
    Fault,
    aims_at=f"{IT}/from-dense-errors-propagate",
    so_too=[f"{IT}/mixed-devices-rejected", f"{IT}/rejected-under-O"],
):
    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        try:
            return right(mod, mapping)
        except Exception as error:
            raise RuntimeError(f"{type(mod).__name__} cannot be swapped") from error


class MissingFromDenseIsATypeError(Fault, aims_at=f"{IT}/from-dense-errors-propagate"):
    """Checks the mapping with an error of its own."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        if not all(hasattr(target, "from_dense") for target in mapping.values()):
            raise TypeError("what is mapped to needs from_dense")
        return right(mod, mapping)


class UsesUpTheMapping(
    Fault,
    aims_at=f"{IT}/mapping-unchanged",
    so_too=[
        "swap_module/forward-pre-hooks-in-order",
        "swap_module/forward-hooks-in-order",
        f"{IT}/from-dense-result",
        "interface/answers-for-now",
        "interface/threads",
        f"{IT}/unmapped-is-same-object",
    ],
):
    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = right(mod, mapping)
        mapping.pop(type_before_parametrizations(mod), None)
        return result


class WritesDefaults(
    Fault,
    aims_at=f"{IT}/mapping-unchanged",
    so_too=[
        f"{IT}/from-dense-result",
        "interface/answers-for-now",
        f"{IT}/from-dense-errors-propagate",
        f"{IT}/unmapped-is-same-object",
    ],
):
    """``setdefault`` in place of ``get``."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        return mod if mapping.setdefault(type_before_parametrizations(mod), None) is None else right(mod, mapping)


class InterruptedIsUnmapped(Fault, aims_at=f"{IT}/from-dense-errors-propagate"):
    """Gives the old module back where someone interrupts."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        try:
            return right(mod, mapping)
        except KeyboardInterrupt:
            return mod


class TriesAgain(Fault, aims_at=f"{IT}/from-dense-errors-propagate"):
    """Calls ``from_dense`` once more if torch has failed in it."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        try:
            return right(mod, mapping)
        except RuntimeError:
            return right(mod, mapping)


class ExplainsWrongSignatures(Fault, aims_at=f"{IT}/from-dense-errors-propagate"):
    """Says in its own words that ``from_dense`` takes other arguments."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        try:
            return right(mod, mapping)
        except TypeError as error:
            if "argument" in str(error):
                raise TypeError("from_dense takes one module") from error
            raise


class AbstractHasNone(Fault, aims_at=f"{IT}/from-dense-errors-propagate"):
    """Takes a class of which nothing can be made for one without ``from_dense``."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        try:
            return right(mod, mapping)
        except TypeError as error:
            if "abstract class" in str(error):
                raise AttributeError("an abstract class has no from_dense") from error
            raise
