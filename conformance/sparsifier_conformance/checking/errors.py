"""Errors of every class, each of which some code has a meaning of its own for."""

from __future__ import annotations

import builtins
from functools import lru_cache
from typing import Any

import torch

from .comparing import error_of


class OwnError(Exception):
    """An error of one's own, that is as bare as can be."""


class UnspeakableError(Exception):
    """An error that can be raised, and no more: to show it, compare it or ask whether it is true raises another one."""

    def __str__(self) -> str:
        raise RuntimeError("an error was asked for more than to be raised")

    __repr__ = __str__

    def __bool__(self) -> bool:
        return bool(str(self))

    def __eq__(self, other: object) -> bool:
        return bool(str(self))

    def __hash__(self) -> int:
        return len(str(self))


class NoException(BaseException):
    """What ends more than a call, as an interruption does."""


def group_of(kind: type[Exception], groups: Any) -> type[BaseException]:
    """Make a class of groups of one error each, which ``except*`` takes for that error, and ``except`` does not."""

    def made(cls: Any, message: str) -> Any:
        return groups.__new__(cls, message, [kind(message)])

    return type("Group", (groups,), {"__new__": made})


@lru_cache(maxsize=1)
def classes_of_errors() -> tuple[type[BaseException], ...]:
    """Return the classes of errors that Python and torch have and that can be made of a word, and some of one's own.

    Those of a missing attribute are left out: they mean something else to some of the six names.
    """
    found: dict[type[BaseException], None] = {OwnError: None, UnspeakableError: None, NoException: None}
    if hasattr(builtins, "ExceptionGroup"):  # not before Python 3.11
        found[group_of(AttributeError, builtins.ExceptionGroup)] = None
    for kind in (*vars(builtins).values(), *vars(torch).values()):
        if isinstance(kind, type) and issubclass(kind, BaseException) and not issubclass(kind, AttributeError):
            if isinstance(error_of(kind, "a word", kind=BaseException), TypeError):
                continue
            found[kind] = None
    return tuple(found)
