"""Masks of every kind: of each shape in each layout, and of each dtype."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import prod
from typing import Any

import torch

from .numbers import kinds_of_dtypes

#: From 0 to 6 dimensions, and 10, with empty ones; small, for what matters is which they are.
SHAPES = (
    *((2,), (1,), (), (0,), (3, 2), (1, 3), (2, 0), (2, 1, 3), (1, 1, 1), (2, 2, 1, 2), (0, 3, 1, 2)),
    *((1, 2, 1, 2, 2), (2, 1, 1, 2, 1, 1), (1, 2, *(1,) * 8)),
)


def every_layout(shape: tuple[int, ...], *, writable: bool = False, of_complex: bool = False) -> list[str]:
    """List code that lays a tensor out in memory, to stand behind that of the tensor; empty leaves it contiguous.

    Parameters:
        shape: that of the tensor, which stays.
        writable: whether the tensor can be written to: one that is expanded has less memory than elements.
        of_complex: whether it holds complex numbers, in whose memory may be their conjugates.
    """
    # By methods, of which a fake device has more than of indexing. The second does not begin where its memory begins.
    every = ["", ".unsqueeze(0).repeat_interleave(2, 0).select(0, 1)"]
    if len(shape) > 1:
        every.append(".transpose(0, -1).clone(memory_format=torch.contiguous_format).transpose(0, -1)")
    if shape:
        every.append(".unsqueeze(-1).repeat_interleave(2, -1).select(-1, 1)")
    if shape and 0 not in shape and not writable:
        every.append(f".narrow(-1, 0, 1).expand({shape})")
    if len(shape) in (4, 5):
        every.append(f".clone(memory_format=torch.channels_last{'_3d' if len(shape) == 5 else ''})")
    if of_complex:
        every.append(".conj_physical().conj()")
    return every


def every_mask(device: str, *, writable: bool = False) -> Iterator[tuple[str, torch.Tensor]]:
    """Make one mask after the other, as far as a device takes its dtype, and give the torch code that does it.

    Parameters:
        device: what the masks are on.
        writable: as for ``every_layout``.
    """
    for code in _codes(writable):
        try:
            mask: torch.Tensor = _made(code, device)
        except (NotImplementedError, RuntimeError, TypeError):
            continue
        yield code, mask


@lru_cache(maxsize=2)
def _codes(writable: bool) -> list[str]:
    """Return the code that makes each mask, of zeros and ones, of which the latter may be imaginary."""
    of_shapes = [
        f"torch.arange({prod(shape)}, device=device).remainder(2).reshape({shape}).float(){layout}"
        for shape in SHAPES
        for layout in every_layout(shape, writable=writable)
    ]
    names = [name for name in kinds_of_dtypes() if name != "float32"]
    of_dtypes = [f"torch.arange(2, device=device).to(torch.{name})" for name in names]
    # In whose memory is the conjugate, or the negative, of what they are: none of them is its own.
    turned = "torch.arange(2, device=device).mul(-1j)"
    of_conjugates = [f"{turned}.to(torch.{name}).conj()" for name in names if "complex" in name]
    of_negatives = [f"{turned}{cast}.conj().imag" for cast in ("", ".to(torch.complex128)")]
    return [*of_shapes, *of_dtypes, *of_conjugates, *of_negatives]


def _made(code: str, device: str) -> Any:
    return eval(code, {"torch": torch, "device": device})
