"""How masks and their inputs are drawn: dtypes, shapes, layouts in memory, and numbers that tell products apart."""

from __future__ import annotations

from functools import lru_cache
from math import prod

from hypothesis import strategies as st

from ..descriptions import MaskAndInput, Values
from .every import SHAPES, every_layout
from .numbers import NUMBERS, commonest_first, kinds_of_dtypes, multiplied_pairs

#: A mask and an input that tell most at a glance: something masked, something kept, something scaled.
PLAIN = MaskAndInput(Values("float32", (3,), (1.0, 0.0, 2.5)), Values("float32", (3,), (2.0, 3.0, -1.0)))


def dtypes(*kinds: str) -> st.SearchStrategy[str]:
    """Draw the name of a dtype that torch multiplies, of the given kinds or of any."""
    # Found out when the first is drawn, for not every worker draws any.
    return st.deferred(lambda: _dtypes_of(kinds))


@lru_cache(maxsize=8)
def _dtypes_of(kinds: tuple[str, ...]) -> st.SearchStrategy[str]:
    # float32 first: it is what a smallest input should have.
    every = sorted(
        (name for name, kind in kinds_of_dtypes().items() if not kinds or kind in kinds), key=commonest_first
    )
    return st.sampled_from(every)


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
    kind = kinds_of_dtypes()[dtype]
    numbers = NUMBERS["finite" if finite and kind == "float" else kind]
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
    finite = finite or "complex" in (kinds_of_dtypes()[mask_dtype], kinds_of_dtypes()[input_dtype])
    mask = draw(values(mask_dtype, shape, finite=finite, writable=writable))
    return MaskAndInput(mask, draw(values(input_dtype, shape, finite=finite, writable=writable)))


@lru_cache(maxsize=8)
def _pairs(kinds: tuple[str, ...]) -> st.SearchStrategy[tuple[str, str]]:
    """Draw a pair of dtypes that torch multiplies, of the commonest first."""
    return st.sampled_from(
        [(mask, given) for mask, given in multiplied_pairs() if not kinds or kinds_of_dtypes()[given] in kinds]
    )


def other_shapes(shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """List shapes that differ from one: those that broadcast with it, 0-d and empty ones included."""
    near = {(), (1,), (0,), (*shape, 1), (1, *shape), shape[1:], shape[:-1], shape[::-1]}
    near |= {(*shape[:at], size, *shape[at + 1 :]) for at in range(len(shape)) for size in (0, 1, shape[at] + 1)}
    return tuple(sorted((other for other in near if other != shape), key=lambda other: (len(other), other)))
