"""Errors of every class, each of which some code has a meaning of its own for."""

from __future__ import annotations

import builtins
from functools import lru_cache

from .comparing import error_of


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
            if isinstance(error_of(kind, "a word", kind=BaseException), TypeError):
                continue
            found[kind] = None
    return tuple(found)
