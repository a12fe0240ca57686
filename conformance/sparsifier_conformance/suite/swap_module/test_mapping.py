"""Checks of which module ``swap_module`` swaps."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.models.furnished import furnished
from sparsifier_conformance.checking.models.odd import of_every_class
from sparsifier_conformance.checking.swaps.hooks import Sparse, is_taken, mapping_by, mapping_to, was_swapped
from sparsifier_conformance.checking.swaps.mappings import MAPPINGS, writes_to_mappings
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
        "whether a mapped one is swapped": was_swapped(implementation.swap_module(old, {nn.Linear: Sparse}), old),
    }
    expected = {
        "an empty mapping": old,
        "a mapping of another type": old,
        "of one on two devices": mixed,
        "changes of the module": {},
        "whether a mapped one is swapped": True,
    }
    assert_same(observed, expected)


@pytest.mark.parametrize("kind", MAPPINGS)
def test_unmapped_is_same_object__whatever_the_mapping(implementation: Any, kind: str) -> None:
    old = nn.Linear(2, 2)
    if writes_to_mappings(implementation):
        kind = "dict"
    others = {nn.Conv1d: Sparse, _namesake(nn.Linear): Sparse}
    mapped = implementation.swap_module(old, MAPPINGS[kind]({nn.Linear: Sparse}))
    observed = {
        "where only others are mapped": implementation.swap_module(old, MAPPINGS[kind](others)),
        "where nothing is mapped": implementation.swap_module(old, MAPPINGS[kind]({})),
        "whether a mapped one is swapped": was_swapped(mapped, old),
    }
    expected = {
        "where only others are mapped": old,
        "where nothing is mapped": old,
        "whether a mapped one is swapped": True,
    }
    assert_same(observed, expected)


class Derived(nn.Linear):
    """A subclass of a mapped type."""


class ParametrizedDerived(nn.Linear):
    """A subclass that is called as if torch had made it for a parametrized module."""


@pytest.mark.parametrize("kind", [Derived, ParametrizedDerived])
def test_exact_type(implementation: Any, kind: type[nn.Linear]) -> None:
    # What is returned then, and what of a module that is not swapped, is for other checks.
    observed = {
        "a subclass of the mapped type": is_taken(implementation, kind(2, 2), nn.Linear),
        "a subclass of several": is_taken(implementation, kind(2, 2), nn.Module, object),
        "a mapped one": is_taken(implementation, nn.Linear(2, 2), nn.Linear),
        "a subclass that is mapped": is_taken(implementation, kind(2, 2), kind),
        "a module whose subclass is mapped": is_taken(implementation, nn.Linear(2, 2), kind),
    }
    expected = {
        "a subclass of the mapped type": False,
        "a subclass of several": False,
        "a mapped one": True,
        "a subclass that is mapped": True,
        "a module whose subclass is mapped": False,
    }
    assert_same(observed, expected)


def test_exact_type__of_every_class(implementation: Any) -> None:
    made: list[Any] = []

    def from_dense(mod: nn.Module) -> nn.Module:
        made.append(mod)
        return nn.Identity()

    target = mapping_by(from_dense)[nn.Linear]
    observed = {"a mapped one": is_taken(implementation, nn.Linear(2, 2), nn.Linear)}
    expected = {"a mapped one": True}
    for name, child in of_every_class(private=True).named_children():
        outcome(implementation.swap_module, child, dict.fromkeys(type(child).__mro__[1:], target))
        observed[f"one of a class derived from what is mapped: {name}"] = any(mod is child for mod in made)
        expected[f"one of a class derived from what is mapped: {name}"] = False
    assert_same(observed, expected)


@given(tensors=st.lists(st.sampled_from(("weight", "bias")), min_size=1, max_size=3))
def test_parametrized_by_original_type(implementation: Any, device: str, tensors: list[str]) -> None:
    old = nn.Linear(2, 2).to(device)
    for tensor in tensors:
        parametrize.register_parametrization(old, tensor, nn.Tanh())
    # The class that torch made is nobody's to map: it is not what is looked up, be it mapped beside the other or alone.
    made: Any = type(old)
    by_other: list[Any] = []

    def other_from_dense(mod: nn.Module) -> nn.Module:
        by_other.append(mod)
        return nn.Identity()

    mapping = {**mapping_by(other_from_dense, made), nn.Linear: Sparse}
    observed = {"where its class is mapped": is_taken(implementation, old, nn.Linear)}
    expected = {"where its class is mapped": True}
    if not is_taken(implementation, Derived(2, 2), nn.Linear):  # else any subclass is, which is for other checks
        implementation.swap_module(old, mapping)
        observed["by the class made for it, where that is mapped, too"] = bool(by_other)
        observed["by the class made for it, where that alone is mapped"] = is_taken(implementation, old, made)
        for kind in (Derived, ParametrizedDerived):
            derived = kind(2, 2).to(device)
            parametrize.register_parametrization(derived, "weight", nn.Tanh())
            observed[f"{kind.__name__}, not mapped"] = is_taken(implementation, derived, nn.Linear)
            observed[f"{kind.__name__}, mapped"] = is_taken(implementation, derived, kind)
        expected = {case: case.endswith((", mapped", "its class is mapped")) for case in observed}
    assert_same(observed, expected)


class Recording(nn.Linear):
    """A module that is not parametrized, but has an attribute that is called as if it were."""

    def __init__(self, parametrizations: Any) -> None:
        super().__init__(2, 2)
        self.parametrizations = parametrizations


@pytest.mark.parametrize("attribute", [["weight"], {"weight": 1}, "relu", None, nn.ReLU()], ids=repr)
def test_exact_type__other_parametrizations(implementation: Any, attribute: Any) -> None:
    observed = {
        "a parent is mapped": is_taken(implementation, Recording(attribute), nn.Linear),
        "its type is mapped": is_taken(implementation, Recording(attribute), Recording),
    }
    expected = {"a parent is mapped": False, "its type is mapped": True}
    assert_same(observed, expected)


def test_children_not_visited(implementation: Any, device: str) -> None:
    child = nn.Linear(2, 2).to(device)
    inner = nn.Sequential(child)
    model, new = nn.Sequential(inner), nn.ModuleList([child])
    # What is returned for the containers is for other checks.
    outcome(implementation.swap_module, model, {nn.Linear: Sparse})
    outcome(implementation.swap_module, inner, {**mapping_to(new, nn.Sequential), nn.Linear: Sparse})
    observed = {
        "the modules of an unmapped container": list(model.modules()),
        "the modules of a mapped container's result": list(new.children()),
        "whether one that is given is swapped": was_swapped(
            implementation.swap_module(child, {nn.Linear: Sparse}), child
        ),
    }
    expected = {
        "the modules of an unmapped container": [model, inner, child],
        "the modules of a mapped container's result": [child],
        "whether one that is given is swapped": True,
    }
    assert_same(observed, expected)


@pytest.mark.parametrize("kind", MAPPINGS)
def test_mapping_unchanged(implementation: Any, kind: str) -> None:
    mapping = MAPPINGS[kind]({nn.Linear: Sparse, nn.Conv1d: Sparse})
    old = nn.Linear(2, 2)
    result = implementation.swap_module(old, mapping)
    # What becomes of a module whose type is missing is for other checks to see.
    outcome(implementation.swap_module, nn.ReLU(), mapping)
    observed = {"whether a mapped one is swapped": was_swapped(result, old), "mapping": list(mapping.items())}
    expected = {"whether a mapped one is swapped": True, "mapping": [(nn.Linear, Sparse), (nn.Conv1d, Sparse)]}
    assert_same(observed, expected)
