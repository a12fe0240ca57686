"""Checks that ``FakeSparsity`` rejects inputs of another shape, and says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, error_of, raised
from sparsifier_conformance.checking.masks.masking import ways_to_call
from sparsifier_conformance.checking.masks.strategies import other_shapes, shapes
from sparsifier_conformance.checking.under_O import LOOKS
from sparsifier_conformance.checking.world.circumstances import called

#: Inputs of every kind, each made of a tensor.
KINDS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tensor": torch.Tensor.detach,
    "tensor that requires a gradient": lambda tensor: tensor.requires_grad_(),
    "parameter": nn.Parameter,
    "boolean tensor": lambda tensor: tensor > 0,
    "integer tensor": torch.Tensor.int,
    "complex tensor": lambda tensor: tensor.to(torch.complex64),
    "tensor with gaps": lambda tensor: tensor.unsqueeze(-1).repeat_interleave(2, -1)[..., 1],
}


@given(shape=shapes(), first=st.integers(0, len(KINDS) - 1))
@example(shape=(2, 3), first=0)
@example(shape=(1,), first=0)
@example(shape=(), first=0)
@example(shape=(0,), first=0)
@example(shape=(64, 33), first=0)
def test_shape_mismatch_rejected(implementation: Any, device: str, shape: tuple[int, ...], first: int) -> None:
    sparsity = implementation.FakeSparsity(torch.ones(shape, device=device))
    observed: dict[str, Any] = {}
    # Each shape with one kind, and the kinds in turn.
    kinds = islice(cycle(KINDS.items()), first, None)
    for other, (kind, make) in zip(other_shapes(shape), kinds, strict=False):
        tensor = torch.ones(other, device=device)
        if error_of(make, tensor) is None:  # not every device takes every dtype
            observed[f"{kind} of shape {other}"] = raised(AssertionError, sparsity, make(tensor))
    expected: dict[str, Any] = dict.fromkeys(observed, "AssertionError")
    observed["shape of the result for the shape of the mask"] = tuple(sparsity(torch.ones(shape, device=device)).shape)
    expected["shape of the result for the shape of the mask"] = shape
    assert_same(observed, expected)


def test_shape_mismatch_rejected__large(implementation: Any, device: str) -> None:
    # Empty ones, which are made at once: for a size at which a look at each shape may be thought to take too long.
    shape = (256, 280)
    sparsity = implementation.FakeSparsity(torch.empty(shape, device=device))
    others = other_shapes(shape)
    observed: dict[Any, Any] = {x: raised(AssertionError, sparsity, torch.empty(x, device=device)) for x in others}
    expected: dict[Any, Any] = dict.fromkeys(others, "AssertionError")
    observed["shape of the result"] = tuple(sparsity(torch.empty(shape, device=device)).shape)
    expected["shape of the result"] = shape
    assert_same(observed, expected)


#: The shape of a mask, and others that broadcast to it, or have as many elements.
ALIKE: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((2, 1), (1, 1), (2, 2), (2,), (), (1, 2)),
    ((1,), (), (1, 1)),
    ((), (1,)),
    ((0,), (), (1,), (0, 1)),
)


def test_shape_mismatch_rejected__circumstances(implementation: Any, device: str) -> None:
    observed = {}
    expected = {}
    # Each way with the first mask, and with one of the others in turn: of four ways in a row each mode is one.
    ways = [(way, alike) for index, way in enumerate(ways_to_call()) for alike in (ALIKE[0], ALIKE[1 + index % 3])]
    for (label, circumstance, training, by_forward), alike in ways:
        sparsity = implementation.FakeSparsity(torch.ones(alike[0], device=device))
        sparsity.train(training)
        # The inputs of one are made where it is called: in inference mode they are others then.
        call = (lambda x, sparsity=sparsity: sparsity.forward(x.clone())) if by_forward else sparsity
        case = f"{label}, mask of shape {alike[0]}"
        observed[case] = [
            raised(AssertionError, called, circumstance, call, torch.ones(shape, device=device)) for shape in alike
        ]
        expected[case] = ["no error", *["AssertionError"] * (len(alike) - 1)]
    assert_same(observed, expected)


#: Shapes of sizes that no message names by chance, and every other one of them with more dimensions, or with none.
OF_MASKS = ((11, 13), (17,), (19, 1), (11, 13, 17, 19, 61), (0, 67))
OF_INPUTS = ((23, 29), (31,), (1, 37), (23, 29, 31, 37, 71), (0, 73))


@given(
    shape=st.sampled_from(OF_MASKS),
    given_shape=st.sampled_from(OF_INPUTS),
    way=st.sampled_from(ways_to_call()),
    assigned=st.booleans(),
)
def test_message_names_shapes(
    implementation: Any,
    device: str,
    shape: tuple[int, ...],
    given_shape: tuple[int, ...],
    way: tuple[str, str, bool, bool],
    assigned: bool,
) -> None:
    _, circumstance, training, by_forward = way
    mask = torch.ones(1, device=device).expand(shape)
    sparsity = implementation.FakeSparsity(torch.ones(1, device=device) if assigned else mask)
    sparsity.mask = mask
    sparsity.train(training)
    x = torch.ones(1, device=device).expand(given_shape)
    error = error_of(called, circumstance, sparsity.forward if by_forward else sparsity, x)
    # A later one, which has other shapes to name, leaves it as it is.
    error_of(implementation.FakeSparsity(torch.ones(1, device=device)), torch.ones(1, 1, device=device))
    numbers = re.findall(r"\d+", " ".join([str(error), *getattr(error, "__notes__", [])]))
    wanted = {str(size) for size in (*shape, *given_shape)}
    observed = {"sizes named": sorted(wanted & set(numbers), key=int)}
    expected = {"sizes named": sorted(wanted, key=int)}
    assert_same(observed, expected)


def other_shapes_of_input(implementation: Any) -> dict[str, str]:
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0]))
    inputs = [torch.ones(sizes) for sizes in ((1,), (3,), (), (0,), (1, 2))]
    return {
        "other shapes": repr([raised(AssertionError, sparsity, x) for x in inputs]),
        "the mask's shape": repr(sparsity(torch.full((2,), 2.0)).tolist()),
        "other shapes, in eval mode": repr([raised(AssertionError, sparsity.eval(), x) for x in inputs]),
    }


LOOKS["FakeSparsity"] = other_shapes_of_input


def test_rejected_under_O(implementation: Any, optimized: Any) -> None:
    observed = optimized(implementation, "FakeSparsity")
    # What is rejected as usual, and how, is for other checks.
    expected: dict[str, Any] = other_shapes_of_input(implementation)
    observed["rejects any as usual"] = expected["other shapes"] != repr(["no error"] * 5)
    expected["rejects any as usual"] = True
    assert_same(observed, expected)
