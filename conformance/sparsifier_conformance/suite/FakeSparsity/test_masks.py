"""Checks of ``FakeSparsity``: values, the mask, shapes and devices."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import pytest
import torch
from hypothesis import example, given, reject
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, raised
from sparsifier_conformance.checking.descriptions import MaskAndInput, Values
from sparsifier_conformance.checking.masks.every import every_mask
from sparsifier_conformance.checking.masks.masking import may_be_differentiated, ways_to_call
from sparsifier_conformance.checking.masks.numbers import crossed_numbers
from sparsifier_conformance.checking.masks.strategies import (
    dtypes,
    masked_inputs,
    other_shapes,
    shapes,
)
from sparsifier_conformance.checking.skips import holds_values
from sparsifier_conformance.checking.under_O import LOOKS
from sparsifier_conformance.checking.world.circumstances import CIRCUMSTANCES, MODES, called, under
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
ZEROS = MaskAndInput(Values("float32", (3,), (0.0, 0.0, 0.0)), Values("float32", (3,), (NAN, -1.0, 2.0)))
PLAIN = MaskAndInput(Values("float32", (2,), (1.0, 0.0)), Values("float32", (2,), (2.0, 3.0)))


@given(drawn=masked_inputs(), trained=st.booleans())
@example(drawn=SPECIAL, trained=True)
@example(drawn=ZEROS_AND_ONES, trained=True)
@example(drawn=ZEROS, trained=False)
def test_product(implementation: Any, device: str, drawn: MaskAndInput, trained: bool) -> None:
    mask, x = drawn.build(device)
    sparsity = implementation.FakeSparsity(mask)
    observed = {"result": contents(sparsity(x))}
    expected = {"result": contents(mask * x)}
    if may_be_differentiated(x):
        parameter = nn.Parameter(x.detach(), requires_grad=trained)
        observed["result of a parameter"] = contents(sparsity(parameter))
        expected["result of a parameter"] = contents(mask * parameter)
    assert_same(observed, expected)


def test_product__circumstances(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    products: dict[str, Any] = {}
    for label, circumstance, training, by_forward in ways_to_call():
        mask, x = SPECIAL.build(device)
        if circumstance not in products:
            products[circumstance] = in_turn(circumstance, lambda value, mask=mask: mask * value, x.clone())
        sparsity = implementation.FakeSparsity(mask)
        sparsity.train(training)
        # The input of one is made where it is called: in inference mode it is another one then.
        call = (lambda x, sparsity=sparsity: sparsity.forward(x.clone())) if by_forward else sparsity
        observed[label] = in_turn(circumstance, call, x)
        expected[label] = products[circumstance]
    assert_same(observed, expected)


def in_turn(circumstance: str, multiply: Any, x: torch.Tensor) -> list[Any]:
    """Return the products with an input, and with what it is changed to: each has memory of its own."""
    first = called(circumstance, multiply, x)
    x.data.fill_(2)
    second = called(circumstance, multiply, x)
    return [contents(first), contents(second)]


#: Of numbers in a row, each as a tensor of its own kind.
PARTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "all": torch.Tensor.clone,
    "without dimensions": lambda numbers: numbers[0].clone(),
    # Not the last ones: torch has two ways for one number, of which one overflows.
    "the second alone": lambda numbers: numbers[1:2],
    "with gaps": lambda numbers: numbers.repeat_interleave(2)[1::2],
    "all, of a leaf": lambda numbers: numbers.clone().requires_grad_(may_be_differentiated(numbers)),
}


def test_product__numbers(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for pair, mask, x in crossed_numbers(device):
        for part, of in PARTS.items():
            of_mask, of_x = of(mask).detach(), of(x)
            observed[f"{pair}, {part}"] = contents(implementation.FakeSparsity(of_mask)(of_x))
            expected[f"{pair}, {part}"] = contents(of_mask * of_x)
        sparsity = implementation.FakeSparsity(mask).eval()
        with under(MODES[-1]):
            observed[f"{pair}, {MODES[-1]}, eval mode"] = contents(sparsity(x))
            expected[f"{pair}, {MODES[-1]}, eval mode"] = contents(mask * x)
    assert_same(observed, expected)


def test_product__of_many(implementation: Any, device: str) -> None:
    holds_values(device)
    numbers = torch.arange(-65536.0, 65536.0, device=device).reshape(256, 512)
    mask = 0.5 * (numbers % 3) - 0.25
    sparsity = implementation.FakeSparsity(mask)
    observed = [bool((sparsity(x) == mask * x).all()) for x in (numbers, mask)]
    expected = [True, True]
    assert_same(observed, expected)


def test_mask_is_buffer(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for code, mask in every_mask(device):
        if "reshape" in code:
            continue  # it may well be a buffer of any shape
        sparsity = implementation.FakeSparsity(mask)
        observed[code] = {
            "parameters": [name for name, _ in sparsity.named_parameters()],
            "is the attribute a tensor": isinstance(sparsity.mask, torch.Tensor),
            "is the attribute the buffer": dict(sparsity.named_buffers()).get("mask") is sparsity.mask,
        }
        expected[code] = {
            "parameters": [],
            "is the attribute a tensor": True,
            "is the attribute the buffer": True,
        }
    assert_same(observed, expected)


#: What is done to a module whose mask stays the tensor that it is.
KEEPING: dict[str, Callable[[Any, torch.Tensor], Any]] = {
    "made": lambda sparsity, x: None,
    "called": lambda sparsity, x: sparsity(x),
    "called without grad": lambda sparsity, x: called("without grad", sparsity, x),
    "called with another shape": lambda sparsity, x: sparsity(torch.ones(7, 7, device=x.device)),
    "differentiated": lambda sparsity, x: sparsity(x.clone().requires_grad_()).sum().backward(),
    "updated in place": lambda sparsity, x: sparsity.mask.fill_(0),
    "called again": lambda sparsity, x: sparsity(x),
    "in eval mode": lambda sparsity, x: sparsity.eval(),
    "saved": lambda sparsity, x: sparsity.state_dict(),
    "saved by a parent": lambda sparsity, x: nn.ModuleList([sparsity]).state_dict(),
    "loaded": lambda sparsity, x: nn.ModuleList([sparsity]).load_state_dict({}, strict=False),
    "copied": lambda sparsity, x: copy.deepcopy(sparsity),
    "pickled": lambda sparsity, x: pickle.dumps(sparsity),
    "given another for a call": lambda sparsity, x: torch.func.functional_call(
        sparsity, {"mask": torch.ones_like(sparsity.mask)}, (x,)
    ),
}


def test_mask_identity(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for code, mask in every_mask(device):
        sparsity, sharing = implementation.FakeSparsity(mask), implementation.FakeSparsity(mask)
        for what, done in KEEPING.items():
            error_of(done, sparsity, torch.ones(mask.shape, device=device))  # what it may raise is for other checks
            observed[f"{code}, {what}"] = sparsity.mask
            expected[f"{code}, {what}"] = mask
        assigned = torch.zeros_like(mask)
        sparsity.mask = assigned
        observed[f"{code}, another assigned"] = sparsity.mask, sharing.mask
        expected[f"{code}, another assigned"] = assigned, mask
    assert_same(observed, expected)


@pytest.mark.parametrize("mode", MODES)
def test_mask_identity__modes(implementation: Any, device: str, mode: str) -> None:
    mask = torch.tensor([1.0, 0.0], device=device)
    observed = called(mode, implementation.FakeSparsity, mask).mask
    expected = mask
    assert_same(observed, expected)


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


def test_shape_mismatch_rejected__circumstances(implementation: Any, device: str) -> None:
    observed = {}
    for label, circumstance, training, by_forward in ways_to_call():
        sparsity = implementation.FakeSparsity(torch.ones(2, 1, device=device))
        sparsity.train(training)
        # The inputs of one are made where it is called: in inference mode they are others then.
        call = (lambda x, sparsity=sparsity: sparsity.forward(x.clone())) if by_forward else sparsity
        observed[label] = [
            raised(AssertionError, called, circumstance, call, torch.ones(shape, device=device))
            for shape in ((2, 1), (1, 1), (2, 2), (2,), ())
        ]
    expected = {label: ["no error", *["AssertionError"] * 4] for label in observed}
    assert_same(observed, expected)


@given(
    drawn=masked_inputs(),
    kind=st.sampled_from(("a tensor", "a leaf", "a parameter", "a result")),
    circumstance=st.sampled_from(CIRCUMSTANCES),
    training=st.booleans(),
)
@example(drawn=PLAIN, kind="a parameter", circumstance="as usual", training=True)
@example(drawn=PLAIN, kind="a tensor", circumstance="without grad", training=False)
@example(drawn=PLAIN, kind="a tensor", circumstance="in inference mode", training=True)
def test_input_unchanged(
    implementation: Any, device: str, drawn: MaskAndInput, kind: str, circumstance: str, training: bool
) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    if kind != "a tensor" and may_be_differentiated(x):
        x.requires_grad_()
        x = {"a leaf": x, "a parameter": nn.Parameter(x.detach()), "a result": 1 * x}[kind]
        if x.is_leaf:
            x.grad = torch.ones_like(x)
    refused = torch.ones(7, 7, device=device, requires_grad=True)
    sparsity = implementation.FakeSparsity(mask)
    sparsity.train(training)
    seen = {"input": x, "input of another shape": refused, "mask": sparsity.mask}

    def state() -> dict[str, Any]:
        tensors = [tensor_state(tensor, name) for name, tensor in seen.items()]
        return {"training": sparsity.training, **{name: value for each in tensors for name, value in each.items()}}

    before = state()
    error_of(sparsity, refused)
    for _ in range(5):
        error_of(called, circumstance, sparsity, x)
    masked = implementation.FakeSparsity(torch.zeros(1, device=device))(torch.ones(1, device=device))
    observed = {"what has changed": changes(before, state()), "one that is masked": masked.tolist()}
    expected = {"what has changed": {}, "one that is masked": [0.0]}
    assert_same(observed, expected)


def test_input_unchanged__masks(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for code, mask in every_mask(device):
        sparsity, before = implementation.FakeSparsity(mask), tensor_state(mask, "mask")
        result = sparsity(torch.zeros(mask.shape, device=device))
        observed[code] = changes(before, tensor_state(mask, "mask")), bool((result == 0).all())
        expected[code] = {}, True
    assert_same(observed, expected)


def _plain(dtype: str, shape: tuple[int, ...], device: str) -> Any:
    """Make a module with a mask as a plain buffer: what becomes of that is what torch means by moving."""
    plain = nn.Module()
    plain.register_buffer("mask", torch.ones(shape, dtype=getattr(torch, dtype), device=device))
    return plain


@given(dtype=dtypes("float", "bool", "signed", "unsigned"), to=dtypes("float"), shape=st.sampled_from(((2,), (), (0,))))
@example(dtype="bool", to="float64", shape=(2,))
@example(dtype="float32", to="float64", shape=(2,))
@example(dtype="float32", to="float64", shape=())
@example(dtype="float32", to="float64", shape=(0,))
@example(dtype="int64", to="float16", shape=(2,))
def test_moves_with_module(implementation: Any, device: str, dtype: str, to: str, shape: tuple[int, ...]) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for place in elsewhere(device):
        if error_of(lambda place=place: _plain(dtype, shape, place).to(device).to(getattr(torch, to))) is not None:
            reject()  # not every device takes every dtype
        module: Any = nn.Module()
        module.add_module("sparsity", implementation.FakeSparsity(_plain(dtype, shape, place).mask))
        plain = nn.Module()
        plain.register_buffer("mask", module.sparsity.mask.clone())
        observed[f"moved from {place}"] = contents(module.to(device).sparsity.mask)
        expected[f"moved from {place}"] = contents(plain.to(device).mask)
        observed[f"cast, moved from {place}"] = contents(module.to(getattr(torch, to)).sparsity.mask)
        expected[f"cast, moved from {place}"] = contents(plain.to(getattr(torch, to)).mask)
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
    rejected = repr(["AssertionError"] * 5)
    expected = {
        "other shapes": rejected,
        "the mask's shape": "[2.0, 0.0]",
        "other shapes, in eval mode": rejected,
    }
    assert_same(observed, expected)
