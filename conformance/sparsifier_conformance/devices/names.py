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


def plainness(device: str | None) -> int:
    """Return a key that sorts devices, the plainest first: none or cpu, a real one, meta, and last one of our own."""
    if device is None or device == "cpu":
        return 0
    return 3 if device == FAKE or is_pretended(device) else 2 if device == "meta" else 1
