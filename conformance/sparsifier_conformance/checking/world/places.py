"""Objects that take each other's place in memory, where what is remembered by ``id`` belongs to another one."""

from __future__ import annotations

import gc
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

    def anew(kind: int, kept: list[Any]) -> Any:
        gc.collect(1)  # by which classes go, of the youngest of which each of these is one
        return answered(bool(kind), kept)

    staying: list[Any] = []
    goes: list[Any] = []
    gc.freeze()  # or all that was made before would be looked at
    try:
        stays = [anew(kind, staying) for turns in TURNS for kind in turns]
        for turns in TURNS:
            goes.extend(anew(kind, []) for kind in turns[:-1])
            goes.append(anew(turns[-1], staying))  # and stays, for the next ones to be in another place
    finally:
        gc.unfreeze()
    return goes, stays
