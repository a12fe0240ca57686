"""Faults of what ``fqn_to_module`` takes for missing, and of what it does with errors."""

from __future__ import annotations

from typing import Any

from torch import nn

from sparsifier_reference import fqn_to_module as right

from ..base import Fault


class EqualToMissing(Fault, aims_at="fqn_to_module/attributes", so_too=["fqn_to_module/errors-propagate"]):
    """Compares what it finds with what stands for nothing by ``==``."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        nothing = object()
        for name in path.split(".") if path else ():
            model = getattr(model, name, nothing)
            if model == nothing:
                return None
        return model


class MissingIsAnError(
    Fault,
    aims_at="fqn_to_module/missing-is-none",
    so_too=[*("interface/no-side-effects", "fqn_to_module/nothing-beyond-missing", "fqn_to_module/submodules")],
):
    """Lets AttributeError through."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        for name in path.split(".") if path else ():
            model = getattr(model, name)
        return model


class SkipsEmptyNames(Fault, aims_at="fqn_to_module/missing-is-none", so_too=["fqn_to_module/nothing-beyond-missing"]):
    """Forgives dots that are too many."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return right(model, ".".join(filter(None, path.split("."))))


class StripsDots(Fault, aims_at="fqn_to_module/missing-is-none", so_too=["fqn_to_module/nothing-beyond-missing"]):
    """Forgives dots at either end."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return right(model, path.strip("."))


class CountsFromTheEnd(
    Fault, aims_at="fqn_to_module/missing-is-none", so_too=["fqn_to_module/*tensor*", "fqn_to_module/attributes"]
):
    """Takes numbers for indices, negative ones too."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        for name in path.split(".") if path else ():
            if isinstance(model, (nn.Sequential, nn.ModuleList)) and name.startswith("-") and name[1:].isdecimal():
                model = ([None] * int(name[1:]) + [*model])[int(name)]
            elif not hasattr(model, name):
                return None
            else:
                model = getattr(model, name)
        return model


class MissingIsFalse(
    Fault,
    aims_at="fqn_to_module/missing-is-none",
    so_too=[
        *("fqn_to_module/nothing-beyond-missing", "fqn_to_module/attributes", "fqn_to_module/submodules"),
        *("interface/answers-for-now", "get_arg_info_from_tensor_fqn/module-resolved"),
    ],
):
    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return False if found is None and path else found


class LastFoundForMissing(
    Fault,
    aims_at="fqn_to_module/missing-is-none",
    so_too=[
        *("fqn_to_module/nothing-beyond-missing", "fqn_to_module/attributes", "fqn_to_module/submodules"),
        *("interface/answers-for-now", "get_arg_info_from_tensor_fqn/module-resolved"),
    ],
):
    """Gives what it reached before a name was missing."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        for name in path.split(".") if path else ():
            if not hasattr(model, name):
                break
            model = getattr(model, name)
        return model


class SwallowsErrors(Fault, aims_at="fqn_to_module/errors-propagate"):
    """``except Exception``."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except Exception:
            return None


class RaisesItsOwnError(Fault, aims_at="fqn_to_module/errors-propagate"):
    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except Exception as error:
            raise RuntimeError(f"{path} cannot be looked up") from error


class GoesOnFromNone(
    Fault,
    aims_at="fqn_to_module/nothing-beyond-missing",
    so_too=["get_arg_info_from_tensor_fqn/module-resolved"],
):
    """Asks None for what follows, as torch does."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        for name in path.split(".") if path else ():
            model = getattr(model, name, None)
        return model


class TriesAgain(Fault, aims_at="fqn_to_module/attributes"):
    """Asks once more after an error that may pass."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except RuntimeError:
            return right(model, path)


class ClosedIsMissing(Fault, aims_at="fqn_to_module/errors-propagate"):
    """Takes what ends a generator for the end of the path."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        try:
            return right(model, path)
        except GeneratorExit:
            return None


class OtherErrorsAreBehindIt(Fault, aims_at="fqn_to_module/missing-is-none"):
    """Takes an AttributeError that another error caused for that one."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = model
        for name in path.split(".") if path else ():
            try:
                found = getattr(found, name)
            except AttributeError as error:
                if error.__cause__ is not None:
                    raise
                return None
        return found


class FirstOriginal(Fault, aims_at="fqn_to_module/missing-is-none"):
    """Knows that a tensor that is computed of several has an original, too."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return right(model, f"{path}0") if found is None and path.endswith(".original") else found


class ComparesWithNone(Fault, aims_at="fqn_to_module/submodules", so_too=["get_arg_info_from_tensor_fqn/*"]):
    """Asks what it found whether it is None."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = right(model, path)
        return None if isinstance(found, nn.Module) and found == None else found  # noqa: E711
