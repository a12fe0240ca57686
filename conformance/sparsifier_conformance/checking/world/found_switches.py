"""Switches that are found in a module, by what its functions and variables are called."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from .values import PLAIN


@dataclass(frozen=True)
class Switch:
    """What can be asked of torch or Python, and how it is put back, if that is known."""

    name: str
    ask: Callable[[], Any]
    put: Callable[[Any], Any] | None = None


def switches_of(module_name: str) -> Iterator[Switch]:
    """Find the switches of a module: functions that have a setter, variables, and the flags of ``torch.backends``."""
    module = sys.modules[module_name]
    if not isinstance(module, ModuleType):
        return
    setters = {re.sub("^_?(set|add)_?", "", name): name for name in dir(module) if re.match("_?(set|add_)", name)}
    for name, value in [*vars(module).items(), *vars(type(module)).items()]:
        bare, words = name.lstrip("_"), f"{module_name}.{name}"
        if callable(value) and not isinstance(value, type):
            setter = next((setters[each] for each in _what_is_asked(bare) if each in setters), "") if setters else ""
            if setter or (bare.endswith("enabled") and not bare.startswith(("set", "jit"))):
                yield Switch(words, partial(_answer, value), getattr(module, setter, None))
        elif isinstance(value, dict) and "hooks" in name:
            yield Switch(words, partial(_items, value), partial(_refill, value))
        elif type(value).__name__ == "ContextProp" or _is_a_switch(name, value):
            yield Switch(words, partial(getattr, module, name), partial(setattr, module, name))
        elif _is_a_bundle(value, module_name):
            yield Switch(words, partial(_items, vars(value)), partial(_refill, vars(value)))


def _what_is_asked(name: str) -> tuple[str, ...]:
    """Return what a function may ask for, by its name."""
    return name, re.sub("^(get|is|are)_?", "", name), re.sub("^(is|are)_|_enabled$", "", name)


def _is_a_switch(name: str, value: Any) -> bool:
    """Return whether a variable is one, and does not note what torch itself did, such as that it has warned."""
    notes = ("warn", "init", "has_", "available", "version", "count", "checked", "imported", "exists", "debug")
    is_one = isinstance(value, bool) or (isinstance(value, int) and name.startswith("_"))
    return is_one and not name.isupper() and not any(word in name for word in notes)


def _is_a_bundle(value: Any, module_name: str) -> bool:
    """Return whether a variable holds an object of the module's own that is a bundle of settings."""
    own = not isinstance(value, type) and type(value).__module__ == module_name and hasattr(value, "__dict__")
    return own and bool(vars(value)) and all(isinstance(each, PLAIN) for each in vars(value).values())


def _answer(question: Callable[[], Any]) -> Any:
    """Return an answer that can be compared with the next one: a list may be a new one each time."""
    answer = question()
    return tuple(answer) if isinstance(answer, list) else answer


def _items(registry: dict[Any, Any]) -> tuple[Any, ...]:
    return tuple(registry.items())


def _refill(registry: dict[Any, Any], items: tuple[Any, ...]) -> None:
    registry.clear()
    registry.update(items)
