"""Checks of ``FakeSparsity``: values, the mask, shapes and devices."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from hypothesis import example, given, reject
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, raised
from sparsifier_conformance.checking.descriptions import MaskAndInput, Values
from sparsifier_conformance.checking.masks.strategies import (
    crossed_numbers,
    dtypes,
    masked_inputs,
    other_shapes,
    shapes,
)
from sparsifier_conformance.checking.skips import holds_values
from sparsifier_conformance.checking.under_O import LOOKS
from sparsifier_conformance.checking.world.circumstances import CIRCUMSTANCES, called, under
from sparsifier_conformance.checking.world.states import tensor_state
from sparsifier_conformance.checking.world.values import changes
from sparsifier_conformance.devices.registry import elsewhere

NAN = float("nan")
SPECIAL = MaskAndInput(
    Values("float32", (4,), (0.0, 0.0, -1.0, 1.0)), Values("float32", (4,), (NAN, float("inf"), 0.0, NAN))
)
ZEROS_AND_ONES = MaskAndInput(
    Values("float32", (4,), (0.0, 0.0, 0.0, 1.0)), Values("float32", (4,), (NAN, float("inf"), -1.0, NAN))
)
PLAIN = MaskAndInput(Values("float32", (2,), (1.0, 0.0)), Values("float32", (2,), (2.0, 3.0)))


@given(drawn=masked_inputs())
@example(drawn=SPECIAL)
@example(drawn=ZEROS_AND_ONES)
def test_product(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    mask, x = drawn.build(device)
    sparsity = implementation.FakeSparsity(mask)
    observed = {"result": contents(sparsity(x))}
    expected = {"result": contents(mask * x)}
    if x.is_floating_point() or x.is_complex():
        leaf = x.detach().requires_grad_()
        observed["result of one that requires a gradient"] = contents(sparsity(leaf))
        expected["result of one that requires a gradient"] = contents(mask * leaf)
    assert_same(observed, expected)


def test_product__circumstances(implementation: Any, device: str) -> None:
    observed = {}
    expected = {}
    for label, circumstance, training, by_forward in ways_to_call():
        mask, x = SPECIAL.build(device)
        with under(circumstance):
            expected[label] = contents(mask * x)
        sparsity = implementation.FakeSparsity(mask)
        sparsity.train(training)
        observed[label] = contents(called(circumstance, sparsity.forward if by_forward else sparsity, x))
    assert_same(observed, expected)


def ways_to_call() -> list[tuple[str, str, bool, bool]]:
    """Return circumstances with train or eval mode, called as a module or by its method, and in words."""
    modes = {"train mode": True, "eval mode": False}
    methods = {"as a module": False, "by forward": True}
    return [
        (f"{circumstance}, {mode}, {method}", circumstance, modes[mode], methods[method])
        for circumstance in CIRCUMSTANCES
        for mode in modes
        for method in methods
    ]


def test_product__numbers(implementation: Any, device: str) -> None:
    holds_values(device)
    observed = {}
    expected = {}
    for each in crossed_numbers():
        if error_of(lambda each=each: each.mask.build(device) * each.x.build(device)) is not None:
            continue  # not every device takes every dtype
        mask, x = each.mask.build(device), each.x.build(device)
        pair = f"{each.mask.dtype} by {each.x.dtype}"
        observed[pair] = contents(implementation.FakeSparsity(mask)(x))
        expected[pair] = contents(mask * x)
        mask, x = mask[0].clone(), x[0].clone()
        observed[f"{pair}, without dimensions"] = contents(implementation.FakeSparsity(mask)(x))
        expected[f"{pair}, without dimensions"] = contents(mask * x)
    assert_same(observed, expected)


def test_mask_is_buffer(implementation: Any, device: str) -> None:
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device))
    observed = {
        "parameters": [name for name, _ in sparsity.named_parameters()],
        "is the attribute a tensor": isinstance(sparsity.mask, torch.Tensor),
        "is the attribute the buffer": dict(sparsity.named_buffers()).get("mask") is sparsity.mask,
    }
    expected = {"parameters": [], "is the attribute a tensor": True, "is the attribute the buffer": True}
    assert_same(observed, expected)


@given(drawn=masked_inputs(writable=True))
@example(drawn=PLAIN)
@example(drawn=MaskAndInput(Values("float32", (2,), (1.0, 0.0), ".repeat_interleave(2, -1)[..., ::2]"), PLAIN.x))
def test_mask_identity(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    mask, x = drawn.build(device)
    sparsity = implementation.FakeSparsity(mask)
    observed = {"at first": sparsity.mask}
    sparsity(x)
    observed["after a call"] = sparsity.mask
    mask.fill_(0)
    sparsity(x)
    observed["after an in-place update"] = sparsity.mask
    expected = dict.fromkeys(observed, mask)
    assert_same(observed, expected)


#: Inputs of every kind, each made of a tensor.
KINDS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tensor": torch.Tensor.detach,
    "tensor that requires a gradient": lambda tensor: tensor.requires_grad_(),
    "parameter": nn.Parameter,
    "boolean tensor": lambda tensor: tensor > 0,
}


@given(shape=shapes())
@example(shape=(2, 3))
@example(shape=(1,))
@example(shape=())
@example(shape=(0,))
def test_shape_mismatch_rejected(implementation: Any, device: str, shape: tuple[int, ...]) -> None:
    sparsity = implementation.FakeSparsity(torch.ones(shape, device=device))
    observed: dict[str, Any] = {}
    for other in other_shapes(shape):
        for kind, make in KINDS.items():
            observed[f"{kind} of shape {other}"] = raised(
                AssertionError, sparsity, make(torch.ones(other, device=device))
            )
    expected: dict[str, Any] = dict.fromkeys(observed, "AssertionError")
    observed["shape of the result for the shape of the mask"] = tuple(sparsity(torch.ones(shape, device=device)).shape)
    expected["shape of the result for the shape of the mask"] = shape
    assert_same(observed, expected)


def test_shape_mismatch_rejected__circumstances(implementation: Any, device: str) -> None:
    observed = {}
    for label, circumstance, training, by_forward in ways_to_call():
        sparsity = implementation.FakeSparsity(torch.ones(2, 1, device=device))
        sparsity.train(training)
        call = sparsity.forward if by_forward else sparsity
        observed[label] = [
            raised(AssertionError, called, circumstance, call, torch.ones(shape, device=device))
            for shape in ((2, 1), (1, 1), (2, 2), (2,), ())
        ]
    expected = {label: ["no error", *["AssertionError"] * 4] for label in observed}
    assert_same(observed, expected)


@given(drawn=masked_inputs(), kind=st.sampled_from(("a tensor", "a leaf", "a parameter", "a result")))
@example(drawn=PLAIN, kind="a parameter")
def test_input_unchanged(implementation: Any, device: str, drawn: MaskAndInput, kind: str) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    if kind != "a tensor" and (x.is_floating_point() or x.is_complex()):
        x.requires_grad_()
        x = {"a leaf": x, "a parameter": nn.Parameter(x.detach()), "a result": 1 * x}[kind]
    sparsity = implementation.FakeSparsity(mask)
    own = sparsity.mask
    before = {**tensor_state(x, "input"), **tensor_state(own, "mask")}
    sparsity(x)
    masked = implementation.FakeSparsity(torch.zeros(1, device=device))(torch.ones(1, device=device))
    observed = {
        "what has changed": changes(before, {**tensor_state(x, "input"), **tensor_state(own, "mask")}),
        "one that is masked": masked.tolist(),
    }
    expected = {"what has changed": {}, "one that is masked": [0.0]}
    assert_same(observed, expected)


def _plain(dtype: str, device: str) -> Any:
    """Make a module with a mask as a plain buffer: what becomes of that is what torch means by moving."""
    plain = nn.Module()
    plain.register_buffer("mask", torch.ones(2, dtype=getattr(torch, dtype), device=device))
    return plain


@given(dtype=dtypes("float", "bool", "signed", "unsigned"), to=dtypes("float"))
@example(dtype="bool", to="float64")
@example(dtype="float32", to="float64")
@example(dtype="int64", to="float16")
def test_moves_with_module(implementation: Any, device: str, dtype: str, to: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for place in elsewhere(device):
        if error_of(lambda place=place: _plain(dtype, place).to(device).to(getattr(torch, to))) is not None:
            reject()  # not every device takes every dtype
        module: Any = nn.Module()
        module.add_module("sparsity", implementation.FakeSparsity(_plain(dtype, place).mask))
        plain = nn.Module()
        plain.register_buffer("mask", module.sparsity.mask.clone())
        observed[f"moved from {place}"] = contents(module.to(device).sparsity.mask)
        expected[f"moved from {place}"] = contents(plain.to(device).mask)
        observed[f"cast, moved from {place}"] = contents(module.to(getattr(torch, to)).sparsity.mask)
        expected[f"cast, moved from {place}"] = contents(plain.to(getattr(torch, to)).mask)
    assert_same(observed, expected)


@given(shape=st.sampled_from(((11, 13), (17,), (19, 1))), given_shape=st.sampled_from(((23, 29), (31,), (1, 37))))
def test_message_names_shapes(
    implementation: Any, device: str, shape: tuple[int, ...], given_shape: tuple[int, ...]
) -> None:
    sparsity = implementation.FakeSparsity(torch.ones(shape, device=device))
    error = error_of(sparsity, torch.ones(given_shape, device=device))
    numbers = re.findall(r"\d+", " ".join([str(error), *getattr(error, "__notes__", [])]))
    wanted = {str(size) for size in (*shape, *given_shape)}
    observed = {"sizes named": sorted(wanted & set(numbers), key=int)}
    expected = {"sizes named": sorted(wanted, key=int)}
    assert_same(observed, expected)


def other_shapes_of_input(implementation: Any) -> dict[str, str]:
    mask = torch.tensor([1.0, 0.0])
    return {
        "another shape": raised(AssertionError, implementation.FakeSparsity(mask), torch.ones(1)),
        "the mask's shape": repr(implementation.FakeSparsity(mask)(torch.full((2,), 2.0)).tolist()),
    }


LOOKS["FakeSparsity"] = other_shapes_of_input


def test_rejected_under_O(implementation: Any, optimized: Any) -> None:
    observed = optimized(implementation, "FakeSparsity")
    expected = {"another shape": "AssertionError", "the mask's shape": "[2.0, 0.0]"}
    assert_same(observed, expected)
