"""Attributes that do something when they are asked for: they see the world of the caller, and what they do is done."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn

from .circumstances import MODES
from .states import global_state
from .switching import OTHER_VALUES, VARIABLE, in_mode, settled, switches_put_back, throw_switches
from .values import changes

#: What may be otherwise for the time of a look-up, lest a recursive one, or one in a hurry, be accused.
_FREE = ("gc.", "garbage", "sys.getrecursionlimit")


class Acting(nn.Module):
    """A module of which an attribute does something, and which knows the world as it was before."""

    def __init__(self, act: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__()
        self.act, self.before = act, global_state()

    @property
    def value(self) -> Any:
        """Do it."""
        return self.act(self.before)


def sees(before: dict[str, Any]) -> Any:
    """Return in which respects the world is another one than that of the caller."""
    return {name: what for name, what in changes(before, global_state()).items() if not name.startswith(_FREE)}


def computes(before: dict[str, Any]) -> Any:
    """Return whether a tensor that is computed has a graph."""
    return (torch.ones(2, requires_grad=True) * 2).requires_grad


def draws(before: dict[str, Any]) -> Any:
    """Draw random numbers."""
    return torch.rand(()).item(), random.random()


def warns(before: dict[str, Any]) -> Any:
    """Warn."""
    warnings.warn("by an attribute", stacklevel=1)


def switches_much(before: dict[str, Any]) -> Any:
    """Switch what torch and Python let one switch."""
    throw_switches()
    warnings.simplefilter("error", ResourceWarning)


#: What an attribute does, and the mode of torch in which it is looked up.
ACTS = (
    (sees, MODES[0]),
    (sees, MODES[-1]),
    *((act, MODES[0]) for act in (computes, draws, warns, switches_much)),
)


def what_comes_of(
    look_up: Callable[[Any, str], Any], act: Callable[[dict[str, Any]], Any], mode: str
) -> dict[str, Any]:
    """Return what a look-up gives for an attribute that does something, and how it leaves the world.

    Parameters:
        look_up: what is called with a model and the path of the attribute.
        act: what the attribute does.
        mode: the mode of torch in which it is looked up.
    """

    def look() -> tuple[Any, dict[str, Any], list[str]]:
        with in_mode(mode, passing=True), _put_back() as told:
            acting = Acting(act)
            value = look_up(nn.Sequential(acting), "0.value")
            return value, changes(acting.before, global_state()), [str(each.message) for each in told]

    value, left, told = settled(look)
    if isinstance(value, dict):  # what stays so after the look-up is for another requirement
        value = {name: what for name, what in value.items() if name not in left}
    of_acts = ("random state", "warnings", f"environment {VARIABLE}", *OTHER_VALUES)
    left = {name: what for name, what in left.items() if name.startswith(of_acts)}
    return {"value": value, "warnings": told, "left otherwise": left}


@contextmanager
def _put_back() -> Generator[list[warnings.WarningMessage], None, None]:
    """Begin with the same random numbers each time, and put back all that is changed in the body."""
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=[]))
        stack.enter_context(switches_put_back())
        told = stack.enter_context(warnings.catch_warnings(record=True))
        stack.callback(random.setstate, random.getstate())
        warnings.simplefilter("always")
        torch.manual_seed(0)
        random.seed(0)
        yield told or []
