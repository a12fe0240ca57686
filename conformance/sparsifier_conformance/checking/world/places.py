"""Objects that take each other's place in memory, where what is remembered by ``id`` belongs to another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: In which order two kinds of objects are made. A place is not always taken at once, nor does each mistake show
#: whichever kind was there first, so both begin, twice.
TURNS = ((0, 1, 0, 1), (1, 0, 1, 0)) * 2


def in_turn(answered: Callable[[bool, list[Any]], Any]) -> tuple[list[Any], list[Any]]:
    """Return what is answered for objects each of which goes before the next comes, and for such that stay.

    Parameters:
        answered: makes an object of the first or the second kind, appends it to a list, and returns the answer for it.
    """
    staying: list[Any] = []
    stays = [answered(bool(kind), staying) for turns in TURNS for kind in turns]
    goes: list[Any] = []
    for turns in TURNS:
        goes.extend(answered(bool(kind), []) for kind in turns[:-1])
        goes.append(answered(bool(turns[-1]), staying))  # and stays, for the next ones to be in another place
    return goes, stays
