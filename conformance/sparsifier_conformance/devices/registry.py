"""The devices that checks run on, those that are not there, and which are other ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

import torch

from . import fake
from .base import Device
from .fake import Fake
from .names import FAKE, NO_COMPLEX, NO_FLOAT64, PRETEND, is_pretended
from .plain import Cpu, Meta
from .pretend import Pretend, WithoutComplex, WithoutFloat64

#: Accelerators that torch knows by name; PrivateUse1 may add one.
ACCELERATORS = ("cuda", "mps", "xpu", "hpu")
#: What people call some of them.
_OTHER_NAMES = {"gpu": ["cuda"], "nvidia": ["cuda"], "rocm": ["cuda"], "hip": ["cuda"], "metal": ["mps"]}
#: The kinds of device that have a name here; any other is an accelerator, as torch finds it.
KINDS: dict[str, type[Device]] = {
    "cpu": Cpu,
    "meta": Meta,
    **dict.fromkeys(ACCELERATORS, Device),
    FAKE: Fake,
    PRETEND: Pretend,
    NO_FLOAT64: WithoutFloat64,
    NO_COMPLEX: WithoutComplex,
}
#: A device that torch has a name for, and that is not there: a tensor of a class of its own can claim to be on it.
ABSENT = "xla:0"


class UnknownDevice(ValueError):
    """No device has this name; the message names the nearest ones."""


def available() -> list[str]:
    """List what ``all`` stands for: cpu, meta, every accelerator that torch finds, and ``fake:cuda``."""
    return ["cpu", "meta", *(f"{kind}:{index}" for kind in _accelerators() for index in range(_count(kind))), FAKE]


def resolve(names: Iterable[str]) -> list[str]:
    """Turn the devices that were asked for into names with an index, each once, in order.

    Parameters:
        names: ``cpu``, ``meta``, an accelerator with or without index, ``fake:cuda``, ``pretend``,
            ``pretend:no-float64``, ``pretend:no-complex``, or ``all``; none stands for ``all``.

    Returns:
        Names of devices, those that are not there included (see ``missing``).

    Raises:
        UnknownDevice: if torch knows no such type of device.
    """
    resolved: list[str] = []
    for name in tuple(names) or ("all",):
        if name == "all":
            resolved += available()
        elif name in KINDS and not KINDS[name].takes_index:
            resolved.append(name)
        else:
            resolved += _numbered(name)
    return list(dict.fromkeys(resolved))


def _numbered(name: str) -> list[str]:
    """Give an accelerator its index, or every one that there is."""
    match = re.fullmatch(r"([a-z_0-9]+?)(?::(\d+))?", name)
    known = list(dict.fromkeys((*KINDS, *_accelerators(), *_private())))
    if match is None or match[1] not in known or not KINDS.get(match[1], Device).takes_index:
        near = (
            _OTHER_NAMES.get(name.partition(":")[0])
            or get_close_matches(name, known, n=1)
            or get_close_matches(name.partition(":")[0], known, n=1)
        )
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownDevice(f"no device is called {name!r}{hint} (known: {', '.join(known)}, all)")
    kind, index = match[1], match[2]
    return [f"{kind}:{index or 0}"] if index is not None else [f"{kind}:{each}" for each in range(_count(kind) or 1)]


@lru_cache(maxsize=64)
def device(name: str) -> Device:
    """Return the device of a name, as ``resolve`` gives it, whether or not it is available."""
    return KINDS.get(name if name in KINDS else name.partition(":")[0], Device)(name)


def holds_values(torchs_name: str) -> bool:
    """Return whether a device, named as torch knows it, has tensors with values and gradients at present."""
    return torchs_name != "meta" and torchs_name.partition(":")[0] not in fake.faked


def others(device: str) -> list[str]:
    """List devices that are not this one, those of its kind first, whether or not tensors can be copied from them.

    Those of cpu are accelerators, or ``ABSENT`` where there is none. meta is no place beside others, and has none.
    """
    kind = device.partition(":")[0]
    if kind == "cpu":
        return [f"{each}:0" for each in _accelerators()] or [ABSENT]
    if kind == "meta":
        return []
    return [*(f"{kind}:{index}" for index in range(_count(kind)) if f"{kind}:{index}" != device), "cpu"]


def elsewhere(device: str) -> list[str]:
    """List devices from which a tensor can be copied to this one, none of which is this one where there are others.

    From meta nothing can be copied, so cpu is elsewhere for every device but itself; for cpu it is an
    accelerator where there is one, and cpu again where there is none.
    """
    if device == "cpu":
        return [f"{kind}:0" for kind in _accelerators()] or ["cpu"]
    return others(device) or ["cpu"]


def moves(device: str) -> list[tuple[str, str]]:
    """List the ways that a tensor can move which a check on a device can show: from where, and to where.

    It moves to the device from each place that is ``elsewhere``, and from the device to cpu: where no accelerator is
    present, cpu itself has nothing that comes from another device. From meta nothing can be copied, and a pretended
    device notes what is copied from it as an implementation's own doing.
    """
    to_it = [(place, device) for place in elsewhere(device)]
    return to_it if device in ("cpu", "meta") or is_pretended(device) else [*to_it, (device, "cpu")]


def _accelerators() -> list[str]:
    """List the types of accelerator that are present; a pretended one is there for those who ask for it."""
    if hasattr(torch, "accelerator"):
        current = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        return [current.type] if current is not None and current.type != PRETEND else []
    return [kind for kind in (*ACCELERATORS, *_private()) if _count(kind)]


def _private() -> list[str]:
    """Name the backend that a vendor has put into torch's slot for one, if any."""
    name = getattr(torch._C, "_get_privateuse1_backend_name", lambda: "privateuseone")()
    return [] if name in ("privateuseone", PRETEND) else [name]


def _count(kind: str) -> int:
    """Return the number of devices of a kind, at present."""
    return fake.COUNT if kind in fake.faked else device(kind).count(kind)
