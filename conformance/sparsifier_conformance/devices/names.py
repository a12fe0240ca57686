"""The devices of our own that torch does not know by these names; told here, for not all that asks imports torch."""

from __future__ import annotations

FAKE = "fake:cuda"
PRETEND = "pretend"
#: Pretended devices without some dtypes.
NO_FLOAT64 = f"{PRETEND}:no-float64"
NO_COMPLEX = f"{PRETEND}:no-complex"


def is_pretended(device: str | None) -> bool:
    """Tell whether this is the pretended device, with or without an index."""
    return device is not None and device.partition(":")[0] == PRETEND


def is_made_up(device: str | None) -> bool:
    """Tell whether a device is one of our own, and no real one."""
    return device == FAKE or is_pretended(device)
