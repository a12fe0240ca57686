"""What became of mutants: the records, and the questions that they answer."""

from __future__ import annotations

from enum import Enum

import msgspec

from ..results.records import Implementation

FORMAT_VERSION = 1


class Fate(str, Enum):
    """What became of one mutant."""

    TOLD = "told"
    SURVIVING = "surviving"
    EQUIVALENT = "equivalent"
    BROKEN = "broken"


class Tried(msgspec.Struct, frozen=True):
    """A mutant that was judged.

    ``by`` is the requirement that tells it from the original, or what else did; ``reason`` is why it is listed as
    equivalent. ``module``, ``function``, ``before`` and ``after`` are what an entry of that list begins with.
    """

    id: str
    module: str
    function: str
    line: int
    operator: str
    before: str
    after: str
    diff: str
    fate: Fate
    by: str | None = None
    reason: str | None = None


class Mutation(msgspec.Struct, frozen=True):
    """The mutants of one implementation, and what became of each.

    ``made`` counts all mutants, ``tried`` has those that were judged, fewer if ``interrupted``. ``not_met`` are the
    requirements that the unmutated code does not meet, which tell no mutant; ``stale`` has a line for each entry of the
    list of equivalents that does not hold.
    """

    format_version: int
    suite_version: str
    specification_version: str
    torch: str
    implementation: Implementation
    only: list[str]
    met: int
    not_met: list[str]
    made: int
    tried: list[Tried]
    stale: list[str]
    interrupted: bool

    def of(self, fate: Fate) -> list[Tried]:
        """Return the mutants of which one thing became."""
        return [each for each in self.tried if each.fate is fate]

    @property
    def counted(self) -> int:
        """How many mutants say something about the suite: of those that were judged, all but broken ones."""
        return len(self.tried) - len(self.of(Fate.BROKEN))

    @property
    def is_clean(self) -> bool:
        """Whether every mutant is told, or listed as equivalent, and the list holds."""
        return not self.stale and not self.of(Fate.SURVIVING)
