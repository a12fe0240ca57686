"""Numbers that tell products apart, by dtype, and each two dtypes that torch multiplies."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import inf, nan
from typing import Any

import torch

from ..comparing import contents

#: Numbers by the kind of dtype. Complex ones, and floating-point ones
#: that meet them, are finite: there is more than one right way to multiply the others.
NUMBERS: dict[str, tuple[Any, ...]] = {
    "float": (1.0, 0.0, -0.0, -1.0, 2.5, -3.0, nan, inf, -inf),
    "finite": (1.0, 0.0, -1.0, 2.5, -3.0),
    # 0.1 is inexact, and alone on the real axis: products of others may be rounded in more than one right way.
    "complex": (1 + 0j, 0j, 1j, 2 - 3j, 0.1 + 0j),
    "bool": (True, False),
    "signed": (1, 0, -1, 2, 100),
    "unsigned": (1, 0, 2, 200),
}
#: Further ones by dtype, whose products are others where they are calculated in a smaller or coarser dtype.
_EDGES: dict[str, tuple[Any, ...]] = {
    "float16": (1.0009765625, 0.1, 300.0, 6e-8),
    "bfloat16": (1.0078125, 0.1, 3e38),
    "float32": (1.0000001192092896, 0.1, 16777215.0, 3e38, 1e-45),
    "float64": (1.0000000000000002, 0.1, 1e300, 5e-324),
    "int16": (32767, 257),
    "int32": (16777217, 2147483647),
    "int64": (9007199254740993, 9223372036854775807, 16777217),
    "uint8": (255,),
}


@lru_cache(maxsize=1)
def kinds_of_dtypes() -> dict[str, str]:
    """Give every dtype that this torch multiplies by itself and by float32, with its kind of numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: kind for name in sorted(vars(torch)) if (kind := _multiplied(name)) is not None}


def _multiplied(name: str) -> str | None:
    """Give the kind of numbers of a dtype if torch multiplies it."""
    dtype = getattr(torch, name)
    # One name for each: torch.half is another one for torch.float16.
    if not isinstance(dtype, torch.dtype) or str(dtype) != f"torch.{name}":
        return None
    kind = _kind(dtype)
    try:
        # On the CPU alone: the first product on meta imports torch's compiler, which takes as long as torch.
        tensor = torch.tensor([NUMBERS[kind][0]], dtype=dtype)
        _ = tensor * tensor, tensor * tensor.float()
        contents(tensor)
    except Exception:  # quantized, float8, … whatever this release cannot do
        return None
    return kind


def _kind(dtype: torch.dtype) -> str:
    if dtype.is_floating_point or dtype.is_complex:
        return "complex" if dtype.is_complex else "float"
    if dtype is torch.bool:
        return "bool"
    return "unsigned" if "uint" in str(dtype) else "signed"


def commonest_first(name: str) -> tuple[bool, bool, str]:
    """Return what to sort dtypes by, lest a smallest input be of an uncommon one."""
    return name != "float32", name != "bool", name


@lru_cache(maxsize=1)
def multiplied_pairs() -> list[tuple[str, str]]:
    """Return each two dtypes that this torch multiplies, the commonest first."""
    every = sorted(kinds_of_dtypes(), key=commonest_first)
    pairs = []
    for mask, given in product(every, every):
        try:
            _ = torch.ones(1, dtype=getattr(torch, mask)) * torch.ones(1, dtype=getattr(torch, given))
        except RuntimeError:
            continue
        pairs.append((mask, given))
    return pairs


def crossed_numbers(device: str) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    """Make, for each two dtypes that a device multiplies, a mask and an input in which each number meets each.

    Before them the two dtypes are given, in words.
    """
    for dtypes, columns in _crossed():
        try:
            mask, x = (
                torch.tensor(column, dtype=getattr(torch, dtype), device=device)
                for dtype, column in zip(dtypes, columns, strict=True)
            )
            _ = mask * x
        except (RuntimeError, TypeError):
            continue  # not every device takes every dtype
        yield " by ".join(dtypes), mask, x


#: Shapes of eight numbers, from one to four dimensions.
_OF_EIGHT = ((8,), (2, 4), (8, 1), (2, 2, 2), (1, 8, 1), (2, 1, 2, 2))


def special_numbers(device: str) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    """Make masks of ones and zeros, and inputs of special numbers of each dtype, together and without dimensions.

    Before them the two dtypes are given, in words.
    """
    columns = tuple(zip(*product((1, 0), (nan, inf, -inf, -0.0)), strict=True))
    for given in (name for name, kind in kinds_of_dtypes().items() if kind == "float"):
        for of_mask in sorted({"bool", "float32", given}):
            try:
                mask, x = (
                    torch.tensor(column, dtype=getattr(torch, dtype), device=device)
                    for column, dtype in zip(columns, (of_mask, given), strict=True)
                )
                _ = mask * x
            except (RuntimeError, TypeError):
                continue  # not every device takes every dtype
            for at in range(8):
                yield f"{of_mask} by {given}", mask[at].clone(), x[at].clone()
            for shape in _OF_EIGHT:
                yield f"{of_mask} by {given}", mask.reshape(shape), x.reshape(shape)


@lru_cache(maxsize=1)
def _crossed() -> list[tuple[tuple[str, str], list[tuple[Any, ...]]]]:
    """Return, for each two dtypes, numbers of the one, and of the other one."""
    crossed = []
    for dtypes in multiplied_pairs():
        kinds = [kinds_of_dtypes()[dtype] for dtype in dtypes]
        finite = "complex" in kinds
        edges = {} if "complex32" in dtypes else _EDGES  # of which some are infinite in half precision
        pools = [
            NUMBERS["finite"] if finite and kind == "float" else NUMBERS[kind] + edges.get(dtype, ())
            for kind, dtype in zip(kinds, dtypes, strict=True)
        ]
        crossed.append((dtypes, list(zip(*product(*pools), strict=True))))
    return crossed
