"""Checks of ``FakeSparsity``: values, the mask, shapes and devices."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import torch
from hypothesis import example, given, reject
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, raised
from sparsifier_conformance.checking.descriptions import MaskAndInput, Values
from sparsifier_conformance.checking.mask_strategies import dtypes, masked_inputs, other_shapes, shapes
from sparsifier_conformance.checking.skips import holds_values, not_applicable
from sparsifier_conformance.checking.under_O import LOOKS
from sparsifier_conformance.devices.registry import elsewhere

NAN = float("nan")
SPECIAL = MaskAndInput(
    Values("float32", (4,), (0.0, 0.0, -1.0, 1.0)), Values("float32", (4,), (NAN, float("inf"), 0.0, NAN))
)


@given(drawn=masked_inputs())
@example(drawn=SPECIAL)
@example(drawn=MaskAndInput(Values("bool", (2,), (True, False)), Values("float32", (2,), (1.0, -1.0))))
@example(drawn=MaskAndInput(Values("float64", (), (0.5,)), Values("float32", (), (3.0,))))
@example(drawn=MaskAndInput(Values("float32", (2,), (0.5, 0.0)), Values("int64", (2,), (3, 1))))
@example(drawn=MaskAndInput(Values("complex64", (2,), (1j, 2 - 3j)), Values("float32", (2,), (3.0, 1.0))))
@example(drawn=MaskAndInput(Values("complex128", (2,), (1j, 2 - 3j)), Values("complex64", (2,), (1j, 1 + 0j))))
def test_product(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    mask, x = drawn.build(device)
    expected = contents(mask * x)
    observed = contents(implementation.FakeSparsity(mask)(x))
    assert_same(observed, expected)


def test_mask_is_buffer(implementation: Any, device: str) -> None:
    mask = torch.tensor([1.0, 0.0], device=device)
    sparsity = implementation.FakeSparsity(mask)
    observed = {
        "parameters": [name for name, _ in sparsity.named_parameters()],
        "mask": contents(sparsity.mask),
        "is the attribute the buffer": dict(sparsity.named_buffers()).get("mask") is sparsity.mask,
    }
    expected = {"parameters": [], "mask": contents(mask), "is the attribute the buffer": True}
    assert_same(observed, expected)


@given(drawn=masked_inputs())
@example(drawn=MaskAndInput(Values("float32", (2,), (1.0, 0.0)), Values("float32", (2,), (2.0, 3.0))))
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


@given(shape=shapes())
@example(shape=(2, 3))
def test_mask_updates_visible(implementation: Any, device: str, shape: tuple[int, ...]) -> None:
    holds_values(device)
    mask, x = torch.ones(shape, device=device), torch.full(shape, 2.0, device=device)
    sparsity = implementation.FakeSparsity(mask)
    observed = {}
    expected = {}
    for number in (0.0, 1.0):
        sparsity(x)
        mask.fill_(number)
        observed[f"given mask filled with {number}"] = sparsity(x).tolist()
        expected[f"given mask filled with {number}"] = (number * x).tolist()
        sparsity(x)
        sparsity.mask.fill_(1 - number)
        observed[f"attribute filled with {1 - number}"] = sparsity(x).tolist()
        expected[f"attribute filled with {1 - number}"] = ((1 - number) * x).tolist()
    assert_same(observed, expected)


@given(shape=shapes())
@example(shape=(2, 3))
@example(shape=(1,))
@example(shape=())
@example(shape=(0,))
def test_shape_mismatch_rejected(implementation: Any, device: str, shape: tuple[int, ...]) -> None:
    sparsity = implementation.FakeSparsity(torch.ones(shape, device=device))
    observed: dict[Any, Any] = {
        other: raised(AssertionError, sparsity, torch.ones(other, device=device)) for other in other_shapes(shape)
    }
    expected: dict[Any, Any] = dict.fromkeys(observed, "AssertionError")
    observed[shape] = tuple(sparsity(torch.ones(shape, device=device)).shape)
    expected[shape] = shape
    assert_same(observed, expected)


@given(drawn=masked_inputs())
def test_input_unchanged(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    before = contents(x), x._version
    implementation.FakeSparsity(mask)(x)
    masked = implementation.FakeSparsity(torch.zeros(1, device=device))(torch.ones(1, device=device))
    observed = {
        "input, and how often it was written to": (contents(x), x._version),
        "one that is masked": masked.tolist(),
    }
    expected = {"input, and how often it was written to": before, "one that is masked": [0.0]}
    assert_same(observed, expected)


@given(drawn=masked_inputs(kinds=("float",)))
@example(drawn=SPECIAL)
def test_gradient(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    if not (mask * x).dtype.is_floating_point:
        reject()  # a complex mask: torch is free in how it conjugates and rounds

    def gradient(multiply: Any) -> Any:
        leaf = x.clone().requires_grad_()
        (3 * multiply(leaf)).sum().backward()
        return contents(leaf.grad)

    if error_of(gradient, lambda leaf: mask * leaf) is not None:
        not_applicable(f"torch {torch.__version__} computes no gradients on {device}")
    expected = gradient(lambda leaf: mask * leaf)
    observed = gradient(implementation.FakeSparsity(mask))
    assert_same(observed, expected)


def test_not_in_state_dict(implementation: Any, device: str) -> None:
    mask = torch.tensor([1.0, 0.0], device=device)
    before = contents(mask)
    sparsity = implementation.FakeSparsity(mask)
    parent = nn.LayerNorm(2, device=device)  # a linear one is made at random, which not every device can
    parametrize.register_parametrization(parent, "weight", sparsity)
    entry = torch.ones(1)
    destination = {"entry": entry}
    sparsity.state_dict(destination=destination, prefix="sparsity.")
    observed = {
        "keys": list(sparsity.state_dict()),
        "a parent's keys": sorted(parent.state_dict()),
        "keys of a destination": sorted(destination),
        "whether what was in it is there": destination.get("entry") is entry,
        "the mask": contents(sparsity.mask),
    }
    expected = {
        "keys": [],
        "a parent's keys": ["bias", "parametrizations.weight.original"],
        "keys of a destination": ["entry"],
        "whether what was in it is there": True,
        "the mask": before,
    }
    assert_same(observed, expected)


@given(buffer=st.booleans(), leave_parametrized=st.booleans())
@example(buffer=False, leave_parametrized=True)
@example(buffer=False, leave_parametrized=False)
def test_as_parametrization(implementation: Any, device: str, buffer: bool, leave_parametrized: bool) -> None:
    holds_values(device)
    original = torch.tensor([1.0, 2.0], device=device)
    mask = torch.tensor([1.0, 0.0], device=device)
    module: Any = nn.Module()
    if buffer:
        module.register_buffer("tensor", original.clone())
    else:
        module.register_parameter("tensor", nn.Parameter(original.clone()))
    parametrize.register_parametrization(module, "tensor", implementation.FakeSparsity(mask))
    observed = {"registered": contents(module.tensor)}
    expected = {"registered": contents(mask * original)}
    mask.copy_(torch.tensor([0.0, 1.0], device=device))
    observed["after an in-place update"] = contents(module.tensor)
    expected["after an in-place update"] = contents(mask * original)
    parametrize.remove_parametrizations(module, "tensor", leave_parametrized=leave_parametrized)
    observed["removed"] = contents(module.tensor)
    expected["removed"] = contents(mask * original if leave_parametrized else original)
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
        plain = _plain(dtype, place)
        mask = plain.mask.clone()
        module: Any = nn.Module()
        module.add_module("sparsity", implementation.FakeSparsity(mask))
        observed[f"moved from {place}"] = contents(module.to(device).sparsity.mask)
        expected[f"moved from {place}"] = contents(plain.to(device).mask)
        observed[f"cast, moved from {place}"] = contents(module.to(getattr(torch, to)).sparsity.mask)
        expected[f"cast, moved from {place}"] = contents(plain.to(getattr(torch, to)).mask)
    assert_same(observed, expected)


@given(drawn=masked_inputs())
@example(drawn=MaskAndInput(Values("float32", (2,), (1.0, 0.0)), Values("float32", (2,), (2.0, 3.0))))
def test_copies(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for way, copied in _WAYS_TO_COPY.items():
        mask, _ = drawn.build(device)
        if error_of(copied, mask) is not None:
            reject()  # torch cannot copy the plain tensor either
        before = contents(mask)
        sparsity = implementation.FakeSparsity(mask)
        duplicate = copied(sparsity)
        observed[f"{way}: whether it is one"] = isinstance(duplicate, implementation.FakeSparsity)
        expected[f"{way}: whether it is one"] = True
        mask.fill_(1)
        observed[f"{way}: the copy, after the original is filled"] = contents(duplicate.mask)
        expected[f"{way}: the copy, after the original is filled"] = before
        duplicate.mask.fill_(0)
        observed[f"{way}: the original, after the copy is filled"] = contents(sparsity.mask)
        expected[f"{way}: the original, after the copy is filled"] = contents(torch.ones_like(mask))
        observed[f"{way}: whether the mask is shared"] = duplicate.mask is mask
        expected[f"{way}: whether the mask is shared"] = False
    assert_same(observed, expected)


_WAYS_TO_COPY: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda module: pickle.loads(pickle.dumps(module)),
}


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


def test_strict_reload(implementation: Any, device: str) -> None:
    holds_values(device)
    mask = torch.tensor([[1.0, 0.0], [0.0, 1.0]], device=device)
    before = contents(mask)
    masked: Any = nn.Linear(2, 2, device=device)
    parametrize.register_parametrization(masked, "weight", implementation.FakeSparsity(mask))
    saved = {name: tensor.clone() for name, tensor in masked.state_dict().items()}
    with torch.no_grad():
        masked.parametrizations.weight.original.fill_(5.0)
    refused = error_of(masked.load_state_dict, saved)
    observed = {
        "refused": None if refused is None else str(refused),
        "the mask": contents(masked.parametrizations.weight[0].mask),
        "the weight": contents(masked.parametrizations.weight.original),
    }
    expected = {
        "refused": None,
        "the mask": before,
        "the weight": contents(saved["parametrizations.weight.original"]),
    }
    assert_same(observed, expected)
