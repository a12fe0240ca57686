"""How plain values are spelled in source: in scripts, and where the input of a check is told."""

from __future__ import annotations

from types import FunctionType
from typing import Any

#: The longest line that is not broken.
LONGEST_LINE = 120
_BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), dict: ("{", "}")}


def spelled(value: Any) -> str:
    """Write a value as source: classes and functions by their names, text in double quotes where that needs no escape.

    Parameters:
        value: what a check draws, or is parametrized with: classes and functions are Python's own, or those of the
            check's module. What is in a list, tuple or dict is spelled so too.
    """
    if isinstance(value, (type, FunctionType)):
        return value.__qualname__
    if isinstance(value, str):
        text = repr(value)
        return text if '"' in value or text.startswith('"') else f'"{text[1:-1]}"'
    if type(value) not in _BRACKETS:
        return repr(value)
    begin, end = _BRACKETS[type(value)]
    items = _items(value)
    return begin + ", ".join(items) + ("," if isinstance(value, tuple) and len(items) == 1 else "") + end


def laid_out(value: Any, room: int, indentation: int = 0) -> str:
    """Write a value as source, over several lines if it has no room in one.

    Parameters:
        value: as for ``spelled``.
        room: the characters that the line has left.
        indentation: of the line.
    """
    text = spelled(value)
    if len(text) <= room or type(value) not in _BRACKETS or not value:
        return text
    begin, end = _BRACKETS[type(value)]
    inner = "\n" + " " * (indentation + 4)
    return begin + "".join(f"{inner}{item}," for item in _items(value)) + "\n" + " " * indentation + end


def _items(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{spelled(key)}: {spelled(each)}" for key, each in value.items()]
    return list(map(spelled, value))
