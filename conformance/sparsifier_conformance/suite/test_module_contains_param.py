"""Checks of ``module_contains_param``."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same


class Wanted(nn.Identity):
    """The parametrization that is asked for."""


class Narrower(Wanted):
    """A subclass of it."""


class Other(nn.Identity):
    """Another parametrization."""


#: The parametrizations of some tensors, in their order.
Chains = dict[str, list[type[nn.Module]]]


def _parametrized(chains: Chains) -> nn.Module:
    """Make a module with these parametrizations on its tensors: two parameters and two buffers."""
    module = nn.Module()
    for name in ("weight", "bias"):
        module.register_parameter(name, nn.Parameter(torch.ones(2)))
    for name in ("mean", "scale"):
        module.register_buffer(name, torch.ones(2))
    for name, chain in chains.items():
        for kind in chain:
            parametrize.register_parametrization(module, name, kind())
    return module


def _chains(*kinds: type[nn.Module]) -> st.SearchStrategy[Chains]:
    """Draw, for some of the tensors, the parametrizations on each, in order."""
    tensors = st.sampled_from(("weight", "bias", "mean", "scale"))
    return st.dictionaries(tensors, st.lists(st.sampled_from(kinds), min_size=1, max_size=3), min_size=1)


@given(chains=_chains(Wanted, Other))
def test_unparametrized_is_false(implementation: Any, chains: Chains) -> None:
    chains = {**chains, "weight": [Wanted]}
    observed = {
        "a module with tensors": bool(implementation.module_contains_param(_parametrized({}), Wanted)),
        "a module without tensors": bool(implementation.module_contains_param(nn.ReLU(), Wanted)),
        "a parametrized module": bool(implementation.module_contains_param(_parametrized(chains), Wanted)),
    }
    expected = {"a module with tensors": False, "a module without tensors": False, "a parametrized module": True}
    assert_same(observed, expected)


@given(chains=_chains(Wanted, Other))
@example(chains={"bias": [Wanted]})
@example(chains={"weight": [Other, Wanted]})
@example(chains={"weight": [Wanted, Other]})
@example(chains={"weight": [Other], "mean": [Wanted]})
@example(chains={"weight": [Wanted], "mean": [Other]})
def test_any_tensor_any_position(implementation: Any, chains: Chains) -> None:
    module = _parametrized(chains)
    kinds = {"Wanted": Wanted, "Other": Other, "one that is not there": nn.Tanh}
    observed = {name: bool(implementation.module_contains_param(module, kind)) for name, kind in kinds.items()}
    expected = {name: any(kind in chain for chain in chains.values()) for name, kind in kinds.items()}
    assert_same(observed, expected)


def test_subclass_instances_count(implementation: Any) -> None:
    narrower = _parametrized({"weight": [Narrower]})
    wanted = _parametrized({"weight": [Wanted]})
    observed = {
        "a subclass of the class": bool(implementation.module_contains_param(narrower, Wanted)),
        "a parent of the class": bool(implementation.module_contains_param(wanted, Narrower)),
        "the class itself": bool(implementation.module_contains_param(narrower, Narrower)),
    }
    expected = {"a subclass of the class": True, "a parent of the class": False, "the class itself": True}
    assert_same(observed, expected)


@given(chains=_chains(Other))
@example(chains={})
def test_own_tensors_only(implementation: Any, chains: Chains) -> None:
    parent = _parametrized(chains)
    parent.add_module("child", _parametrized({"weight": [Wanted]}))
    observed = {
        "parent": bool(implementation.module_contains_param(parent, Wanted)),
        "child": bool(implementation.module_contains_param(parent.child, Wanted)),
    }
    expected = {"parent": False, "child": True}
    assert_same(observed, expected)


@given(leave_parametrized=st.booleans(), others=_chains(Other))
@example(leave_parametrized=True, others={})
def test_follows_removal(implementation: Any, leave_parametrized: bool, others: Chains) -> None:
    module = _parametrized({**others, "weight": [Wanted], "mean": [Wanted]})
    observed = {}
    for step, tensor in {"before": None, "one of two removed": "weight", "both removed": "mean"}.items():
        if tensor is not None:
            parametrize.remove_parametrizations(module, tensor, leave_parametrized=leave_parametrized)
        observed[step] = bool(implementation.module_contains_param(module, Wanted))
    expected = {"before": True, "one of two removed": True, "both removed": False}
    assert_same(observed, expected)


def test_returns_bool(implementation: Any) -> None:
    observed = {
        "unparametrized": implementation.module_contains_param(_parametrized({}), Wanted),
        "parametrized by another": implementation.module_contains_param(_parametrized({"bias": [Other]}), Wanted),
        "parametrized": implementation.module_contains_param(_parametrized({"bias": [Wanted]}), Wanted),
    }
    expected = {"unparametrized": False, "parametrized by another": False, "parametrized": True}
    assert_same(observed, expected)
