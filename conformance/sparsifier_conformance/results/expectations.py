"""What is expected to fail, and why: such a failure does not fail a run, and a pass instead of it does."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from ..outcomes.outcome import FAULTY, Outcome
from ..specification import UnknownRequirement, load
from .records import Judgement


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of a file of expected failures, as it is written there.

    ``id`` is that of a requirement, or a utility for all of its requirements; ``reason`` says why it fails, and
    ``link`` where more is said of that. The others say where it does, everywhere if left out: ``torch`` and ``version``
    are specifiers (PEP 440) of torch's version and of the implementation's, ``device`` a device (``cuda`` is ``cuda:0``
    too), and ``platform`` is a value of ``sys.platform``. With ``fails = false`` it takes back what an entry before it
    expects.
    """

    id: str
    reason: str
    link: str | None = None
    torch: str | None = None
    version: str | None = None
    device: str | None = None
    platform: Literal["linux", "darwin", "win32"] | None = None
    fails: bool = True

    def __post_init__(self) -> None:
        """Refuse what can never hold; msgspec puts the message into its own error.

        Raises:
            ValueError: if something of it makes no sense.
        """
        try:
            load().select((self.id,))
        except UnknownRequirement as error:
            raise ValueError(str(error)) from None
        if self.device is not None and not re.fullmatch(r"[a-z_0-9]+(:[0-9]+|:cuda)?", self.device):
            raise ValueError(f"device = {self.device!r} is no name of a device, such as cuda or cuda:1")
        for key in ("torch", "version"):
            try:
                SpecifierSet(getattr(self, key) or "")
            except InvalidSpecifier:
                text = getattr(self, key)
                raise ValueError(f'{key} = {text!r} is no specifier of versions, such as ">=2.1,<2.10"') from None

    @property
    def why(self) -> str:
        """The reason, with its link."""
        return self.reason.strip() + (f" ({self.link})" if self.link else "")

    @property
    def conditions(self) -> tuple[str | None, ...]:
        """Where it holds."""
        return self.torch, self.version, self.device, self.platform

    def covers(self, id: str) -> bool:
        """Return whether it is about a requirement, by itself or with all requirements of its utility."""
        return id == self.id or id.startswith(f"{self.id}/")

    def overrides(self, other: Entry) -> bool:
        """Return whether another one, which stands before it, never counts."""
        pairs = zip(self.conditions, other.conditions, strict=True)
        return self.covers(other.id) and all(mine in (None, theirs) for mine, theirs in pairs)


@dataclass(frozen=True)
class Expected:
    """An entry, and its file, which may be one that comes with this package."""

    entry: Entry
    file: str
    shipped: bool = False

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
        """Return the entries that hold on this platform.

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
        """Return the entry that expects a requirement to fail on a device, if there is one."""
        for each in reversed(self.entries):
            if each.entry.covers(id) and _is_on(each.entry.device, device):
                return each if each.entry.fails else None
        return None

    def without_device(self, judged: Iterable[tuple[str, str | None]]) -> list[str]:
        """Return a complaint of each entry for a device whose requirements are judged, but on none.

        Parameters:
            judged: the requirements that are judged, with the device.
        """
        devices: dict[str, set[str | None]] = {}
        for id, device in judged:
            devices.setdefault(id, set()).add(device)
        return [
            f"{each.file}: {each.entry.id}: no device plays a part in it, so it can never fail on {each.entry.device}; "
            "leave the device out"
            for each in self.entries
            if each.entry.device is not None
            and (seen := [devices[id] for id in devices if each.entry.covers(id)])
            and all(some == {None} for some in seen)
        ]

    def about(self, judged: Sequence[tuple[str, str | None]]) -> list[Expected]:
        """Return the entries that are about something that is judged.

        Parameters:
            judged: the requirements that are judged, with the device.
        """
        return [
            each
            for each in self.entries
            if any(each.entry.covers(id) and _is_on(each.entry.device, device) for id, device in judged)
        ]

    def apply(self, judgement: Judgement) -> Judgement:
        """Return a judgement, as an expected failure or an unexpected pass if it was expected to fail.

        An entry covers every way to fail: failed, blocked, crashed and timed out. What is not applicable or was not
        run says nothing of it.
        """
        expected = self.of(judgement.id, judgement.device)
        if expected is None:
            return judgement
        if judgement.outcome in FAULTY:
            return msgspec.structs.replace(judgement, outcome=Outcome.EXPECTED_FAILURE, reason=expected.entry.why)
        if judgement.outcome is not Outcome.PASSED:
            return judgement
        return msgspec.structs.replace(
            judgement,
            outcome=Outcome.UNEXPECTED_PASS,
            reason=expected.entry.why,
            message=f"{expected.file} expects {expected.entry.id} to fail; {expected.way_out}",
        )


def _holds(specifier: str | None, version: str | None) -> bool:
    """Return whether a version, of which only the release counts, is one of those specified."""
    if specifier is None:
        return True
    try:
        release = Version(version or "").base_version
    except InvalidVersion:
        return False
    return SpecifierSet(specifier).contains(release)


def _is_on(wanted: str | None, device: str | None) -> bool:
    return wanted is None or (device is not None and (device == wanted or device.partition(":")[0] == wanted))
