"""Checks of ``swap_module``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, error_of, raised
from sparsifier_conformance.checking.hooks import Sparse, mapping_by, mapping_to
from sparsifier_conformance.checking.under_O import LOOKS
from sparsifier_conformance.devices.registry import elsewhere, others


def test_unmapped_is_same_object(implementation: Any, device: str) -> None:
    old = nn.Linear(2, 2).to(device).eval()
    weight, bias = old.weight, old.bias
    observed = {
        "an empty mapping": implementation.swap_module(old, {}),
        "a mapping of another type": implementation.swap_module(old, {nn.Conv1d: Sparse}),
        "training": old.training,
        "weight": old.weight,
        "bias": old.bias,
        "whether there are more tensors": len([*old.parameters(), *old.buffers()]) > 2,
        "whether there are hooks": any(hooks for name, hooks in vars(old).items() if name.endswith("_hooks")),
        "the type of a mapped one": type(implementation.swap_module(old, {nn.Linear: Sparse})),
    }
    expected = {
        "an empty mapping": old,
        "a mapping of another type": old,
        "training": False,
        "weight": weight,
        "bias": bias,
        "whether there are more tensors": False,
        "whether there are hooks": False,
        "the type of a mapped one": Sparse,
    }
    assert_same(observed, expected)


class Derived(nn.Linear):
    """A subclass of a mapped type."""


def test_exact_type(implementation: Any, device: str) -> None:
    old = Derived(2, 2).to(device)
    observed = {
        "a subclass of the mapped type": implementation.swap_module(old, {nn.Linear: Sparse}),
        "the type of a mapped one": type(implementation.swap_module(nn.Linear(2, 2).to(device), {nn.Linear: Sparse})),
        "a subclass that is mapped": type(implementation.swap_module(old, {Derived: Sparse})),
    }
    expected = {
        "a subclass of the mapped type": old,
        "the type of a mapped one": Sparse,
        "a subclass that is mapped": Sparse,
    }
    assert_same(observed, expected)


@given(tensors=st.lists(st.sampled_from(("weight", "bias")), min_size=1, max_size=3))
def test_parametrized_by_original_type(implementation: Any, device: str, tensors: list[str]) -> None:
    old = nn.Linear(2, 2).to(device)
    for tensor in tensors:
        parametrize.register_parametrization(old, tensor, nn.Tanh())
    derived = Derived(2, 2).to(device)
    parametrize.register_parametrization(derived, "weight", nn.Tanh())
    observed = {
        "the type of the result": type(implementation.swap_module(old, {nn.Linear: Sparse})),
        "a subclass of the mapped type": implementation.swap_module(derived, {nn.Linear: Sparse}),
    }
    expected = {"the type of the result": Sparse, "a subclass of the mapped type": derived}
    assert_same(observed, expected)


def test_from_dense_result(implementation: Any, device: str) -> None:
    old = nn.Linear(2, 2).to(device)
    new: nn.Module = nn.Linear(2, 2).to(device)
    calls: list[Any] = []

    def from_dense(*args: Any, **kwargs: Any) -> nn.Module:
        calls.append([*args, *kwargs.values()])
        return new

    observed = {"result": implementation.swap_module(old, mapping_by(from_dense)), "calls": calls}
    expected = {"result": new, "calls": [[old]]}
    assert_same(observed, expected)


def test_children_not_visited(implementation: Any, device: str) -> None:
    child = nn.Linear(2, 2).to(device)
    inner = nn.Sequential(child)
    model = nn.Sequential(inner)
    result = implementation.swap_module(model, {nn.Linear: Sparse})
    of_container = implementation.swap_module(
        inner, {**mapping_by(lambda mod: nn.ModuleList(mod.children()), nn.Sequential), nn.Linear: Sparse}
    )
    observed = {
        "an unmapped container": result,
        "its modules": list(model.modules()),
        "the modules of a mapped container's result": list(of_container.children()),
        "the type of a mapped one": type(implementation.swap_module(child, {nn.Linear: Sparse})),
    }
    expected = {
        "an unmapped container": model,
        "its modules": [model, inner, child],
        "the modules of a mapped container's result": [child],
        "the type of a mapped one": Sparse,
    }
    assert_same(observed, expected)


class WithoutFromDense(nn.Module):
    """A class that does not know how to be made from another."""


@given(kind=st.sampled_from((ValueError, RuntimeError, AttributeError, AssertionError, KeyError)))
def test_from_dense_errors_propagate(implementation: Any, device: str, kind: type[Exception]) -> None:
    error = kind("raised by from_dense")

    def from_dense(mod: nn.Module) -> nn.Module:
        raise error

    old = nn.Linear(2, 2).to(device)
    observed = {
        "from_dense raises": error_of(implementation.swap_module, old, mapping_by(from_dense)),
        "no from_dense": raised(AttributeError, implementation.swap_module, old, {nn.Linear: WithoutFromDense}),
    }
    expected = {"from_dense raises": error, "no from_dense": "AttributeError"}
    assert_same(observed, expected)


def test_mapping_unchanged(implementation: Any, device: str) -> None:
    mapping: dict[Any, Any] = {nn.Linear: Sparse, nn.Conv1d: Sparse}
    result = implementation.swap_module(nn.Linear(2, 2).to(device), mapping)
    implementation.swap_module(nn.ReLU(), mapping)
    observed = {"type": type(result), "mapping": list(mapping.items())}
    expected = {"type": Sparse, "mapping": [(nn.Linear, Sparse), (nn.Conv1d, Sparse)]}
    assert_same(observed, expected)
