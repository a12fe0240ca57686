"""Checks of ``module_contains_param``."""

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


class Wanted(nn.Identity):
    """The parametrization that is asked for."""


class Narrower(Wanted):
    """A subclass of it that computes something else."""

    def forward(self, x: Any) -> Any:
        """Return twice the tensor."""
        return x * 2


class Other(nn.Identity):
    """Another parametrization."""


class Falsy(nn.Sequential):
    """A parametrization that is empty, and so not true."""


class Listed(nn.ModuleList):
    """A parametrization that is a list of modules itself."""

    def forward(self, x: Any) -> Any:
        """Return the tensor."""
        return x


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


class ParametrizedLinear(nn.Linear):
    """A user's class whose name is like that of a parametrized module."""


def _of_every_kind() -> list[nn.Module]:
    """Make modules that are falsy, empty, containers, lazy, or of a class that is called as if it were parametrized."""
    holding_parameters = nn.ParameterList([nn.Parameter(torch.ones(2))])
    return [nn.Sequential(), nn.ModuleList([Wanted()]), holding_parameters, nn.LazyLinear(2), ParametrizedLinear(2, 2)]


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
    modules["a parametrized module"] = _parametrized({"weight": [Wanted]})
    observed = {name: bool(implementation.module_contains_param(module, Wanted)) for name, module in modules.items()}
    expected = {name: name == "a parametrized module" for name in modules}
    assert_same(observed, expected)


@given(chains=_chains(Wanted, Other, Falsy, Listed))
@example(chains={"bias": [Wanted]})
@example(chains={"weight": [Other, Wanted]})
@example(chains={"weight": [Wanted, Other]})
@example(chains={"weight": [Other], "mean": [Wanted]})
@example(chains={"weight": [Wanted], "mean": [Other]})
@example(chains={"weight": [Falsy]})
@example(chains={"weight": [Listed]})
@example(chains={"weight": [Other], "mean": [*[Other] * 8, Wanted]})
def test_any_tensor_any_position(implementation: Any, chains: Chains) -> None:
    module = _parametrized(chains)
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
    module = _parametrized({"weight": chain})
    observed = {kind.__name__: bool(implementation.module_contains_param(module, kind)) for kind in (*chain, Other)}
    expected = {kind.__name__: kind is not Other for kind in (*chain, Other)}
    assert_same(observed, expected)


def test_any_tensor_any_position__whatever_the_module_is(implementation: Any) -> None:
    observed, expected = {}, {}
    for kind in (nn.Linear, FalsyLinear, ParametrizedLinear):
        for training, of_parametrization in ((True, True), (True, False), (False, True), (False, False)):
            module: Any = kind(2, 2)
            parametrize.register_parametrization(module, "weight", Wanted())
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
    parametrize.register_parametrization(module, "weight", nn.Tanh())
    asked = {
        "what is registered": nn.Sequential,
        "what is registered behind it": nn.Tanh,
        "what is inside it": Wanted,
        "what is further inside it": Other,
        "the list that holds it": parametrize.ParametrizationList,
        "a parent of that list": nn.ModuleList,
        "the dict that holds the list": nn.ModuleDict,
        "the module itself": nn.Linear,
    }
    observed = {name: bool(implementation.module_contains_param(module, kind)) for name, kind in asked.items()}
    expected = {name: name.startswith("what is registered") for name in asked}
    assert_same(observed, expected)


def _namesake(kind: type[nn.Module]) -> type[nn.Module]:
    """Make another class that is called the same, as if from another copy of its package, or scripted."""
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "original_name": kind.__name__}
    return type(kind.__name__, (nn.Identity,), names)


def test_class_not_name(implementation: Any) -> None:
    namesake = _namesake(Wanted)
    wanted = _parametrized({"weight": [Narrower], "mean": [Wanted]})
    alike = _parametrized({"weight": [_namesake(Narrower)], "mean": [namesake]})
    other = _parametrized({"weight": [type("Narrower", (namesake,), {}), namesake], "mean": [_namesake(Narrower)]})
    observed = {
        "the class itself": bool(implementation.module_contains_param(wanted, Wanted)),
        "the class where all are called the same": bool(implementation.module_contains_param(alike, Wanted)),
        "another of its name": bool(implementation.module_contains_param(wanted, namesake)),
        "where the other is registered": bool(implementation.module_contains_param(other, namesake)),
        "and the first is asked for": bool(implementation.module_contains_param(other, Wanted)),
    }
    expected = {
        "the class itself": True,
        "the class where all are called the same": False,
        "another of its name": False,
        "where the other is registered": True,
        "and the first is asked for": False,
    }
    assert_same(observed, expected)


class Narrowest(Narrower):
    """A subclass of the subclass."""


class WithMixin(Other, Narrowest):
    """A subclass that has another one before it, and stands far below the class."""


class Named(type(nn.Module)):  # type: ignore[misc]
    """The class of classes that are not true."""

    def __bool__(cls) -> bool:
        """Return False."""
        return False


def of_whatever_name() -> dict[str, type[nn.Module]]:
    """Make classes that are called, or said to come, as those that some code leaves out, and one that is not true."""
    names = ("_Private", "__dunder", "Parametrized", "ParametrizedLinear", "ParametrizationList", "FakeSparsity", "名")
    homes = ("torch.nn.utils.parametrizations", "torch.nn.modules.activation", "builtins", "__main__")
    said = [*((name, __name__) for name in names), *(("_Orthogonal", home) for home in homes)]
    kinds = {
        f"{name} of {home}": type(name, (nn.Identity,), {"__module__": home, "__qualname__": f"f.<locals>.{name}"})
        for name, home in said
    }
    return {**kinds, "one that is not true": Named("NotTrue", (nn.Identity,), {})}


def test_any_tensor_any_position__whatever_the_class_is(implementation: Any) -> None:
    observed, expected = {}, {}
    for name, kind in of_whatever_name().items():
        module = _parametrized({"weight": [kind]})
        observed[name] = [bool(implementation.module_contains_param(module, each)) for each in (kind, Other)]
        expected[name] = [True, False]
    assert_same(observed, expected)


def test_subclass_instances_count(implementation: Any) -> None:
    narrower = _parametrized({"weight": [Narrower]})
    narrowest = _parametrized({"weight": [Narrowest]})
    mixed = _parametrized({"weight": [WithMixin]})
    wanted = _parametrized({"weight": [Wanted]})
    observed = {
        "a subclass of the class": bool(implementation.module_contains_param(narrower, Wanted)),
        "a subclass of a subclass of the class": bool(implementation.module_contains_param(narrowest, Wanted)),
        "one of several bases": bool(implementation.module_contains_param(mixed, Narrowest)),
        "a class far above one of several bases": bool(implementation.module_contains_param(mixed, Wanted)),
        "the class of all modules": bool(implementation.module_contains_param(wanted, nn.Module)),
        "a parent of the class": bool(implementation.module_contains_param(wanted, Narrower)),
        "the class itself": bool(implementation.module_contains_param(narrower, Narrower)),
    }
    expected = {
        "a subclass of the class": True,
        "a subclass of a subclass of the class": True,
        "one of several bases": True,
        "a class far above one of several bases": True,
        "the class of all modules": True,
        "a parent of the class": False,
        "the class itself": True,
    }
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
    inner = _parametrized({"weight": [Wanted]})
    observed = {
        f"in {kind.__name__} as {name}": bool(implementation.module_contains_param(_wrapped(inner, kind, name), Wanted))
        for kind, name in WRAPPERS
    }
    expected = dict.fromkeys(observed, False)
    observed["unwrapped"] = bool(implementation.module_contains_param(inner, Wanted))
    expected["unwrapped"] = True
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
