"""Checks of ``FakeSparsity`` between whose calls users do this and that to the mask and the model."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, in_case, raised
from sparsifier_conformance.checking.masks.histories import (
    CHANGES,
    COPIES,
    EVERYTHING,
    MOVES,
    RUNS,
    after,
    after_if_it_can,
    histories,
    numbered,
)
from sparsifier_conformance.checking.masks.masking import (
    Masking,
    holding,
    input_for,
    masks_at_all,
    new_product,
    numbers_in,
    product_of,
    right_or_late,
)
from sparsifier_conformance.checking.masks.strategies import other_shapes
from sparsifier_conformance.checking.skips import holds_values, not_applicable, takes_dtype
from sparsifier_conformance.checking.world.circumstances import called


def _mask(dtype: str, device: str) -> torch.Tensor:
    return torch.tensor([[1, 0, 1], [0, 1, 1]], dtype=getattr(torch, dtype), device=device)


_DTYPES = st.sampled_from(("float32", "bool", "float64", "int64"))


@given(dtype=_DTYPES, first=st.sampled_from(("some zeros", "ones", "zeros")), lines=histories(*CHANGES))
@example(dtype="float32", first="some zeros", lines=CHANGES[:1])
@example(dtype="float32", first="some zeros", lines=CHANGES[1:2])
@example(dtype="float32", first="some zeros", lines=CHANGES[2:3])
@example(dtype="float32", first="some zeros", lines=CHANGES[3:4])
@example(dtype="float32", first="ones", lines=CHANGES[4:5])
@example(dtype="float32", first="zeros", lines=CHANGES[4:5])
def test_mask_updates_visible(implementation: Any, device: str, dtype: str, first: str, lines: tuple[str, ...]) -> None:
    # A product with nothing but ones, or zeros, is one that code saves itself, and must not save for longer.
    holds_values(device)
    takes_dtype(device, dtype)
    masks = [_mask(dtype, device) for _ in range(2)]
    for mask in masks if first != "some zeros" else []:
        mask.fill_(first == "ones")
    make = implementation.FakeSparsity
    model, plain = holding(make(masks[0])), holding(Masking(masks[1]))
    observed: dict[str, Any] = {"it masks at all": masks_at_all(make, device)}
    expected: dict[str, Any] = {"it masks at all": True}
    for label, line in [("at first", "pass"), *numbered(lines)]:
        model, plain = after(line, model), after(line, plain)
        found = numbers_in(model.sparsity(input_for(plain.sparsity.mask)))
        expected[label] = product_of(plain.sparsity)
        observed[label] = right_or_late(found, expected[label], new_product(make, plain.sparsity.mask))
    assert_same(observed, expected)


@pytest.mark.parametrize("mode", ["as usual", "without grad", "in inference mode"])
def test_mask_updates_visible__each_alone(implementation: Any, device: str, mode: str) -> None:
    # The same input again, for which code keeps a product: where nothing is trained, or nothing masked at first.
    holds_values(device)
    make = implementation.FakeSparsity
    observed: dict[str, Any] = {"it masks at all": masks_at_all(make, device)}
    expected: dict[str, Any] = {"it masks at all": True}
    for line, training, dtype in product(CHANGES, (True, False), ("of ones", "float32", "int64", "bool")):
        ones = dtype == "of ones"
        masks = [torch.ones(2, 3, device=device) if ones else _mask(dtype, device) for _ in range(2)]
        model, plain = holding(make(masks[0])), holding(Masking(masks[1]))
        x: torch.Tensor = nn.Parameter(input_for(masks[1]), requires_grad=training)
        for when in ("before", "after"):
            if when == "after":
                model, plain = after(line, model.train(training)), after(line, plain)
                if plain.sparsity.mask.shape != x.shape:
                    x = input_for(plain.sparsity.mask)
            label = f"{when} {line}, training {training}, first {dtype}"
            each_called = (in_case(label, called, mode, each.train(training).sparsity, x) for each in (model, plain))
            found, right = map(numbers_in, each_called)
            observed[label] = right_or_late(found, right, new_product(make, plain.sparsity.mask))
            expected[label] = right
    assert_same(observed, expected)


@given(shape=st.sampled_from(((2, 3), (1, 3), (4,), ())), number=st.sampled_from((0.0, 1.0)))
def test_mask_updates_visible__functional_call(
    implementation: Any, device: str, shape: tuple[int, ...], number: float
) -> None:
    holds_values(device)
    if not hasattr(torch, "func"):
        not_applicable(f"torch {torch.__version__} has no functional_call")
    make = implementation.FakeSparsity
    sparsity, other = make(_mask("float32", device)), torch.full(shape, number, device=device)
    with_another = numbers_in(torch.func.functional_call(sparsity, {"mask": other}, (input_for(other),)))
    found = {"with another mask": (other, with_another), "after that": (sparsity.mask, product_of(sparsity))}
    observed: dict[str, Any] = {"it masks at all": masks_at_all(make, device)}
    expected: dict[str, Any] = {"it masks at all": True}
    for label, (mask, result) in found.items():
        expected[label] = numbers_in(mask * input_for(mask))
        observed[label] = right_or_late(result, expected[label], new_product(make, mask))
    assert_same(observed, expected)


@given(dtype=_DTYPES, lines=histories(*EVERYTHING))
@example(dtype="float32", lines=COPIES)
@example(dtype="float32", lines=MOVES)
def test_buffer_counts(implementation: Any, device: str, dtype: str, lines: tuple[str, ...]) -> None:
    holds_values(device)
    takes_dtype(device, dtype)
    make = implementation.FakeSparsity
    model = holding(make(_mask(dtype, device)))
    observed: dict[str, Any] = {"it masks at all": masks_at_all(make, device)}
    expected: dict[str, Any] = {"it masks at all": True}
    for label, line in numbered(lines):
        model = after_if_it_can(line, model)
        for when in (label, f"{label}; then each zero is a one"):
            found, mask = product_of(model.sparsity), model.sparsity.mask
            expected[when] = numbers_in(mask * input_for(mask))
            observed[when] = right_or_late(found, expected[when], new_product(make, mask))
            model.sparsity.mask.logical_not_()
    assert_same(observed, expected)


@given(lines=histories(*EVERYTHING))
@example(lines=COPIES)
@example(lines=MOVES)
@example(lines=RUNS)
def test_mask_is_buffer__histories(implementation: Any, device: str, lines: tuple[str, ...]) -> None:
    holds_values(device)
    model = holding(implementation.FakeSparsity(_mask("float32", device)))
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for label, line in numbered(lines):
        model = after_if_it_can(line, model)
        observed[label] = dict(model.sparsity.named_buffers()).get("mask"), list(model.sparsity.parameters())
        expected[label] = model.sparsity.mask, []
    assert_same(observed, expected)


@given(lines=histories(*EVERYTHING))
@example(lines=COPIES)
@example(lines=MOVES)
@example(lines=RUNS)
def test_not_in_state_dict__histories(implementation: Any, device: str, lines: tuple[str, ...]) -> None:
    holds_values(device)
    model = holding(implementation.FakeSparsity(_mask("float32", device)))
    model.register_buffer("mask", torch.ones(1, device=device))
    observed = {}
    expected = {}
    for label, line in numbered(lines):
        model = after_if_it_can(line, model)
        observed[label] = {"keys": list(model.sparsity.state_dict()), "a parent's keys": list(model.state_dict())}
        expected[label] = {"keys": [], "a parent's keys": ["mask"]}
    assert_same(observed, expected)


@given(lines=histories(*EVERYTHING))
@example(lines=CHANGES[3:4])
@example(lines=("model.sparsity.mask.data = model.sparsity.mask.data[:1]",))
@example(lines=("model.sparsity.mask = model.sparsity.mask[:1]", "model.sparsity.mask = model.sparsity.mask.t()"))
def test_shape_mismatch_rejected__histories(implementation: Any, device: str, lines: tuple[str, ...]) -> None:
    holds_values(device)
    model = holding(implementation.FakeSparsity(_mask("float32", device)))
    observed = {}
    expected = {}
    before: dict[tuple[int, ...], torch.Tensor] = {}
    for label, line in [("at first", "pass"), *numbered(lines)]:
        model = after_if_it_can(line, model)
        mask_shape = tuple(model.sparsity.mask.shape)
        for shape in dict.fromkeys(((2, 3), mask_shape, *other_shapes(mask_shape))):
            x = torch.ones(shape, device=device)
            # What fitted once, or did not, may be remembered by the input: one that was there before, or one like it.
            observed[f"{label}, input of {shape}"] = [
                raised(AssertionError, model.sparsity, each) for each in (before.setdefault(shape, x), x)
            ]
            expected[f"{label}, input of {shape}"] = ["no error" if shape == mask_shape else "AssertionError"] * 2
    assert_same(observed, expected)
