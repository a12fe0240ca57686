"""What is known of an implementation, and of an error that it raises."""

from __future__ import annotations

import inspect
import sys
import traceback
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Found:
    """An implementation and what is known of it.

    ``where`` is how it was named, ``target`` the object with the six names, ``name``, ``version`` and
    ``file`` what it turned out to be.
    """

    where: str
    target: Any
    name: str
    version: str | None
    file: str | None


def describe(where: str, target: Any) -> Found:
    """Return what is known of an implementation.

    Parameters:
        where: how it was named.
        target: the object with the six names.
    """
    module = target if isinstance(target, ModuleType) else sys.modules.get(_text(target, "__module__") or "")
    name = _text(target, "__name__") or f"an object of type {type(target).__qualname__}"
    if module is not None and module is not target:
        name = f"{module.__name__}:{_text(target, '__qualname__') or name}"
    try:
        file = inspect.getfile(target if module is None else module)
    except (TypeError, OSError):
        file = None
    if name.startswith("sparsifier_implementation_"):
        name = where
    return Found(where, target, name, _version(module), file)


def _version(module: ModuleType | None) -> str | None:
    """Give the version of the distribution that a module came with, if it came with one."""
    if module is None or module.__name__.startswith("sparsifier_implementation_"):
        return None
    package = module.__name__.partition(".")[0]
    version = _text(sys.modules.get(package), "__version__")
    if version is not None:
        return version
    for distribution in metadata.packages_distributions().get(package, []):
        return metadata.version(distribution)
    return None


def _text(target: Any, name: str) -> str | None:
    """Give an attribute if it is text: an implementation may be any object."""
    try:
        value = getattr(target, name, None)
    except Exception:
        return None
    return str(value) if isinstance(value, str) else None


def why(error: BaseException) -> str:
    """Return an error in one line: its class, what it says, and where it was raised."""
    return f"{type(error).__name__}: {_first_line(error)} ({place(error)})"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:300]


def place(error: BaseException) -> str:
    """Return the file and line where an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else "no place known"
