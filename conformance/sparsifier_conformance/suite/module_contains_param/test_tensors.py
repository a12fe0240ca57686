"""Checks of ``module_contains_param``: on which tensors and modules, in which position, it finds a parametrization."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.odd import FalsyLinear
from sparsifier_conformance.checking.models.parametrized import (
    Chains,
    Listed,
    Other,
    Wanted,
    with_parametrizations,
)
from sparsifier_conformance.checking.models.strategies import chains_of


class Falsy(nn.Sequential):
    """A parametrization that is empty, and so not true."""


@given(chains=chains_of(Wanted, Other))
def test_unparametrized_is_false(implementation: Any, chains: Chains) -> None:
    chains = {**chains, "weight": [Wanted]}
    observed = {
        "a module with tensors": bool(implementation.module_contains_param(with_parametrizations({}), Wanted)),
        "a module without tensors": bool(implementation.module_contains_param(nn.ReLU(), Wanted)),
        "a parametrized module": bool(implementation.module_contains_param(with_parametrizations(chains), Wanted)),
    }
    expected = {"a module with tensors": False, "a module without tensors": False, "a parametrized module": True}
    assert_same(observed, expected)


class ParametrizedLinear(nn.Linear):
    """A user's class whose name is like that of a parametrized module."""


def _of_every_kind() -> list[nn.Module]:
    """Make modules that are falsy, empty, containers, lazy, or of a class that is called as if it were parametrized."""
    holding_parameters = nn.ParameterList([nn.Parameter(torch.ones(2))])
    plain = [nn.Sequential(), nn.ModuleList([Wanted()]), holding_parameters, nn.LazyLinear(2), ParametrizedLinear(2, 2)]
    # What holds the parametrizations of another module has none itself.
    lists: Any = with_parametrizations({"weight": [Wanted]}).parametrizations
    return [*plain, lists, lists.weight]


def _having(parametrizations: Any) -> Any:
    """Make a module with something else in the place where torch keeps parametrizations."""
    module: Any = nn.Linear(2, 2)
    module.parametrizations = parametrizations
    return module


def test_unparametrized_is_false__whatever_it_is(implementation: Any) -> None:
    modules = {type(module).__name__: module for module in _of_every_kind()}
    # Only a ModuleDict can hold parametrizations, so these are attributes as any other.
    deep = nn.ModuleList([nn.ModuleList([Wanted()])])
    for others in (None, [Wanted()], {"weight": [Wanted()]}, deep, nn.ModuleList([Wanted()]), Wanted()):
        modules[f"an attribute that is a {type(others).__name__}, number {len(modules)}"] = _having(others)
    modules["a parametrized module"] = with_parametrizations({"weight": [Wanted]})
    observed = {name: bool(implementation.module_contains_param(module, Wanted)) for name, module in modules.items()}
    expected = {name: name == "a parametrized module" for name in modules}
    assert_same(observed, expected)


@given(chains=chains_of(Wanted, Other, Falsy, Listed))
@example(chains={"bias": [Wanted]})
@example(chains={"weight": [Other, Wanted]})
@example(chains={"weight": [Wanted, Other]})
@example(chains={"weight": [Other], "mean": [Wanted]})
@example(chains={"weight": [Wanted], "mean": [Other]})
@example(chains={"weight": [Falsy]})
@example(chains={"weight": [Listed]})
@example(chains={"weight": [Other], "mean": [*[Other] * 8, Wanted]})
def test_any_tensor_any_position(implementation: Any, chains: Chains) -> None:
    module = with_parametrizations(chains)
    kinds = {"Wanted": Wanted, "Other": Other, "Falsy": Falsy, "Listed": Listed, "one that is not there": nn.Tanh}
    observed = {name: bool(implementation.module_contains_param(module, kind)) for name, kind in kinds.items()}
    expected = {name: any(kind in chain for chain in chains.values()) for name, kind in kinds.items()}
    assert_same(observed, expected)


class Halves(nn.Module):
    """A parametrization of a tensor that is kept in two, as that of a weight norm is."""

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Join the two."""
        return torch.cat([first, second])

    def right_inverse(self, whole: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Split them."""
        return whole[:1], whole[1:]


@pytest.mark.parametrize("chain", [[Halves], [Halves, Wanted]])
def test_any_tensor_any_position__of_several_originals(implementation: Any, chain: list[type[nn.Module]]) -> None:
    module = with_parametrizations({"weight": chain})
    observed = {kind.__name__: bool(implementation.module_contains_param(module, kind)) for kind in (*chain, Other)}
    expected = {kind.__name__: kind is not Other for kind in (*chain, Other)}
    assert_same(observed, expected)


def test_any_tensor_any_position__whatever_the_module_is(implementation: Any) -> None:
    observed, expected = {}, {}
    for kind in (nn.Linear, FalsyLinear, ParametrizedLinear):
        for training, of_parametrization in ((True, True), (True, False), (False, True), (False, False)):
            module: Any = kind(2, 2)
            parametrize.register_parametrization(module, "weight", Wanted())
            if kind is FalsyLinear:  # a class made of that of the parametrized module, as sharding gives it
                module.__class__ = type("Sharded", (type(module),), {})
            module.train(training).parametrizations.train(of_parametrization)
            case = f"{kind.__name__}, training {training}, that of the parametrization {of_parametrization}"
            observed[case] = bool(implementation.module_contains_param(module, Wanted))
            expected[case] = True
            observed[f"{case}, another class"] = bool(implementation.module_contains_param(module, Other))
            expected[f"{case}, another class"] = False
    assert_same(observed, expected)


def test_parametrizations_only(implementation: Any) -> None:
    module = nn.Linear(2, 2)
    parametrize.register_parametrization(module, "weight", nn.Sequential(Wanted(), nn.Sequential(Other())))
    asked = {
        "what is registered": nn.Sequential,
        "what is inside it": Wanted,
        "what is further inside it": Other,
        "the list that holds it": parametrize.ParametrizationList,
        "a parent of that list": nn.ModuleList,
        "the dict that holds the list": nn.ModuleDict,
        "the module itself": nn.Linear,
    }
    observed = {name: bool(implementation.module_contains_param(module, kind)) for name, kind in asked.items()}
    expected = {name: name == "what is registered" for name in asked}
    assert_same(observed, expected)


@given(chains=chains_of(Other))
@example(chains={})
def test_own_tensors_only(implementation: Any, chains: Chains) -> None:
    parent = with_parametrizations(chains)
    parent.add_module("child", with_parametrizations({"weight": [Wanted]}))
    observed = {
        "parent": bool(implementation.module_contains_param(parent, Wanted)),
        "child": bool(implementation.module_contains_param(parent.child, Wanted)),
    }
    expected = {"parent": False, "child": True}
    assert_same(observed, expected)


def _wrapped(module: nn.Module, kind: type[nn.Module], name: str) -> nn.Module:
    """Wrap a module as a class does that keeps it under a name, but without looking for the devices that there are."""
    wrapper = kind.__new__(kind)
    nn.Module.__init__(wrapper)
    wrapper.add_module(name, module)
    return wrapper


#: Modules that hold another one, and where: the names are those that users' and torch's wrappers have.
WRAPPERS = (
    (nn.DataParallel, "module"),
    (nn.parallel.DistributedDataParallel, "module"),
    (nn.Module, "module"),
    (nn.Module, "model"),
    (nn.Module, "base_layer"),
    (nn.Module, "_orig_mod"),
    (nn.Module, "_fsdp_wrapped_module"),
    (nn.Module, "_checkpoint_wrapped_module"),
)


def test_own_tensors_only__of_a_wrapper(implementation: Any) -> None:
    inner = with_parametrizations({"weight": [Wanted]})
    observed = {
        f"in {kind.__name__} as {name}": bool(implementation.module_contains_param(_wrapped(inner, kind, name), Wanted))
        for kind, name in WRAPPERS
    }
    expected = dict.fromkeys(observed, False)
    observed["unwrapped"] = bool(implementation.module_contains_param(inner, Wanted))
    expected["unwrapped"] = True
    assert_same(observed, expected)


@given(leave_parametrized=st.booleans(), others=chains_of(Other))
@example(leave_parametrized=True, others={})
def test_follows_removal(implementation: Any, leave_parametrized: bool, others: Chains) -> None:
    chains: Chains = {**others, "weight": [Wanted], "mean": [Wanted]}
    module, alone = with_parametrizations(chains), with_parametrizations({"weight": [Wanted]})
    observed = {"alone": bool(implementation.module_contains_param(alone, Wanted))}
    parametrize.remove_parametrizations(alone, "weight", leave_parametrized=leave_parametrized)
    observed["alone, removed"] = bool(implementation.module_contains_param(alone, Wanted))
    expected = {"alone": True, "alone, removed": False}
    for tensor in ("weight", "mean"):
        implementation.module_contains_param(module, Wanted)
        parametrize.remove_parametrizations(module, tensor, leave_parametrized=leave_parametrized)
        observed[f"{tensor} removed"] = bool(implementation.module_contains_param(module, Wanted))
        # What is found on which tensors is for other checks: a new module says that.
        del chains[tensor]
        anew = with_parametrizations(chains)
        expected[f"{tensor} removed"] = bool(implementation.module_contains_param(anew, Wanted))
    assert_same(observed, expected)


def test_returns_bool(implementation: Any) -> None:
    modules = {
        "unparametrized": with_parametrizations({}),
        "parametrized by another": with_parametrizations({"weight": [Other]}),
        "parametrized": with_parametrizations({"weight": [Wanted]}),
    }
    answers = {what: implementation.module_contains_param(module, Wanted) for what, module in modules.items()}
    # Which of the two it is by another is for other checks.
    observed = {**answers, "parametrized by another": type(answers["parametrized by another"])}
    expected = {"unparametrized": False, "parametrized by another": bool, "parametrized": True}
    assert_same(observed, expected)
