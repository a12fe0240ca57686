"""How masks and their inputs are drawn: dtypes, shapes, layouts in memory, and numbers that tell products apart."""

from __future__ import annotations

import warnings
from functools import lru_cache
from itertools import product
from math import inf, nan, prod
from typing import Any

import torch
from hypothesis import strategies as st

from .comparing import contents
from .descriptions import MaskAndInput, Values
from .every_mask import SHAPES, every_layout

#: Numbers by the kind of dtype. Complex ones, and floating-point ones
#: that meet them, are finite: there is more than one right way to multiply the others.
_NUMBERS: dict[str, tuple[Any, ...]] = {
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
def _dtypes() -> dict[str, str]:
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
        tensor = torch.tensor([_NUMBERS[kind][0]], dtype=dtype)
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


def dtypes(*kinds: str) -> st.SearchStrategy[str]:
    """Draw the name of a dtype that torch multiplies, of the given kinds or of any."""
    # Found out when the first is drawn, for not every worker draws any.
    return st.deferred(lambda: _dtypes_of(kinds))


@lru_cache(maxsize=8)
def _dtypes_of(kinds: tuple[str, ...]) -> st.SearchStrategy[str]:
    # float32 first: it is what a smallest input should have.
    every = sorted((name for name, kind in _dtypes().items() if not kinds or kind in kinds), key=_commonest_first)
    return st.sampled_from(every)


def _commonest_first(name: str) -> tuple[bool, bool, str]:
    return name != "float32", name != "bool", name


@lru_cache(maxsize=1)
def shapes() -> st.SearchStrategy[tuple[int, ...]]:
    """Draw the shape of a mask."""
    return st.sampled_from(SHAPES)


@lru_cache(maxsize=64)
def layouts(shape: tuple[int, ...], *, writable: bool = False, of_complex: bool = False) -> st.SearchStrategy[str]:
    """Draw one of ``every_layout``."""
    return st.sampled_from(every_layout(shape, writable=writable, of_complex=of_complex))


@lru_cache(maxsize=1024)
def values(
    dtype: str, shape: tuple[int, ...], *, finite: bool = False, writable: bool = False
) -> st.SearchStrategy[Values]:
    """Draw a tensor of a dtype and a shape.

    Parameters:
        finite: whether floating-point numbers are finite.
        writable: as for ``layouts``.
    """
    kind = _dtypes()[dtype]
    numbers = _NUMBERS["finite" if finite and kind == "float" else kind]
    count = prod(shape)
    several = st.lists(st.sampled_from(numbers), min_size=count, max_size=count)
    laid_out = layouts(shape, writable=writable, of_complex=kind == "complex")
    return st.tuples(several, laid_out).map(lambda drawn: Values(dtype, shape, tuple(drawn[0]), drawn[1]))


def masked_inputs(
    *, kinds: tuple[str, ...] = (), finite: bool = False, writable: bool = False
) -> st.SearchStrategy[MaskAndInput]:
    """Draw a mask and an input of its shape, which torch multiplies.

    Parameters:
        kinds: of which kinds the input's dtype is (``float``, ``complex``, …); any if empty.
        finite: whether floating-point numbers are finite; those that meet complex ones always are.
        writable: as for ``layouts``.
    """
    return _masked_inputs(kinds, finite, writable)


@st.composite
def _masked_inputs(draw: st.DrawFn, kinds: tuple[str, ...], finite: bool, writable: bool) -> MaskAndInput:
    mask_dtype, input_dtype = draw(_pairs(kinds))
    shape = draw(shapes())
    finite = finite or "complex" in (_dtypes()[mask_dtype], _dtypes()[input_dtype])
    mask = draw(values(mask_dtype, shape, finite=finite, writable=writable))
    return MaskAndInput(mask, draw(values(input_dtype, shape, finite=finite, writable=writable)))


@lru_cache(maxsize=8)
def _pairs(kinds: tuple[str, ...]) -> st.SearchStrategy[tuple[str, str]]:
    """Draw a pair of dtypes that torch multiplies, of the commonest first."""
    return st.sampled_from(
        [(mask, given) for mask, given in _multiplied_pairs() if not kinds or _dtypes()[given] in kinds]
    )


@lru_cache(maxsize=1)
def _multiplied_pairs() -> list[tuple[str, str]]:
    every = sorted(_dtypes(), key=_commonest_first)
    pairs = []
    for mask, given in product(every, every):
        try:
            _ = torch.ones(1, dtype=getattr(torch, mask)) * torch.ones(1, dtype=getattr(torch, given))
        except RuntimeError:
            continue
        pairs.append((mask, given))
    return pairs


@lru_cache(maxsize=1)
def crossed_numbers() -> list[MaskAndInput]:
    """Return, for each two dtypes that torch multiplies, a mask and an input in which each number meets each."""
    crossed = []
    for dtypes_ in _multiplied_pairs():
        kinds = [_dtypes()[dtype] for dtype in dtypes_]
        finite = "complex" in kinds
        pools = [
            _NUMBERS["finite"] if finite and kind == "float" else _NUMBERS[kind] + _EDGES.get(dtype, ())
            for kind, dtype in zip(kinds, dtypes_, strict=True)
        ]
        columns = list(zip(*product(*pools), strict=True))
        mask, x = (Values(dtype, (len(column),), column) for dtype, column in zip(dtypes_, columns, strict=True))
        crossed.append(MaskAndInput(mask, x))
    return crossed


def other_shapes(shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """List shapes that differ from one: those that broadcast with it, 0-d and empty ones included."""
    near = {(), (1,), (0,), (*shape, 1), (1, *shape), shape[1:], shape[:-1], shape[::-1]}
    near |= {(*shape[:at], size, *shape[at + 1 :]) for at in range(len(shape)) for size in (0, 1, shape[at] + 1)}
    return tuple(sorted((other for other in near if other != shape), key=lambda other: (len(other), other)))
