"""Every small model: a few modules of two registrations each, with sharing, cycles and None, once up to renaming."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

from torch import nn

#: The names of the two registrations.
SLOTS = ("a", "b")
#: For each module what it registers under the two names: a module by its number, None, or nothing at all.
Slots = tuple[tuple[Any, Any], ...]
NOTHING = "nothing"


@lru_cache(maxsize=2)
def small_models(count: int = 3) -> tuple[list[Slots], list[Slots]]:
    """Return every model of up to so many modules: those without cycles, and those with.

    A model is there once: module 0 is the model itself, and the others are numbered as they are met from there,
    depth first. Of three modules there are 5⁶ = 15 625 with every numbering, and with modules that are not met.
    """
    acyclic: list[Slots] = []
    cyclic: list[Slots] = []
    for size in range(1, count + 1):
        pairs = list(product((NOTHING, None, *range(size)), repeat=2))
        for slots in product(pairs, repeat=size):
            paths = first_paths(slots)
            if list(paths) == list(range(size)):
                (cyclic if _has_a_cycle(slots, 0, ()) else acyclic).append(slots)
    return acyclic, cyclic


def first_paths(slots: Slots) -> dict[int, str]:
    """Return the first path of each module, depth first in the order of registration."""
    found: dict[int, str] = {}

    def look(module: int, path: str) -> None:
        found[module] = path
        for name, child in _registered(slots, module):
            if child is not None and child not in found:
                look(child, f"{path}.{name}" if path else name)

    look(0, "")
    return found


def build_small(slots: Slots) -> list[nn.Module]:
    """Make the modules of a model, of which the first is the model itself."""
    modules = [nn.Module() for _ in slots]
    for module in range(len(slots)):
        for name, child in _registered(slots, module):
            modules[module].add_module(name, None if child is None else modules[child])
    return modules


def at_path(slots: Slots, path: str) -> int | None:
    """Return the module at a path, None where there is none."""
    module: Any = 0
    for name in path.split("."):
        module = dict(_registered(slots, module)).get(name)
        if module is None:
            return None
    return int(module)


def _registered(slots: Slots, module: int) -> Iterator[tuple[str, Any]]:
    for name, child in zip(SLOTS, slots[module], strict=True):
        if child != NOTHING:
            yield name, child


def _has_a_cycle(slots: Slots, module: int, above: tuple[int, ...]) -> bool:
    below = [child for _, child in _registered(slots, module) if child is not None]
    return module in above or any(_has_a_cycle(slots, child, (*above, module)) for child in below)
