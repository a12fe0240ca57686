"""Words that stand in the code of an implementation, each of which may be a name with a meaning of its own there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from types import CodeType, FunctionType, MethodType
from typing import Any

from torch import nn

#: More than code has that looks names up: what has more is not looked through to its end.
MOST_TEXTS = 5000
MOST_WORDS = 200


def words_of(thing: Any) -> list[str]:
    """List the words in the code of a function or class, and in what it reads that stands beside it.

    A word is a name, or a few names joined by dots: neither a message nor a docstring.
    """
    words = {text.strip(".") for text in islice(_texts(thing, {}), MOST_TEXTS)}
    return sorted(word for word in words if re.fullmatch(r"[^\s.]{1,60}(\.[^\s.]{1,60}){0,3}", word))[:MOST_WORDS]


def _texts(thing: Any, met: dict[int, Any]) -> Iterator[str]:
    """Give the texts in code, and in what it has: constants, names of attributes, globals that it reads."""
    if type(thing) is str:
        yield thing
    elif thing is not None and id(thing) not in met:
        met[id(thing)] = thing  # kept, so that nothing else gets its id
        for each in _parts(thing):
            yield from _texts(each, met)


def _parts(thing: Any) -> list[Any]:
    if type(thing) in (tuple, list, set, frozenset):
        return list(thing)
    if type(thing) is dict:
        return [*thing, *thing.values()]
    if isinstance(thing, CodeType):
        return [*thing.co_consts, *thing.co_names]
    if isinstance(thing, FunctionType):
        read = [thing.__globals__.get(name) for name in _names_in(thing.__code__)]
        beside = [each for each in read if _stands_in(thing.__module__, each)]
        return [thing.__code__, thing.__defaults__, thing.__kwdefaults__, *vars(thing).values(), *beside, *_kept(thing)]
    if isinstance(thing, type):
        return [value for name, value in vars(thing).items() if name not in ("__doc__", "__module__")]
    if isinstance(thing, (MethodType, staticmethod, classmethod)):
        return [thing.__func__]
    if isinstance(thing, partial):
        return [thing.func, thing.args, thing.keywords]
    return [vars(type(thing)).get("__call__"), _wrapped_by(thing)] if callable(thing) else []


def _wrapped_by(thing: Any) -> Any:
    """Return what an object says that it wraps, if anything."""
    try:
        return thing.__wrapped__
    except Exception:  # whatever an object raises for what it has not
        return None


def _names_in(code: CodeType) -> list[str]:
    """List the names that code reads, and the code within it."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return [*code.co_names, *(name for each in inner for name in _names_in(each))]


def _kept(function: FunctionType) -> list[Any]:
    """List what a function keeps of the one around it."""
    cells = function.__closure__ or ()
    return [value for cell in cells for value in _values_of(cell)]


def _values_of(cell: Any) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:  # which is empty as yet
        return []


def _stands_in(module: str, thing: Any) -> bool:
    """Return whether a global is a constant, or a function, a class or one of a class of the same module."""
    if type(thing) in (str, tuple, list, set, frozenset, dict):
        return True
    return callable(thing) and getattr(thing, "__module__", None) == module


def nested(word: str) -> nn.Module | None:
    """Make a model of modules one in the other, which are called by the names in a word; None if none can be."""
    names, plain, model = word.split("."), nn.Module(), nn.Module()
    if any(hasattr(plain, name) or name == "parametrizations" for name in names):
        return None
    for name in reversed([*names, "a", *names]):
        inner, model = model, nn.Module()
        model.add_module(name, inner)
    return model


def is_missing(model: Any, path: str) -> bool:
    """Return whether a name on a path is missing, with nothing before it that decides otherwise, such as None."""
    for name in path.split("."):
        if model is None:
            return False
        try:
            model = getattr(model, name)
        except AttributeError:
            return True
        except Exception:  # which an attribute raises
            return False
    return False
