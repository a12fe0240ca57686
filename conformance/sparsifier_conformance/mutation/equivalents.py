"""The list of equivalent mutants: those that no requirement tells from the original, each with the reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from ..files import read_text
from .mutants import Key


class NoList(ValueError):
    """A file is no list of equivalent mutants; the message names it and says why, in one line."""


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mutant that is listed as equivalent, with the reason."""

    module: str
    function: str
    before: str
    after: str
    reason: str

    @property
    def key(self) -> Key:
        """What tells the mutant from others."""
        return self.module, self.function, self.before, self.after


class _Equivalents(msgspec.Struct, forbid_unknown_fields=True):
    equivalent: list[Equivalent] = []


def read(path: Path) -> list[Equivalent]:
    """Read a list of equivalent mutants.

    Raises:
        NoList: if it is missing, not written as it should be, gives no reason, or names a mutant twice.
    """
    try:
        listed = msgspec.toml.decode(read_text(path), type=_Equivalents).equivalent
    except OSError as error:
        raise NoList(f"{path} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise NoList(f"{path} is no list of equivalent mutants: {error}") from None
    for key, count in Counter(each.key for each in listed).items():
        if count > 1:
            raise NoList(f"{path} lists a mutant twice: {' | '.join(key)}")
    unreasoned = next((each for each in listed if not each.reason.strip()), None)
    if unreasoned is not None:
        raise NoList(f"{path} gives no reason for {' | '.join(unreasoned.key)}")
    return listed
