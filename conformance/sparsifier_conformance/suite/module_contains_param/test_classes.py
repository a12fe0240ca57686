"""Checks of which classes ``module_contains_param`` takes for the one that it is asked for."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.masks.masking import Masking
from sparsifier_conformance.checking.models.odd import of_every_class, scripted
from sparsifier_conformance.checking.models.parametrized import (
    Narrower,
    Other,
    Wanted,
    with_parametrizations,
)


def _namesake(kind: type[nn.Module]) -> type[nn.Module]:
    """Make another class that is called the same, as if from another copy of its package, or scripted."""
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "original_name": kind.__name__}
    return type(kind.__name__, (nn.Identity,), names)


def holding(*chains: list[nn.Module]) -> Any:
    """Make a module of which a tensor for each list is parametrized by what is in it."""
    named = dict(zip(("weight", "mean"), chains, strict=False))
    module: Any = with_parametrizations({name: [Other] * len(chain) for name, chain in named.items()})
    for name, chain in named.items():
        for position, each in enumerate(chain):
            module.parametrizations[name][position] = each  # which computes nothing
    return module


def test_class_not_name(implementation: Any) -> None:
    namesake = _namesake(Wanted)
    wanted = with_parametrizations({"weight": [Narrower], "mean": [Wanted]})
    alike = with_parametrizations({"weight": [_namesake(Narrower)], "mean": [namesake]})
    other = with_parametrizations(
        {"weight": [type("Narrower", (namesake,), {}), namesake], "mean": [_namesake(Narrower)]}
    )
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


class Unequal(type(nn.Module)):  # type: ignore[misc]
    """The class of classes that compare equal to nothing, not even to themselves."""

    def __eq__(cls, other: object) -> bool:
        return False

    def __hash__(cls) -> int:
        return 1


def of_whatever_name() -> dict[str, type[nn.Module]]:
    """Make classes that are called, or said to come, as those that some code leaves out, and one that is not true."""
    names = ("_Private", "__dunder", "Parametrized", "ParametrizedLinear", "ParametrizationList", "FakeSparsity", "名")
    homes = ("torch.nn.utils.parametrizations", "torch.nn.modules.activation", "builtins", "__main__")
    said = [*((name, __name__) for name in names), *(("_Orthogonal", home) for home in homes)]
    kinds = {
        f"{name} of {home}": type(name, (nn.Identity,), {"__module__": home, "__qualname__": f"f.<locals>.{name}"})
        for name, home in said
    }
    unlike: dict[str, Any] = {"one that is not true": Named, "one that equals nothing": Unequal}
    return {**kinds, **{words: made("Unlike", (nn.Identity,), {}) for words, made in unlike.items()}}


def test_any_tensor_any_position__whatever_the_class_is(implementation: Any) -> None:
    observed, expected = {}, {}
    for name, kind in of_whatever_name().items():
        module = with_parametrizations({"weight": [kind]})
        observed[name] = [bool(implementation.module_contains_param(module, each)) for each in (kind, Other)]
        expected[name] = [True, False]
    assert_same(observed, expected)


def test_any_tensor_any_position__of_every_class(implementation: Any) -> None:
    observed, expected = {}, {}
    for name, each in (*of_every_class().named_children(), ("scripted", scripted())):
        module, kinds = holding([each]), (type(each), Wanted)
        observed[name] = [bool(implementation.module_contains_param(module, kind)) for kind in kinds]
        expected[name] = [True, False]
    assert_same(observed, expected)


def test_any_tensor_any_position__of_one_name(implementation: Any) -> None:
    kinds = (Wanted, _namesake(Wanted))
    observed, expected = {}, {}
    for first, second in (kinds, kinds[::-1]):
        for chains in ({"weight": [first, second]}, {"weight": [first], "mean": [second]}):
            case = f"parametrized: {', '.join(chains)}, the class {'first' if first is Wanted else 'second'}"
            module = with_parametrizations(chains)
            observed[case] = [bool(implementation.module_contains_param(module, kind)) for kind in (*kinds, Other)]
            expected[case] = [True, True, False]
    assert_same(observed, expected)


def test_class_not_name__fake_sparsity(implementation: Any) -> None:
    kind, mask = implementation.FakeSparsity, torch.ones(2)
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    namesake = type(kind.__name__, (Masking,), names)
    own, others = holding([kind(mask)]), holding([namesake(mask)])
    asked = {"own": (own, kind), "the other's": (others, namesake), "own for the other's": (own, namesake)}
    asked["the other's for own"] = others, kind
    observed = {what: bool(implementation.module_contains_param(*each)) for what, each in asked.items()}
    expected = {what: "for" not in what for what in asked}
    assert_same(observed, expected)


def test_any_tensor_any_position__fake_sparsity(implementation: Any) -> None:
    kind, mask = implementation.FakeSparsity, torch.ones(2)
    modules = {
        "behind another": (holding([Other(), kind(mask)]), [True, False]),
        "before another": (holding([kind(mask), Wanted()]), [True, True]),
        "on a second tensor": (holding([Other()], [kind(mask)]), [True, False]),
        "on none": (holding([Other()], [Wanted()]), [False, True]),
    }
    observed = {
        where: [bool(implementation.module_contains_param(module, each)) for each in (kind, Wanted)]
        for where, (module, _) in modules.items()
    }
    expected = {where: right for where, (_, right) in modules.items()}
    assert_same(observed, expected)


def test_subclass_instances_count__fake_sparsity(implementation: Any) -> None:
    kind, mask = implementation.FakeSparsity, torch.ones(2)
    narrower = type("NarrowerSparsity", (kind,), {})
    of_both = {"the class": holding([kind(mask)]), "a subclass": holding([narrower(mask)])}
    observed = {
        what: [bool(implementation.module_contains_param(module, each)) for each in (kind, narrower)]
        for what, module in of_both.items()
    }
    expected = {"the class": [True, False], "a subclass": [True, True]}
    assert_same(observed, expected)


def test_subclass_instances_count(implementation: Any) -> None:
    narrower = with_parametrizations({"weight": [Narrower]})
    narrowest = with_parametrizations({"weight": [Narrowest]})
    mixed = with_parametrizations({"weight": [WithMixin]})
    wanted = with_parametrizations({"weight": [Wanted]})
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
