"""The devices that checks run on, and those that are not there."""

from __future__ import annotations

import re
from difflib import get_close_matches

import torch

#: Device types that torch knows by name; PrivateUse1 may add one.
KNOWN = ("cpu", "meta", "cuda", "mps", "xpu", "hpu")


class UnknownDevice(ValueError):
    """No device has this name; the message names the nearest ones."""


def available() -> list[str]:
    """List the devices of this machine: cpu, meta, and every accelerator that torch finds."""
    return ["cpu", "meta", *(f"{kind}:{index}" for kind in _accelerators() for index in range(_count(kind)))]


def resolve(names: tuple[str, ...]) -> list[str]:
    """Turn the devices that were asked for into names with an index, each once, in order.

    Parameters:
        names: ``cpu``, ``meta``, an accelerator with or without index, or ``all``; none stands for ``all``.

    Returns:
        Names of devices, those that are not there included (see ``missing``).

    Raises:
        UnknownDevice: if torch knows no such type of device.
    """
    resolved: list[str] = []
    for name in names or ("all",):
        if name == "all":
            resolved += available()
            continue
        match = re.fullmatch(r"([a-z_0-9]+?)(?::(\d+))?", name)
        known = sorted({*KNOWN, *_accelerators()})
        if match is None or match[1] not in known:
            near = get_close_matches(name.partition(":")[0], known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UnknownDevice(f"no device is called {name!r}{hint} (known: {', '.join(known)}, all)")
        kind, index = match[1], match[2]
        if kind in ("cpu", "meta"):
            resolved.append(kind)
        elif index is not None:
            resolved.append(f"{kind}:{index}")
        else:
            resolved += [f"{kind}:{number}" for number in range(max(1, _count(kind)))]
    return list(dict.fromkeys(resolved))


def missing(name: str) -> str | None:
    """Say why a device is not there, or give None if it is."""
    kind, _, index = name.partition(":")
    if kind in ("cpu", "meta"):
        return None
    count = _count(kind)
    if count == 0:
        return f"torch {torch.__version__} finds no {kind} device here"
    return None if int(index or 0) < count else f"torch finds {count} {kind} device(s) here, so there is no {name}"


def elsewhere(device: str) -> str:
    """Give a device that is not this one, and from which a tensor can be copied to it.

    From meta nothing can be copied, so cpu is elsewhere for every device but itself; for cpu it is an
    accelerator where there is one, and cpu again where there is none.
    """
    if device != "cpu":
        return "cpu"
    accelerators = [name for name in available() if name not in ("cpu", "meta")]
    return accelerators[0] if accelerators else "cpu"


def other(device: str) -> str:
    """Give a device that is not this one, whether or not tensors can be copied from it."""
    return "cpu" if device != "cpu" else "meta"


def _accelerators() -> list[str]:
    """List the types of accelerator that are present."""
    if hasattr(torch, "accelerator"):
        current = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        return [current.type] if current is not None else []
    return [kind for kind in ("cuda", "mps", "xpu", "hpu") if _count(kind)]


def _count(kind: str) -> int:
    """Count the devices of a type; a torch built without it has none."""
    backend = getattr(torch, kind, None)
    if kind == "mps":
        return int(torch.backends.mps.is_available())
    if backend is None or not hasattr(backend, "device_count"):
        return 0
    return int(backend.device_count())
