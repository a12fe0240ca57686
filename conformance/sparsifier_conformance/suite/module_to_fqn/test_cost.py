"""Checks of what ``module_to_fqn`` costs."""

from __future__ import annotations

import sys
from collections.abc import ItemsView, Iterator, ValuesView
from types import FrameType
from typing import Any

from torch import nn

from sparsifier_conformance.checking.comparing import assert_same


class Counted(nn.Module):
    """A module that counts how often attributes and registrations, of all of its class, are read, and two compared."""

    steps = 0
    budget = 0

    def __init__(self) -> None:
        super().__init__()
        self.__dict__["_modules"] = Registrations()

    def __getattribute__(self, name: str) -> Any:
        Counted.count()
        return super().__getattribute__(name)

    def __eq__(self, other: object) -> bool:
        Counted.count()  # as a list does that is searched
        return self is other

    __hash__ = nn.Module.__hash__

    @classmethod
    def count(cls) -> None:
        """Count one more."""
        cls.steps += 1
        if cls.budget and cls.steps > cls.budget:
            raise TooManySteps(f"more than {cls.budget} lines run, attributes or registrations read")


class Registrations(dict[str, Any]):
    """A dict that counts what is read of it one after the other."""

    def __iter__(self) -> Iterator[str]:
        for name in super().__iter__():
            Counted.count()
            yield name

    def items(self) -> Any:
        """Return the names and modules, as a dict does."""
        return RegisteredItems(self)

    def values(self) -> Any:
        """Return the modules, as a dict does."""
        return RegisteredValues(self)


class RegisteredItems(ItemsView[str, Any]):
    """The names and modules, in either order."""

    def __reversed__(self) -> Iterator[tuple[str, Any]]:
        yield from reversed(list(self))


class RegisteredValues(ValuesView[Any]):
    """The modules, in either order."""

    def __reversed__(self) -> Iterator[Any]:
        yield from reversed(list(self))


class TooManySteps(BaseException):
    """The look-up does more than a linear one may; not an Exception, so that none swallows it."""


def counted_line(frame: FrameType, event: str, arg: Any) -> Any:
    """Count a line that is run, as Python calls this before each."""
    Counted.count()
    return counted_line


def _steps(implementation: Any, model: nn.Module, module: nn.Module, lines: bool, budget: int = 0) -> int:
    """Count what a look-up takes, up to a budget: attributes and registrations that are read, and maybe lines."""
    Counted.steps, Counted.budget = 0, budget
    before = sys.gettrace()
    if lines:
        sys.settrace(counted_line)
    try:
        implementation.module_to_fqn(model, module)
    except TooManySteps:
        pass
    finally:
        sys.settrace(before)
        Counted.budget = 0
    return Counted.steps


def _wide(size: int) -> nn.Module:
    """Make many children, and as many below the first one."""
    model, first = Counted(), Counted()
    model.add_module("first", first)
    for index in range(size):
        model.add_module(str(index), Counted())
        first.add_module(str(index), Counted())
    return model


def _deep(size: int) -> nn.Module:
    model = Counted()
    for _ in range(size):
        parent = Counted()
        parent.add_module("a", model)
        model = parent
    return model


def _shared(size: int) -> nn.Module:
    """Make levels of two modules, both of which register both of the next level."""
    pair = [Counted(), Counted()]
    for _ in range(size // 2):
        below, pair = pair, [Counted(), Counted()]
        for parent in pair:
            parent.add_module("a", below[0])
            parent.add_module("b", below[1])
    return pair[0]


def test_linear_cost(implementation: Any) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for make, is_added in ((_wide, True), (_deep, True), (_deep, False), (_shared, True)):
        kind = f"{make.__name__[1:]} model{'' if is_added else ', to its end'}"
        model = make(2)
        name, child = next(model.named_children())
        path = str(implementation.module_to_fqn(model, child))
        is_found = f"{kind}: whether a child's path ends with its name"
        observed[is_found], expected[is_found] = path.endswith(name), True
        # Ten times the size may take twenty times the steps, for the module that is found last.
        small, large = make(8), make(80)
        for model in (small, large) if is_added else ():
            model.add_module("last", Counted())
        # Not of lines in a deep one, where generators within generators hand on what they find, as those of torch do.
        lines = make is _wide
        few = _steps(implementation, small, list(small.modules())[-1], lines)
        most = 20 * few + 1000
        many = _steps(implementation, large, list(large.modules())[-1], lines, budget=most)
        what = "lines run, and attributes and registrations read" if lines else "attributes and registrations read"
        steps = f"{kind} of {len(list(large.modules()))} modules: {what}"
        expected[steps] = f"at most {most} (a model of {len(list(small.modules()))} took {few})"
        observed[steps] = expected[steps] if many <= most else f"more than {most}, where it was stopped"
    assert_same(observed, expected)
