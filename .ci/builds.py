"""Print, as JSON, what is judged on which accelerator: ``python .ci/builds.py [pairs]``.

The builds of torch are those of ``BUILDS``, the machines those of the repository's variables, each a JSON list of
labels or of lists of labels. With ``pairs`` it is the newest build for CUDA alone, on machines that have two devices.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

#: Releases of torch, the builds that there are of them, torch's name of the device, and the variable of its machines.
#: Not every release is built for every CUDA. To torch, a device of ROCm is called cuda.
BUILDS = (
    ("2.1", "cu121", "cuda", "GPU_RUNNERS"),
    ("2.4", "cu118", "cuda", "GPU_RUNNERS"),
    ("2.4", "cu124", "cuda", "GPU_RUNNERS"),
    ("2.7", "cu126", "cuda", "GPU_RUNNERS"),
    ("2.7", "cu128", "cuda", "GPU_RUNNERS"),
    ("2.10", "cu126", "cuda", "GPU_RUNNERS"),
    ("2.10", "cu130", "cuda", "GPU_RUNNERS"),
    ("2.13", "cu126", "cuda", "GPU_RUNNERS"),
    ("2.13", "cu130", "cuda", "GPU_RUNNERS"),
    ("2.15", "cu132", "cuda", "GPU_RUNNERS"),
    ("2.7", "rocm6.3", "cuda", "ROCM_RUNNERS"),
    ("2.7", "xpu", "xpu", "XPU_RUNNERS"),
)
PAIRS = "GPU_PAIR_RUNNERS"
_VARIABLES = (*dict.fromkeys(variable for *_, variable in BUILDS), PAIRS)


def main(arguments: list[str]) -> int:
    """Print the rows of the matrix, and return the exit status."""
    if arguments not in ([], ["pairs"]):
        print(f"usage: builds.py [pairs], not {' '.join(arguments)}", file=sys.stderr)
        return 2
    print(json.dumps(rows(os.environ, pairs=arguments == ["pairs"])))
    return 0


def rows(variables: Mapping[str, str], *, pairs: bool) -> list[dict[str, Any]]:
    """Return a row for each build and machine.

    Parameters:
        variables: those of the environment; one that is missing, empty or no list names no machine.
        pairs: whether the machines are those with two devices.
    """
    machines = {variable: _runners(variable, variables.get(variable, "")) for variable in _VARIABLES}
    newest = [build for build in BUILDS if build[3] == "GPU_RUNNERS"][-1:]
    chosen = [(*build[:3], PAIRS) for build in newest] if pairs else BUILDS
    return [
        {"runner": runner, "torch": torch, "build": build, "device": device}
        for torch, build, device, variable in chosen
        for runner in machines[variable]
    ]


def _runners(variable: str, text: str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list):
        print(f'::warning::{variable} is {text!r}, and no JSON list of labels, such as ["gpu-t4"]', file=sys.stderr)
        return []
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
