"""Checks of ``FakeSparsity`` in a model: saved, loaded, copied, registered as a parametrization, used as a module."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of
from sparsifier_conformance.checking.masks.masking import masks_at_all, right_or_late
from sparsifier_conformance.checking.skips import holds_values, not_applicable


def test_not_in_state_dict(implementation: Any, device: str) -> None:
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device))
    parent = nn.LayerNorm(2, device=device)  # a linear one is made at random, which not every device can
    parametrize.register_parametrization(parent, "weight", sparsity)
    parent.register_buffer("mask", torch.ones(1, device=device))
    parent.register_buffer("bias_mask", torch.ones(1, device=device))
    first, second = sparsity.state_dict(), sparsity.state_dict()
    observed: dict[str, Any] = {
        "is it a mapping": isinstance(first, Mapping),
        "is it the one of another call": first is second,
        "keys": list(first),
        "a parent's keys": sorted(parent.state_dict()),
        "a parent's keys, as variables": sorted(parent.state_dict(keep_vars=True)),
        "is the mask there": isinstance(sparsity.mask, torch.Tensor),
    }
    keys = ["bias", "bias_mask", "mask", "parametrizations.weight.original"]
    expected: dict[str, Any] = {
        "is it a mapping": True,
        "is it the one of another call": False,
        "keys": [],
        "a parent's keys": keys,
        "a parent's keys, as variables": keys,
        "is the mask there": True,
    }
    assert_same(observed, expected)


@given(
    prefix=st.sampled_from(("", "sparsity.", "a.b.c.d.e.", "without_a_dot")),
    keep_vars=st.booleans(),
    training=st.booleans(),
    plain=st.booleans(),
)
@example(prefix="sparsity.", keep_vars=False, training=True, plain=True)
def test_not_in_state_dict__destination(
    implementation: Any, device: str, prefix: str, keep_vars: bool, training: bool, plain: bool
) -> None:
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device)).train(training)
    # What a parent wrote before, under whatever name, is the parent's.
    before = dict.fromkeys((f"{prefix}mask", f"{prefix}other_mask", "mask", "another.mask"), torch.ones(1))
    destination: Any = dict(before) if plain else OrderedDict(before)
    if not plain:
        destination._metadata = OrderedDict()
    sparsity.state_dict(destination=destination, prefix=prefix, keep_vars=keep_vars)
    observed = {
        "keys": list(sparsity.state_dict(prefix=prefix, keep_vars=keep_vars)),
        "a destination": dict(destination),
        "is the mask there": isinstance(sparsity.mask, torch.Tensor),
    }
    expected = {"keys": [], "a destination": before, "is the mask there": True}
    assert_same(observed, expected)


@given(
    buffer=st.booleans(),
    leave_parametrized=st.booleans(),
    numbers=st.sampled_from(((1.0, 0.0), (0.5, 3.0))),
    trained=st.booleans(),
)
@example(buffer=False, leave_parametrized=True, numbers=(1.0, 0.0), trained=True)
@example(buffer=False, leave_parametrized=False, numbers=(1.0, 0.0), trained=True)
@example(buffer=False, leave_parametrized=False, numbers=(0.5, 3.0), trained=True)
def test_as_parametrization(
    implementation: Any,
    device: str,
    buffer: bool,
    leave_parametrized: bool,
    numbers: tuple[float, ...],
    trained: bool,
) -> None:
    holds_values(device)
    original = torch.tensor([1.0, 2.0], device=device)
    sparsity = implementation.FakeSparsity(torch.tensor(numbers, device=device))
    other = implementation.FakeSparsity(torch.tensor([0.25, 1.0], device=device))
    module: Any = nn.Module()
    for name in ("tensor", "sharing"):
        if buffer:
            module.register_buffer(name, original.clone())
        else:
            module.register_parameter(name, nn.Parameter(original.clone(), requires_grad=trained))
        parametrize.register_parametrization(module, name, sparsity)
    observed: dict[str, Any] = {"it masks at all": masks_at_all(implementation.FakeSparsity, device)}
    expected: dict[str, Any] = {"it masks at all": True}

    def look(label: str, tensor: torch.Tensor, *masks: torch.Tensor) -> None:
        def by_new() -> dict[str, Any]:
            result = original.clone() if buffer else nn.Parameter(original.clone(), requires_grad=trained)
            for mask in masks:
                result = implementation.FakeSparsity(mask.clone())(result)
            return contents(result)  # type: ignore[no-any-return]

        product = original
        for mask in masks:
            product = mask * product
        expected[label] = contents(product)
        observed[label] = right_or_late(contents(tensor), expected[label], by_new)

    look("registered", module.tensor, sparsity.mask)
    sparsity.mask.copy_(torch.tensor(numbers[::-1], device=device))
    look("after an in-place update", module.tensor, sparsity.mask)
    with parametrize.cached():
        look("cached", module.tensor, sparsity.mask)
    parametrize.register_parametrization(module, "sharing", other)
    look("of another tensor, masked twice", module.sharing, sparsity.mask, other.mask)
    parametrize.remove_parametrizations(module, "tensor", leave_parametrized=leave_parametrized)
    look("removed", module.tensor, *([sparsity.mask] if leave_parametrized else []))
    assert_same(observed, expected)


@pytest.mark.parametrize("assign", [False, True])
def test_strict_reload(implementation: Any, device: str, assign: bool) -> None:
    holds_values(device)
    if assign and "assign" not in inspect.signature(nn.Module.load_state_dict).parameters:
        not_applicable(f"torch {torch.__version__} assigns nothing that it loads")
    masked: Any = nn.Linear(2, 2, device=device)
    sparsity = implementation.FakeSparsity(torch.tensor([[1.0, 0.0], [0.0, 1.0]], device=device))
    parametrize.register_parametrization(masked, "weight", sparsity)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for state in ("as it was made", "in eval mode, with another mask"):
        if state != "as it was made":
            masked.eval()
            sparsity.mask = torch.tensor([[0.0, 0.5], [1.0, 0.0]], device=device)
        before = contents(sparsity.mask)
        saved = {name: tensor.clone() for name, tensor in masked.state_dict().items()}
        with torch.no_grad():
            masked.parametrizations.weight.original.fill_(5.0)
        refused = error_of(lambda saved=saved: masked.load_state_dict(saved, **({"assign": True} if assign else {})))
        observed[state] = {
            "error of load_state_dict": None if refused is None else str(refused),
            "the mask": contents(sparsity.mask),  # which may be another tensor if the state has one
            "the weight": contents(masked.parametrizations.weight.original),
        }
        expected[state] = {
            "error of load_state_dict": None,
            "the mask": before,
            "the weight": contents(saved["parametrizations.weight.original"]),
        }
    assert_same(observed, expected)
