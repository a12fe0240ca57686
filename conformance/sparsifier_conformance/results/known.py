"""What known implementations come to, which ships with this package, and which of them a result is like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import msgspec
from packaging.version import Version

from ..outcomes.outcome import FAILURES, Outcome
from .records import Result, Verdict, of_all_devices

FILE = Path(__file__).with_name("known.json")
_FAILING = FAILURES | {Outcome.EXPECTED_FAILURE}
_PASSING = {Outcome.PASSED, Outcome.UNEXPECTED_PASS}


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code, which some releases share, and the requirements that it fails.

    ``digest`` is that of the code without comments and annotations, ``releases`` are the minor ones by package, none
    for the reference.
    """

    digest: str
    releases: dict[str, list[str]]
    fails: list[str]


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All known implementations, judged alike: with one torch, on the same devices, by the same requirements."""

    specification_version: str
    torch: str
    devices: list[str]
    requirements: list[str]
    codes: list[Code]


@dataclass(frozen=True)
class Likeness:
    """The known implementations that a result is most like.

    ``names`` says which. The result differs from each in ``number`` requirements, and ``but_for`` are all those in
    which it differs from any. ``compared`` counts those judged in both, of ``every`` one that there is, and
    ``same_devices`` says whether on the same devices.
    """

    names: str
    number: int
    but_for: tuple[str, ...]
    compared: int
    every: int
    same_devices: bool


@lru_cache(maxsize=1)
def known() -> Known:
    """Return the known implementations."""
    return msgspec.json.decode(FILE.read_bytes(), type=Known)


def likeness(result: Result) -> Likeness | None:
    """Return which known implementations fail the same requirements as a result, or nearly the same.

    Returns:
        All that differ in the fewest requirements. None if the result follows another specification, is incomplete,
        judges less than the smallest utility has, is as near to all of them, or differs from each in more than a third;
        and if it lacks a name, unless it fails the same as one that lacks it.
    """
    everything = known()
    if result.specification_version != everything.specification_version or result.verdict is Verdict.INCOMPLETE:
        return None
    seen = {each.outcome for each in result.requirements}
    if Outcome.NOT_RUN in seen:
        return None
    outcomes = {id: of_all_devices(each).outcome for id, each in result.by_id().items()}
    compared = {id for id in everything.requirements if outcomes.get(id) in _FAILING | _PASSING}
    fails = {id for id in compared if outcomes[id] in _FAILING}
    differing = [fails ^ (compared & set(code.fails)) for code in everything.codes]
    fewest = min(map(len, differing))
    nearest = [index for index, each in enumerate(differing) if len(each) == fewest]
    least = min(Counter(id.partition("/")[0] for id in everything.requirements).values())
    if len(compared) < least or len(nearest) == len(differing) or 3 * fewest > len(compared):
        return None
    if Outcome.BLOCKED in seen and fewest:
        return None
    return Likeness(
        names=named([everything.codes[index] for index in nearest]),
        number=fewest,
        but_for=tuple(id for id in everything.requirements if any(id in differing[index] for index in nearest)),
        compared=len(compared),
        every=len(everything.requirements),
        same_devices=result.environment.devices == everything.devices,
    )


def named(codes: Iterable[Code]) -> str:
    """Return the names of some codes together: ``torch 2.1 to 2.9, torchao 0.4``."""
    wanted, parts = _releases(codes), []
    for package, every in _releases(known().codes).items():
        if package in wanted:
            runs = [list(run) for is_wanted, run in groupby(every, wanted[package].__contains__) if is_wanted]
            spans = [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
            parts.append(f"{package} {', '.join(spans)}".strip())
    return ", ".join(parts)


def _releases(codes: Iterable[Code]) -> dict[str, list[str]]:
    """Return the releases of some codes, in order."""
    found: dict[str, list[str]] = {}
    for code in codes:
        for package, releases in code.releases.items():
            found[package] = sorted([*found.get(package, []), *releases], key=Version)
    return found
