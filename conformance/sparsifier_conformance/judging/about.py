"""What a worker says of the implementation and the environment, as plain data."""

from __future__ import annotations

import platform
from typing import Any

import torch

from ..devices.names import FAKE
from ..devices.registry import missing, resolve
from ..implementations import Found
from ..outcomes.reproducer.loading import loading


def about(found: Found, asked: tuple[str, ...]) -> dict[str, Any]:
    """Describe what is judged, and where.

    Parameters:
        found: the implementation.
        asked: the devices, as they were asked for.

    Returns:
        Both, with all devices that were asked for; how a script does the ``loading`` of the implementation; the
        devices that are ``there``; and those that were ``asked_for_in_vain`` by name, with the reason. To try the fake
        one takes as long as to import torch, so that is left to the checks that need it, unless it was named.
    """
    devices, named = resolve(asked), resolve(name for name in asked if name != "all") if set(asked) - {"all"} else []
    there = [device for device in devices if (device != FAKE or device in named) and missing(device) is None]
    return {
        "implementation": {name: getattr(found, name) for name in ("where", "name", "version", "file")},
        "environment": {
            "torch": str(torch.__version__),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "devices": devices,
        },
        "loading": loading(found),
        "there": there,
        "asked_for_in_vain": {device: missing(device) for device in named if device not in there},
    }
