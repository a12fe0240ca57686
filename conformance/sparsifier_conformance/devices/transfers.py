"""What an implementation makes a device wait for or copy away: noted where it can be seen, and no failure.

It is told from what a check does by the code that asks: the first, from the inside, that is neither torch's, nor
Python's, nor of these devices. So what torch's own implementation does goes unnoted.
"""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import torch

_PACKAGE = str(Path(__file__).parents[1])
_TORCH = str(Path(torch.__file__).parent)
_PYTHON = sysconfig.get_path("stdlib")
#: Operations whose result is a number or a truth value.
_READS = {"aten::_local_scalar_dense", "aten::equal"}
#: What was noted since the device was entered, in words, each once.
noted: list[str] = []


def note(func: Any, device: torch.device, to: torch.device) -> None:
    """Note an operation if a real device would have to be waited for, and an implementation asks for it.

    Parameters:
        func: the operation.
        device: where its tensors are.
        to: where its result goes.
    """
    if to.type == "cpu" != device.type:
        what = "copies values to the CPU"
    elif func._schema.name in _READS:
        what = "reads a value"
    elif torch.Tag.dynamic_output_shape in func.tags:
        what = "waits for a shape"
    else:
        return
    place = _asking()
    if place is not None and f"{what} ({place})" not in noted:
        noted.append(f"{what} ({place})")


def _asking() -> str | None:
    """Return the line of an implementation that asks, or None if a check does."""
    frame: Any = sys._getframe(1)
    while frame is not None and _is_passed_over(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None or _is_in(frame.f_code.co_filename, _PACKAGE):
        return None
    return f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}"


@cache
def _is_passed_over(file: str) -> bool:
    """Return whether code only does what other code asks of it, or is what a check writes and runs."""
    is_installed = "site-packages" in file or "dist-packages" in file
    return (
        file.startswith("<")
        or _is_in(file, _TORCH)
        or _is_in(file, str(Path(__file__).parent))
        or (_is_in(file, _PYTHON) and not is_installed)
    )


def _is_in(file: str, folder: str) -> bool:
    return file.startswith(f"{folder}/") or file.startswith(f"{folder}\\")
