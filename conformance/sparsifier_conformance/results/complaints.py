"""What is wrong with an entry of a file of expected failures: it says nothing, or can never hold."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..devices.names import FAKE, PRETEND, is_made_up
from ..specification import UnknownRequirement, load
from .expectations import Entry

PLATFORMS = ("linux", "darwin", "win32")
#: The types of device that torch itself has names for; that of a plugin is known where the plugin is installed.
DEVICES = (
    *("cpu", "cuda", "mps", "xpu", "hpu", "mtia", "maia", "ipu", "xla", "meta", "privateuseone"),
    *("hip", "vulkan", "opencl", "opengl", "fpga", "ve", "mkldnn", "ideep", "lazy"),
)


def complaints_of(table: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    """Say what is wrong with an entry.

    Parameters:
        table: the entry, as it was read.

    Returns:
        Sentences, each with the key to change, or None where that is the entry as a whole.
    """
    unknown = table.keys() - set(Entry.__struct_fields__)
    for key in sorted(unknown):
        near = get_close_matches(key, Entry.__struct_fields__, n=1)
        yield key, f"{key!r} has no meaning{f'; did you mean {near[0]!r}?' if near else ''}"
    try:
        entry = msgspec.convert({key: value for key, value in table.items() if key not in unknown}, Entry)
    except msgspec.ValidationError as error:
        missing = next((key for key in ("id", "reason") if key not in table), None)
        wrong = next((key for key in Entry.__struct_fields__ if f"`$.{key}`" in str(error)), None)
        yield (None, f"{missing} is missing") if missing else (wrong, f"{wrong}: {str(error).partition(' - at')[0]}")
        return
    try:
        load().select((entry.id,))
    except UnknownRequirement as error:
        yield "id", str(error)
    if not entry.reason.strip():
        yield "reason", f"say why {entry.id} fails: the reason is empty"
    for key in ("torch", "version"):
        specifier = getattr(entry, key)
        if specifier is not None and (complaint := _complaint_of_specifier(specifier)):
            yield key, f"{key} = {specifier!r} {complaint}"
    if entry.device is not None and not _is_device(entry.device):
        yield "device", f"device = {entry.device!r}: {_did_you_mean(entry.device, DEVICES, 'device of torch')}"
    if entry.platform is not None and entry.platform not in PLATFORMS:
        yield "platform", f"platform = {entry.platform!r}: {_did_you_mean(entry.platform, PLATFORMS, 'platform')}"


def _did_you_mean(name: str, known: Sequence[str], kind: str) -> str:
    near = get_close_matches(name, known, n=1) or [", ".join(known[:5])]
    return f"no {kind} is called so; did you mean {near[0]}?"


def _is_device(name: str) -> bool:
    if is_made_up(name):
        return name == FAKE or re.fullmatch(rf"{PRETEND}(:[01])?", name) is not None
    match = re.fullmatch(r"([a-z_0-9]+?)(?::(0|[1-9][0-9]*))?", name)
    if match is None or (match[1] in ("cpu", "meta") and match[2]):
        return False
    if match[1] in DEVICES:
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of importing torch
        import torch

        try:
            return torch.device(match[1]).type == match[1]
        except RuntimeError:
            return False


def _complaint_of_specifier(text: str) -> str | None:
    try:
        specifiers = SpecifierSet(text)
    except InvalidSpecifier:
        return 'is no specifier of versions, such as ">=2.1,<2.10"'
    if not list(specifiers):
        return "is empty; leave it out if it holds for every version"
    return None if _can_hold(specifiers) else "can never hold: no version is in it"


def _can_hold(specifiers: SpecifierSet) -> bool:
    """Tell whether some release is in a specifier: those at its bounds are tried, and those next to them."""
    tried = {"0"}
    for each in specifiers:
        release = [int(part) for part in re.findall(r"\d+", each.version.partition("+")[0])]
        bounds = [release, *([*release[:at], release[at] + 1] for at in range(len(release)))]
        for bound in bounds:
            after = [*bound, 0, 0, 0, 1]
            last = next((at for at in reversed(range(len(bound))) if bound[at]), None)
            before = [] if last is None else [*bound[:last], bound[last] - 1, 99999]
            tried |= {".".join(map(str, some)) for some in (bound, after, before) if some}
    return any(specifiers.contains(version) for version in tried)
