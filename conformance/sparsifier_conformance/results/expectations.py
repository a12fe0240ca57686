"""What is expected to fail, and why: such a failure does not fail a run, and a pass instead of it does."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ..outcomes.outcome import FAULTY, Outcome
from .records import Judgement


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of a file of expected failures, as it is written there.

    ``id`` is that of a requirement, or a utility for all of its requirements; ``reason`` says why it fails. The
    others say where it does, everywhere if left out: ``torch`` and ``version`` are specifiers (PEP 440) of torch's
    version and of the implementation's, ``device`` a device (``cuda`` is ``cuda:0`` too), and ``platform`` is a
    value of ``sys.platform``. With ``fails = false`` it takes back what an entry before it expects.
    """

    id: str
    reason: str
    torch: str | None = None
    version: str | None = None
    device: str | None = None
    platform: str | None = None
    fails: bool = True

    @property
    def conditions(self) -> tuple[str | None, ...]:
        """Where it holds."""
        return self.torch, self.version, self.device, self.platform

    def covers(self, id: str) -> bool:
        """Tell whether it is about a requirement, or about all requirements of a utility."""
        return id == self.id or id.startswith(f"{self.id}/")

    def overrides(self, other: Entry) -> bool:
        """Tell whether another one, which stands before it, never counts."""
        pairs = zip(self.conditions, other.conditions, strict=True)
        return self.covers(other.id) and all(mine in (None, theirs) for mine, theirs in pairs)


@dataclass(frozen=True)
class Expected:
    """An entry, and the line where it begins in its file, which may be one that comes with this package."""

    entry: Entry
    file: str
    line: int
    shipped: bool = False

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"{self.file}, line {self.line}"

    @property
    def way_out(self) -> str:
        """What to do when it has outlived its failure."""
        if self.shipped:
            return "that file is not yours: after it, give one of your own that takes it back with fails = false"
        return "remove the entry, or say where it still holds"


@dataclass(frozen=True)
class Expectations:
    """All entries, in order: of those that hold for a requirement on a device, the last one counts."""

    entries: tuple[Expected, ...] = ()

    def here(self, torch: str, version: str | None) -> Expectations:
        """Keep the entries that hold on this platform.

        Parameters:
            torch: the version of torch.
            version: the version of the implementation, if it has one.
        """
        return Expectations(
            tuple(
                each
                for each in self.entries
                if each.entry.platform in (None, sys.platform)
                and _holds(each.entry.torch, torch)
                and _holds(each.entry.version, version)
            )
        )

    def of(self, id: str, device: str | None) -> Expected | None:
        """Give the entry that expects a requirement to fail on a device, if there is one."""
        for each in reversed(self.entries):
            if each.entry.covers(id) and _is_on(each.entry.device, device):
                return each if each.entry.fails else None
        return None

    def without_device(self, judged: Iterable[tuple[str, str | None]]) -> list[str]:
        """Complain of entries for a device whose requirements are judged, but on none.

        Parameters:
            judged: the requirements that are judged, with the device.
        """
        devices: dict[str, set[str | None]] = {}
        for id, device in judged:
            devices.setdefault(id, set()).add(device)
        return [
            f"{each.place}: no device plays a part in {each.entry.id}, so it can never fail on {each.entry.device}; "
            "leave the device out"
            for each in self.entries
            if each.entry.device is not None
            and (seen := [devices[id] for id in devices if each.entry.covers(id)])
            and all(some == {None} for some in seen)
        ]

    def apply(self, judgement: Judgement) -> Judgement:
        """Turn what was expected to fail into an expected failure, or an unexpected pass.

        An entry covers every way to fail: failed, blocked, crashed and timed out. What is not applicable or was not
        run says nothing of it.
        """
        expected = self.of(judgement.id, judgement.device)
        if expected is None:
            return judgement
        if judgement.outcome in FAULTY:
            return msgspec.structs.replace(
                judgement, outcome=Outcome.EXPECTED_FAILURE, reason=expected.entry.reason.strip()
            )
        if judgement.outcome is not Outcome.PASSED:
            return judgement
        return msgspec.structs.replace(
            judgement,
            outcome=Outcome.UNEXPECTED_PASS,
            reason=expected.entry.reason.strip(),
            message=f"{expected.place} expects it to fail; {expected.way_out}",
        )


def _holds(specifier: str | None, version: str | None) -> bool:
    """Tell whether a version, of which only the release counts, is one of those specified."""
    if specifier is None:
        return True
    try:
        release = Version(version or "").base_version
    except InvalidVersion:
        return False
    return SpecifierSet(specifier).contains(release)


def _is_on(wanted: str | None, device: str | None) -> bool:
    return wanted is None or (device is not None and (device == wanted or device.partition(":")[0] == wanted))
