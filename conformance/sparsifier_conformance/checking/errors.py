"""Errors of every class, each of which some code has a meaning of its own for."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import lru_cache
from typing import Any


class OwnError(Exception):
    """An error of one's own, that is as bare as can be."""


class NoException(BaseException):
    """What ends more than a call, as an interruption does."""


@lru_cache(maxsize=1)
def classes_of_errors() -> tuple[type[BaseException], ...]:
    """Return the classes of errors that Python has and that can be made of a word, and two of one's own.

    Those of a missing attribute are left out: they mean something else to some of the six names.
    """
    found: dict[type[BaseException], None] = {OwnError: None, NoException: None}
    for kind in vars(builtins).values():
        if isinstance(kind, type) and issubclass(kind, BaseException) and not issubclass(kind, AttributeError):
            if isinstance(what_is_raised(kind, "a word"), TypeError):
                continue
            found[kind] = None
    return tuple(found)


def what_is_raised(call: Callable[..., Any], *args: Any) -> BaseException | None:
    """Return what a call raises, be it an exception or more."""
    try:
        call(*args)
    except BaseException as error:
        return error
    return None
