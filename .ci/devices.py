"""Say which accelerators are here: ``python .ci/devices.py TORCH BUILD DEVICE``, such as ``2.13 cu126 cuda``.

What is found is printed, and added to the summary of the workflow's step. The exit status is 1 if this torch is not the
one that was requested, or finds no such device, and 2 for wrong usage. A single device is worth a warning: no
requirement about a second one can be judged there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import torch


def main(arguments: list[str]) -> int:
    """Print what is here, and return the exit status."""
    if len(arguments) != 3:
        print(f"usage: devices.py TORCH BUILD DEVICE, such as 2.13 cu126 cuda, not {' '.join(arguments) or 'nothing'}")
        return 2
    release, build, device = arguments
    backend: Any = getattr(torch, device, None)
    # Not all that torch has are accelerators, which have a number and names: torch.cpu has no names.
    name_of: Any = getattr(backend, "get_device_name", lambda index: "without a name")
    count = backend.device_count() if hasattr(backend, "device_count") else 0
    lines = [f"torch {torch.__version__}, built for {built_for()}"]
    lines += [f"{device}:{index}: {name_of(index)}" for index in range(count)]
    if count == 1:
        lines.append(f"1 {device} device: no requirement about a second one is judged here")
        print(f"::warning::{lines[-1]}")
    print("\n".join(lines))
    with Path(os.environ.get("GITHUB_STEP_SUMMARY", os.devnull)).open("a", encoding="utf-8") as summary:
        summary.write("".join(f"- {line}\n" for line in lines))
    if not torch.__version__.startswith(f"{release}.") or built_for() != build:
        print(f"::error::torch {release} for {build} was requested; this is {lines[0]}")
        return 1
    if count == 0:
        print(f"::error::{lines[0]}, finds no {device} device: is its driver installed, and new enough for this build?")
        return 1
    return 0


def built_for() -> str:
    """Return what torch was built for, as indexes of wheels name it: ``cu126``, ``rocm6.3``, ``xpu`` or ``cpu``."""
    version: Any = torch.version
    if version.cuda:
        return f"cu{version.cuda.replace('.', '')}"
    if version.hip:
        return "rocm" + ".".join(version.hip.split(".")[:2])
    return "xpu" if getattr(version, "xpu", None) else "cpu"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
