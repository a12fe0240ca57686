"""Checks of what holds for the six names together: calls by two threads at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, info_of, outcome, same
from sparsifier_conformance.checking.swaps.hooks import mapping_by
from sparsifier_conformance.checking.swaps.linear import hooked_linear
from sparsifier_conformance.checking.world.states import global_state
from sparsifier_conformance.checking.world.turns import at_once
from sparsifier_conformance.checking.world.values import changes


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


def around(module: nn.Module) -> nn.Module:
    """Make a model with a module of another one, behind one of its own."""
    return nn.Sequential(nn.Sequential(nn.ReLU()), module)


# Of two threads each runs a line at a time, or one within the other, with models that are alike and with others: what
# they share would be as the other has left it.


def of_pairs(look_up: Callable[..., Any], pairs: dict[str, tuple[Any, Any]], alone: dict[str, Any]) -> dict[str, Any]:
    """Return what comes of pairs of calls, those of each pair at once, and what they leave switched otherwise.

    Parameters:
        look_up: what is called.
        pairs: what it is called with.
        alone: what comes of the same calls one after the other.
    """
    before, results = global_state(), {}
    for label, pair in pairs.items():
        found = at_once(*(partial(outcome, look_up, *each) for each in pair))
        results[label] = next((each for each in found if not same(each, alone[label])), alone[label])
    return {**results, "left otherwise": changes(before, global_state())}


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
        "of a module in both": (asked, (around(first.x), asked[1])),
    }
    alone = one_by_one(implementation.module_to_fqn, pairs)
    observed = {
        "at once": of_pairs(implementation.module_to_fqn, pairs, alone),
        "has a path": alone["in others"][0] is not None,
    }
    expected = {"at once": {**alone, "left otherwise": {}}, "has a path": True}
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
    observed = {"at once": of_pairs(implementation.fqn_to_module, pairs, alone), "beside": beside}
    expected = {"at once": {**alone, "left otherwise": {}}, "beside": first.beside}
    assert_same(observed, expected)


def test_threads__get_arg_info_from_tensor_fqn(implementation: Any) -> None:
    first, second, third = model_of("x"), model_of("y"), model_of("x")
    look_up, asked = partial(info_of, implementation), (first, "x.b.0.training")
    pairs = {
        "in models that are alike": (asked, (second, "y.b.0.inplace")),
        "by the same path": (asked, (third, "x.b.0.training")),
        "not as deep": (asked, (third, "x.b.training")),
        "of the model itself": (asked, (third, "training")),
    }
    alone = one_by_one(look_up, pairs)
    info = implementation.get_arg_info_from_tensor_fqn(first, "training")
    observed = {"at once": of_pairs(look_up, pairs, alone), "something is found": isinstance(info, dict) and bool(info)}
    expected = {"at once": {**alone, "left otherwise": {}}, "something is found": True}
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
        "at once": of_pairs(implementation.module_contains_param, pairs, alone),
        "tells them apart": first_alone != second_alone,
    }
    expected = {"at once": {**alone, "left otherwise": {}}, "tells them apart": True}
    assert_same(observed, expected)


def linear_like(mod: Any) -> nn.Module:
    """Return what a module is swapped for, where that one is."""
    new = nn.Module()
    new.register_buffer("mask", torch.ones(2, device=mod.weight.device))
    return new


def swap_in_words(implementation: Any, old: Any, mapping: Any) -> Any:
    """Return whether a swap gives the old module, else in words the result, and whether that has the hooks."""
    result = implementation.swap_module(old, mapping)
    if result is old or not isinstance(result, nn.Module):
        return "the old module" if result is old else str(result)
    hooks = [[*module._forward_pre_hooks.values(), *module._forward_hooks.values()] for module in (result, old)]
    return f"{type(result).__name__} on {next(result.buffers()).device}", same(*hooks)


def test_threads__swap_module(implementation: Any) -> None:
    like = mapping_by(linear_like)
    mapped, second, elsewhere = (hooked_linear([], label) for label in ("first", "second", "third"))
    given = {
        "mapped": (mapped, like),
        "mapped, too": (second, like),
        "mapped, on meta": (elsewhere.to("meta"), like),
        "not mapped": (nn.ReLU(), like),
    }
    labels = [*(("mapped", other) for other in [*given][1:]), ("not mapped", "mapped")]
    pairs = {" and ".join(pair): (given[pair[0]], given[pair[1]]) for pair in labels}
    look_up = partial(swap_in_words, implementation)
    alone = one_by_one(look_up, pairs)
    swapped = implementation.swap_module(mapped, like) is not mapped
    observed = {"at once": of_pairs(look_up, pairs, alone), "swapped": swapped}
    expected = {"at once": {**alone, "left otherwise": {}}, "swapped": True}
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
    made = {label: (implementation.FakeSparsity(mask), x) for label, (mask, x) in given.items()}
    pairs = {" and ".join(pair): (made[pair[0]], made[pair[1]]) for pair in permutations(given, 2)}
    alone = one_by_one(product_of_call, pairs)
    observed: dict[str, Any] = {"at once": of_pairs(product_of_call, pairs, alone)}
    expected: dict[str, Any] = {"at once": {**alone, "left otherwise": {}}}
    for what in ("of floats", "of doubles"):
        mask, x = given[what]
        observed[f"shape {what}"] = implementation.FakeSparsity(mask)(x).shape
        expected[f"shape {what}"] = mask.shape
    assert_same(observed, expected)
