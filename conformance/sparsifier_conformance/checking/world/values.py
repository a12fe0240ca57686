"""Values that are compared later: what is plain by its text, all else by identity, and what differs, in words."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch

PLAIN = (bool, int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size)


class Kept:
    """An object that is compared by identity, and kept alive lest another one take its place."""

    def __init__(self, it: Any) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and self.it is other.it

    def __hash__(self) -> int:
        return id(self.it)

    def __repr__(self) -> str:
        return str(getattr(self.it, "__name__", type(self.it).__name__))


class Attributes:
    """The attributes of a class, in their order and by identity: hundreds, which are told apart only if they differ."""

    def __init__(self, owner: type) -> None:
        self.held = dict(vars(owner))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attributes) and (
            list(self.held) == list(other.held) and all(map(operator.is_, self.held.values(), other.held.values()))
        )

    __hash__ = None  # type: ignore[assignment]

    def told(self) -> dict[str, Any]:
        """Return the attributes as values to compare, and their order."""
        return {"the order of attributes": list(self.held)} | {name: Kept(value) for name, value in self.held.items()}


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """Return what differs between two states, in words; it is empty where nothing does."""
    changed = {}
    for name in [*before, *(name for name in after if name not in before)]:
        first, second = before.get(name, "nothing"), after.get(name, "nothing")
        if isinstance(first, Attributes) and isinstance(second, Attributes) and first != second:
            changed.update({f"{name}: {each}": words for each, words in changes(first.told(), second.told()).items()})
        elif first != second:
            changed[name] = _change(first, second)
    return changed


def _change(before: Any, after: Any) -> str:
    """Return what two values are, without what both have."""
    if type(before) is type(after) and isinstance(before, (list, tuple)):
        differing = [each for each in zip(before, after, strict=False) if each[0] != each[1]]
        if len(before) == len(after) and len(differing) == 1:
            return _change(*differing[0])
        lost, new = [each for each in before if each not in after], [each for each in after if each not in before]
        before, after = (lost, new) if lost or new else (before, after)
    return f"{before}, then {'another ' if str(before) == str(after) else ''}{after}"


def value_of(value: Any, depth: int = 3) -> Any:
    """Return a value as one to compare later: plain ones by their text, all else by identity, with what is in it."""
    if isinstance(value, PLAIN) or hasattr(type(value), "__members__"):  # torch makes members of enums anew
        return repr(value)
    if depth and isinstance(value, dict):
        return Kept(value), [(value_of(key, 0), value_of(each, depth - 1)) for key, each in dict.items(value)]
    if depth and type(value) is tuple:
        return tuple(value_of(each, depth - 1) for each in value)
    if depth and type(value) in (list, set):
        return Kept(value), [value_of(each, depth - 1) for each in value]
    return Kept(value)


def answer_to(question: Callable[..., Any], *args: Any) -> Any:
    """Return an answer as a value to compare, or which error is raised."""
    try:
        return value_of(question(*args))
    except Exception as error:  # what this release, this device or this tensor has no answer to
        return f"raises {type(error).__name__}"
