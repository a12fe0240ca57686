"""Checks of which module ``swap_module`` swaps."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.furnished import furnished
from sparsifier_conformance.checking.swaps.hooks import Sparse, mapping_by
from sparsifier_conformance.checking.swaps.mappings import MAPPINGS
from sparsifier_conformance.checking.world.states import state_of
from sparsifier_conformance.checking.world.values import changes


def _namesake(kind: type) -> type:
    """Make another class that is called the same, as if from another copy of its package."""
    return type(kind.__name__, (nn.Module,), {"__module__": kind.__module__, "__qualname__": kind.__qualname__})


@given(flag=st.booleans())
def test_unmapped_is_same_object(implementation: Any, flag: bool) -> None:
    old = furnished(nn.Linear, 2.0, flag)
    mixed: nn.Module = nn.Linear(2, 2)
    mixed.register_buffer("later", torch.ones(2, device="meta"))
    before = state_of(old)
    observed = {
        "an empty mapping": implementation.swap_module(old, {}),
        "a mapping of another type": implementation.swap_module(old, {nn.Conv1d: Sparse}),
        "of one on two devices": implementation.swap_module(mixed, {nn.Conv1d: Sparse}),
        "changes of the module": changes(before, state_of(old)),
        "the type of a mapped one": type(implementation.swap_module(old, {nn.Linear: Sparse})),
    }
    expected = {
        "an empty mapping": old,
        "a mapping of another type": old,
        "of one on two devices": mixed,
        "changes of the module": {},
        "the type of a mapped one": Sparse,
    }
    assert_same(observed, expected)


@pytest.mark.parametrize("kind", MAPPINGS)
def test_unmapped_is_same_object__whatever_the_mapping(implementation: Any, kind: str) -> None:
    old = nn.Linear(2, 2)
    others = {nn.Conv1d: Sparse, _namesake(nn.Linear): Sparse}
    observed = {
        "where only others are mapped": implementation.swap_module(old, MAPPINGS[kind](others)),
        "where nothing is mapped": implementation.swap_module(old, MAPPINGS[kind]({})),
        "the type of a mapped one": type(implementation.swap_module(old, MAPPINGS[kind]({nn.Linear: Sparse}))),
    }
    expected = {"where only others are mapped": old, "where nothing is mapped": old, "the type of a mapped one": Sparse}
    assert_same(observed, expected)


class Derived(nn.Linear):
    """A subclass of a mapped type."""


class ParametrizedDerived(nn.Linear):
    """A subclass that is called as if torch had made it for a parametrized module."""


@pytest.mark.parametrize("kind", [Derived, ParametrizedDerived])
def test_exact_type(implementation: Any, kind: type[nn.Linear]) -> None:
    old = kind(2, 2)
    observed = {
        "a subclass of the mapped type": implementation.swap_module(old, {nn.Linear: Sparse}),
        "a subclass of several": implementation.swap_module(old, {nn.Module: Sparse, object: Sparse}),
        "the type of a mapped one": type(implementation.swap_module(nn.Linear(2, 2), {nn.Linear: Sparse})),
        "a subclass that is mapped": type(implementation.swap_module(old, {kind: Sparse})),
        "a module whose subclass is mapped": type(implementation.swap_module(nn.Linear(2, 2), {kind: Sparse})),
    }
    expected = {
        "a subclass of the mapped type": old,
        "a subclass of several": old,
        "the type of a mapped one": Sparse,
        "a subclass that is mapped": Sparse,
        "a module whose subclass is mapped": nn.Linear,
    }
    assert_same(observed, expected)


class Another(Sparse):
    """What a class is swapped for that plays no part."""


@given(tensors=st.lists(st.sampled_from(("weight", "bias")), min_size=1, max_size=3))
def test_parametrized_by_original_type(implementation: Any, device: str, tensors: list[str]) -> None:
    old = nn.Linear(2, 2).to(device)
    for tensor in tensors:
        parametrize.register_parametrization(old, tensor, nn.Tanh())
    # The class that torch made is nobody's to map: it is not what is looked up, be it mapped beside the other or alone.
    made: Any = type(old)
    observed = {
        "the type of the result": type(implementation.swap_module(old, {nn.Linear: Sparse})),
        "where the class made for it is mapped, too": type(
            implementation.swap_module(old, {made: Another, nn.Linear: Sparse})
        ),
        "where that alone is mapped": implementation.swap_module(old, {made: Sparse}),
    }
    expected: dict[str, Any] = {
        "the type of the result": Sparse,
        "where the class made for it is mapped, too": Sparse,
        "where that alone is mapped": old,
    }
    for kind in (Derived, ParametrizedDerived):
        derived = kind(2, 2).to(device)
        parametrize.register_parametrization(derived, "weight", nn.Tanh())
        observed[f"{kind.__name__}, not mapped"] = implementation.swap_module(derived, {nn.Linear: Sparse})
        expected[f"{kind.__name__}, not mapped"] = derived
        observed[f"{kind.__name__}, mapped"] = type(implementation.swap_module(derived, {kind: Sparse}))
        expected[f"{kind.__name__}, mapped"] = Sparse
    assert_same(observed, expected)


class Recording(nn.Linear):
    """A module that is not parametrized, but has an attribute that is called as if it were."""

    def __init__(self, parametrizations: Any) -> None:
        super().__init__(2, 2)
        self.parametrizations = parametrizations


@pytest.mark.parametrize("attribute", [["weight"], {"weight": 1}, "relu", None, nn.ReLU()], ids=repr)
def test_exact_type__other_parametrizations(implementation: Any, attribute: Any) -> None:
    old = Recording(attribute)
    observed = {
        "a parent is mapped": implementation.swap_module(old, {nn.Linear: Sparse}),
        "its type is mapped": type(implementation.swap_module(old, {Recording: Sparse})),
    }
    expected = {"a parent is mapped": old, "its type is mapped": Sparse}
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


@pytest.mark.parametrize("kind", MAPPINGS)
def test_mapping_unchanged(implementation: Any, kind: str) -> None:
    mapping = MAPPINGS[kind]({nn.Linear: Sparse, nn.Conv1d: Sparse})
    result = implementation.swap_module(nn.Linear(2, 2), mapping)
    # What becomes of a module whose type is missing is for other checks to see.
    implementation.swap_module(nn.ReLU(), mapping)
    observed = {"type": type(result), "mapping": list(mapping.items())}
    expected = {"type": Sparse, "mapping": [(nn.Linear, Sparse), (nn.Conv1d, Sparse)]}
    assert_same(observed, expected)
