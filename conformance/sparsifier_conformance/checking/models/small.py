"""Every small model: a few modules of two registrations each, with sharing, cycles and None, once up to renaming."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from itertools import product
from typing import Any

#: The names of the two registrations.
SLOTS = ("a", "b")
#: For each module what it registers under the two names: a module by its number, None, or nothing at all.
Slots = tuple[tuple[Any, Any], ...]
NOTHING = "nothing"


@lru_cache(maxsize=2)
def small_models(modules: int) -> tuple[list[Slots], list[Slots]]:
    """Return every model of up to so many modules, the smaller ones first: those without cycles, and those with.

    A model is there once: module 0 is the model itself, and the others are numbered as they are met from there,
    depth first. Of three modules there are 5⁶ = 15 625 with every numbering, and with modules that are not met.
    """
    acyclic: list[Slots] = []
    cyclic: list[Slots] = []
    for slots in sorted(_completed(((None, None),), ((0, 1), (0, 0)), modules), key=len):
        (cyclic if _has_a_cycle(slots, 0, ()) else acyclic).append(slots)
    return acyclic, cyclic


def _completed(slots: Slots, undecided: tuple[tuple[int, int], ...], modules: int) -> Iterator[Slots]:
    """Complete a model: of what is undecided, a module and the number of a registration each, the last comes first."""
    if not undecided:
        yield slots
        return
    *rest, (module, place) = undecided
    new = len(slots)
    for child in (NOTHING, None, *range(new + (new < modules))):
        first, second = (child, slots[module][1]) if place == 0 else (slots[module][0], child)
        decided = (*slots[:module], (first, second), *slots[module + 1 :])
        if child == new:
            yield from _completed((*decided, (None, None)), (*rest, (new, 1), (new, 0)), modules)
        else:
            yield from _completed(decided, tuple(rest), modules)


def first_paths(slots: Slots) -> dict[int, str]:
    """Return the first path of each module, depth first in the order of registration."""
    found: dict[int, str] = {}

    def look(module: int, path: str) -> None:
        found[module] = path
        for name, child in registered(slots, module):
            if child is not None and child not in found:
                look(child, f"{path}.{name}" if path else name)

    look(0, "")
    return found


def paths(longest: int) -> list[str]:
    """Return every path of up to so many names."""
    return [".".join(names) for length in range(1, longest + 1) for names in product(SLOTS, repeat=length)]


@cache
def modules_at(slots: Slots, longest: int) -> dict[str, int]:
    """Return the module at each path of up to so many names."""
    found: dict[str, int] = {}
    reached = {"": 0}
    for _ in range(longest):
        reached = {
            f"{path}.{name}" if path else name: child
            for path, module in reached.items()
            for name, child in registered(slots, module)
            if child is not None
        }
        found.update(reached)
    return found


def registered(slots: Slots, module: int) -> list[tuple[str, Any]]:
    """Return what a module registers, by name."""
    return [(name, child) for name, child in zip(SLOTS, slots[module], strict=True) if child != NOTHING]


@cache
def in_words(slots: Slots) -> str:
    """Return what each module of a model registers, such as ``0: a is 1, b is None; 1: nothing``."""
    each = (
        ", ".join(f"{name} is {child}" for name, child in registered(slots, module)) for module in range(len(slots))
    )
    return "modules " + "; ".join(f"{module}: {what or NOTHING}" for module, what in enumerate(each))


def _has_a_cycle(slots: Slots, module: int, above: tuple[int, ...]) -> bool:
    below = [child for _, child in registered(slots, module) if child is not None]
    return module in above or any(_has_a_cycle(slots, child, (*above, module)) for child in below)


def not_beyond_none(every: Iterable[str], found: Collection[str]) -> list[str]:
    """Return the paths that do not lead beyond a child that is None, of which the specification says nothing.

    Parameters:
        every: paths to modules of a small model, or to None.
        found: those that lead to a module.
    """
    return [path for path in every if "." not in path or path.rpartition(".")[0] in found]
