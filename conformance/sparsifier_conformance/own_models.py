"""Find and build the user's own models, by which an implementation is judged beside the drawn ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from torch import nn

from .checking.models.whole import look_through
from .checking.skips import not_applicable
from .checking.spelling import spelled
from .implementations.describing import why
from .implementations.finding import ImplementationError, imported, split

#: The part of a check's time limit that its model may take to be built.
MOST_OF_LIMIT = 0.1
_FROM_FILE = """\
spec: Any = spec_from_file_location("models", {file})
models: Any = module_from_spec(spec)
sys.path.append(str(Path({file}).parent))
spec.loader.exec_module(models)
{name} = models.{attribute}()"""


class ModelError(Exception):
    """A model cannot be had, or not be judged by; the message, one line, names it, says why, and what to do."""


@dataclass(frozen=True)
class OwnModel:
    """A model of the user's, by what builds it: ``package.module:callable`` or ``path/to/file.py:callable``."""

    where: str

    def __str__(self) -> str:
        return self.where

    def build(self) -> nn.Module:
        """Return the model, built anew, as a check may change it."""
        try:
            return self._built()
        except ModelError as error:  # though it could be built when the run began
            not_applicable(str(error))

    def source(self, name: str) -> str:
        """Return the code that builds the model and calls it ``name``, for a script that can import what this can."""
        place, attribute = split(self.where)
        if place.endswith(".py"):
            return _FROM_FILE.format(file=spelled(Path(place).resolve().as_posix()), name=name, attribute=attribute)
        return f"{name} = import_module({spelled(place)}).{attribute}()"

    def examine(self, limit: float) -> None:
        """Build the model, and find out whether it can be judged by.

        Parameters:
            limit: the time limit of a check, in seconds.

        Raises:
            ModelError: if it cannot; that is the model's fault, and no implementation is to blame.
        """
        before = self._built()  # which may take longer, as the first one imports what the others use
        begin = time.perf_counter()
        model = self._built()
        seconds = time.perf_counter() - begin
        if seconds > MOST_OF_LIMIT * limit:
            raise self._error(
                f"takes {seconds:.1f} s to be built, as each check does; build a smaller one, or on meta, "
                f"or give each check more than {seconds / MOST_OF_LIMIT:.0f} s by --timeout"
            )
        if model is before:
            raise self._error("is the same object each time; its callable must build a new one, as checks change it")
        try:
            look_through(model)
        except Exception as error:
            raise self._error(f"raises an error when it is looked through: {why(error)}") from error

    def _built(self) -> nn.Module:
        builder = _builder(self)
        if (needed := _needed(builder)) is not None:
            raise self._error(f"cannot be built: its callable needs {needed!r}; name one that takes no arguments")
        try:
            model = builder()
        except (Exception, SystemExit) as error:
            raise self._error(f"cannot be built: {why(error)}") from error
        if not isinstance(model, nn.Module):
            raise self._error(
                f"is not a torch.nn.Module: its callable returns an object of type {type(model).__name__}"
            )
        return model

    def _error(self, what: str) -> ModelError:
        return ModelError(f"model {self.where!r} {what}")


def _needed(builder: Callable[..., Any]) -> str | None:
    """Return the first argument that a callable cannot do without, or None if there is none."""
    try:
        parameters = signature(builder).parameters.values()
    except (TypeError, ValueError):  # of what has no signature that Python knows
        return None
    any_number = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return next((each.name for each in parameters if each.default is each.empty and each.kind not in any_number), None)


@cache
def _builder(own: OwnModel) -> Callable[[], Any]:
    """Return what builds a model."""
    try:
        builder = imported(own.where, "model")
    except ImplementationError as error:
        raise ModelError(f"model {error}") from None
    if not split(own.where)[1]:
        raise ModelError(f"model {own.where!r} names no callable; add it: {own.where}:build")
    if isinstance(builder, nn.Module) or not callable(builder):
        kind = type(builder).__name__
        raise ModelError(f"model {own.where!r} is an object of type {kind}, and must be a callable that builds a model")
    return builder  # type: ignore[no-any-return]
