"""Checks of what holds for the six names together: calls by two threads at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, info_of, outcome
from sparsifier_conformance.checking.swaps.hooks import mapping_by
from sparsifier_conformance.checking.swaps.linear import hooked_linear, new_linear, told_by
from sparsifier_conformance.checking.world.turns import line_by_line


def model_of(*names: str) -> Any:
    """Make a model with modules that have a child and a parameter, under names of its own, and another one besides."""
    model = nn.Module()
    for name in names:
        layer = nn.Module()
        layer.b = nn.Sequential(nn.ReLU())
        layer.weight = nn.Parameter(torch.ones(2))
        model.add_module(name, layer)
    model.add_module("beside", nn.Sequential(nn.ReLU()))
    return model


# Of two threads each runs a line at a time, with models that are alike and with others: what they share would be as the
# other has left it.


def at_once(look_up: Callable[..., Any], pairs: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return what comes of pairs of calls, those of each pair at once."""
    return {label: line_by_line(*(partial(outcome, look_up, *each) for each in pairs[label])) for label in pairs}


def one_by_one(look_up: Callable[..., Any], pairs: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return what comes of pairs of calls, one after the other."""
    return {label: [outcome(look_up, *each) for each in pairs[label]] for label in pairs}


def test_threads__module_to_fqn(implementation: Any) -> None:
    first, second, third = model_of("x"), model_of("y"), model_of("other", "z")
    asked = first, first.x.b[0]
    pairs = {
        "in models that are alike": (asked, (second, second.y.b[0])),
        "in others": (asked, (third, third.z.b[0])),
        "not as deep": (asked, (third, third.beside)),
        "with prefixes": ((*asked, "one."), (second, second.y.b[0], "other.")),
        "there and not": (asked, (second, first.x)),
    }
    alone = one_by_one(implementation.module_to_fqn, pairs)
    observed = {
        "at once": at_once(implementation.module_to_fqn, pairs),
        "has a path": alone["in others"][0] is not None,
    }
    expected = {"at once": alone, "has a path": True}
    assert_same(observed, expected)


def test_threads__fqn_to_module(implementation: Any) -> None:
    first, second, third = model_of("x"), model_of("y"), model_of("x")
    asked = first, "x.b.0"
    pairs = {
        "in models that are alike": (asked, (second, "y.b.0")),
        "by the same path": (asked, (third, "x.b.0")),
        "not as deep": (asked, (third, "x.b")),
        "there and not": (asked, (third, "absent")),
        "not and there": ((first, "x.absent.0"), (third, "x.b.0")),
    }
    alone = one_by_one(implementation.fqn_to_module, pairs)
    beside = implementation.fqn_to_module(first, "beside")
    observed = {"at once": at_once(implementation.fqn_to_module, pairs), "beside": beside}
    expected = {"at once": alone, "beside": first.beside}
    assert_same(observed, expected)


def test_threads__get_arg_info_from_tensor_fqn(implementation: Any) -> None:
    first, second, third = model_of("x"), model_of("y"), model_of("x")
    look_up, asked = partial(info_of, implementation), (first, "x.b.0.weight")
    pairs = {
        "in models that are alike": (asked, (second, "y.b.0.bias")),
        "by the same path": (asked, (third, "x.b.0.weight")),
        "not as deep": (asked, (third, "x.b.bias")),
        "of the model itself": (asked, (third, "bias")),
    }
    alone = one_by_one(look_up, pairs)
    info = implementation.get_arg_info_from_tensor_fqn(first, "weight")
    observed = {"at once": at_once(look_up, pairs), "something is found": isinstance(info, dict) and bool(info)}
    expected = {"at once": alone, "something is found": True}
    assert_same(observed, expected)


def test_threads__module_contains_param(implementation: Any) -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    parametrize.register_parametrization(first, "weight", nn.Tanh())
    parametrize.register_parametrization(second, "weight", nn.Sigmoid())
    asked = (first, nn.Tanh), (second, nn.Tanh)
    pairs = {
        "in the first": asked,
        "in the second": asked[::-1],
        "of another class": (asked[0], (first, nn.Sigmoid)),
        "of that class": ((first, nn.Sigmoid), asked[0]),
    }
    alone = one_by_one(implementation.module_contains_param, pairs)
    first_alone, second_alone = alone["in the first"]
    observed = {
        "at once": at_once(implementation.module_contains_param, pairs),
        "tells them apart": first_alone != second_alone,
    }
    expected = {"at once": alone, "tells them apart": True}
    assert_same(observed, expected)


def test_threads__swap_module(implementation: Any) -> None:
    calls: list[Any] = []
    labels = ("the first", "the second")
    modules = [hooked_linear(calls, label) for label in labels]
    alone = [implementation.swap_module(hooked_linear(calls, label), mapping_by(new_linear)) for label in labels]
    results = line_by_line(*(partial(implementation.swap_module, each, mapping_by(new_linear)) for each in modules))
    # One that is mapped, and one that is not, in either order.
    mapped, unmapped = hooked_linear(calls, "mapped"), nn.ReLU()
    of_both = [partial(implementation.swap_module, each, mapping_by(new_linear)) for each in (mapped, unmapped)]
    swapped, kept = line_by_line(*of_both)
    kept_first, swapped_then = line_by_line(*of_both[::-1])
    observed = {
        "one mapped": [swapped is not mapped, kept is unmapped, kept_first is unmapped, swapped_then is not mapped],
        "hooks": [told_by(calls, result) for result in results],
        "swapped": [result is not module for result, module in zip(results, modules, strict=True)],
    }
    hooks = [told_by(calls, each) for each in alone]
    expected = {"one mapped": [True] * 4, "hooks": hooks, "swapped": [True, True]}
    assert_same(observed, expected)


def product_of_call(sparsity: Any, x: torch.Tensor) -> dict[str, Any]:
    """Return what there is to know of a product."""
    product: dict[str, Any] = contents(sparsity(x))
    return product


def test_threads__fake_sparsity(implementation: Any) -> None:
    doubles = torch.tensor([[3.0], [-1.0], [0.0]], dtype=torch.float64)
    given = {
        "of floats": (torch.tensor([0.5, 2.0]), torch.full((2,), 3.0)),
        "of doubles": (doubles, torch.full_like(doubles, 3.0)),
        "that does not fit": (torch.tensor([1.0, 0.0, 1.0]), torch.full((7,), 3.0)),
    }
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for pair in permutations(given, 2):
        label = " and ".join(pair)
        made = [(implementation.FakeSparsity(mask), x) for mask, x in map(given.__getitem__, pair)]
        expected[label] = [outcome(product_of_call, *each) for each in made]
        observed[label] = line_by_line(*(partial(outcome, product_of_call, *each) for each in made))
    for what in ("of floats", "of doubles"):
        mask, x = given[what]
        observed[f"shape {what}"] = implementation.FakeSparsity(mask)(x).shape
        expected[f"shape {what}"] = mask.shape
    assert_same(observed, expected)
