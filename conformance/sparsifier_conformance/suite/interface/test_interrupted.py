"""Checks of what holds for the six names together: calls during a call, and calls at the same time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, outcome, raised
from sparsifier_conformance.checking.swaps.hooks import mapping_by, telling
from sparsifier_conformance.checking.world.turns import line_by_line

#: Attributes of which one at least is read by whatever looks at a module for what is in it, or at its tensors.
READ_ON_THE_WAY = ("_modules", "named_children", "named_modules", "children", "modules", "b", "parametrizations")


class Interrupted(nn.Module):
    """A module that does something the next time that somebody looks at it."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Sequential(nn.ReLU())
        self.weight = nn.Parameter(torch.ones(2))

    def __getattribute__(self, name: str) -> Any:
        if name in READ_ON_THE_WAY:
            super().__getattribute__("__dict__").pop("next", bool)()
        return super().__getattribute__(name)


def interrupted(*names: str) -> Any:
    """Make a model with a module that can be interrupted, under names of its own, and another one besides."""
    model = nn.Module()
    for name in names:
        model.add_module(name, Interrupted())
    model.add_module("beside", nn.Sequential(nn.ReLU()))
    return model


# During a call the same call is made, and others after it: what two calls share would be as it was after the same one.


def test_reentrant__module_to_fqn(implementation: Any) -> None:
    model, other, within = interrupted("x"), interrupted("other"), []
    asked = [(model, model.x.b[0]), (other, other.other.b[0]), (model, model.beside[0])]
    alone = [implementation.module_to_fqn(*each) for each in asked]
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for name, module in (("x", model.x.b[0]), ("beside", model.beside[0])):
        expected[name] = implementation.module_to_fqn(model, module)
        model.x.next = lambda: within.append([implementation.module_to_fqn(*each) for each in asked])
        observed[name] = implementation.module_to_fqn(model, module)
    observed.update({"calls during these": within, "has a path": alone[1] is not None})
    expected.update({"calls during these": [alone] * len(within), "has a path": True})
    assert_same(observed, expected)


def test_reentrant__fqn_to_module(implementation: Any) -> None:
    model, other, within = interrupted("x"), interrupted("other"), []
    asked = [(model, "x.b.0"), (other, "other.absent.0"), (model, "beside.0")]
    alone = [outcome(implementation.fqn_to_module, *each) for each in asked]
    before = implementation.fqn_to_module(model, "x.b.0")
    model.x.next = lambda: within.append([outcome(implementation.fqn_to_module, *each) for each in asked])
    after = implementation.fqn_to_module(model, "x.b.0")
    child = implementation.fqn_to_module(model, "beside")
    observed = {"the call": after, "calls during it": within, "beside": child}
    expected = {"the call": before, "calls during it": [alone] * len(within), "beside": model.beside}
    assert_same(observed, expected)


def _info(implementation: Any, model: nn.Module, path: str) -> dict[str, Any]:
    """Return the parts as a plain dict: what is returned may be of a class derived from dict."""
    return dict(implementation.get_arg_info_from_tensor_fqn(model, path))


def test_reentrant__get_arg_info_from_tensor_fqn(implementation: Any) -> None:
    model, other, within = interrupted("x"), interrupted("other"), []
    asked = [(model, "x.b.0.bias"), (other, "beside.0.weight"), (model, "beside.0.weight")]
    alone = [_info(implementation, *each) for each in asked]
    before = _info(implementation, model, "x.b.0.bias")
    model.x.next = lambda: within.append([_info(implementation, *each) for each in asked])
    after = _info(implementation, model, "x.b.0.bias")
    found = bool(before)
    observed = {"the call": after, "calls during it": within, "something is found": found}
    expected = {"the call": before, "calls during it": [alone] * len(within), "something is found": True}
    assert_same(observed, expected)


def test_reentrant__module_contains_param(implementation: Any) -> None:
    module: Any = Interrupted()
    plain, within = nn.Linear(2, 2), []
    parametrize.register_parametrization(module, "weight", nn.Tanh())
    asked = [(plain, nn.Tanh), (module, nn.Sigmoid), (module, nn.Tanh)]
    module.next = lambda: within.append([implementation.module_contains_param(*each) for each in asked])
    observed = {"the call": implementation.module_contains_param(module, nn.Tanh), "calls during it": within}
    expected = {"the call": True, "calls during it": [[False, False, True]] * len(within)}
    assert_same(observed, expected)


def _hooked(calls: list[Any], label: str) -> nn.Module:
    """Make a module with a hook of each kind, which tell a label."""
    module = nn.Linear(2, 2)
    module.register_forward_pre_hook(telling(calls, f"pre-hook of {label}"))
    module.register_forward_hook(telling(calls, f"hook of {label}"))
    return module


def _plain(mod: nn.Module) -> nn.Module:
    """Return what a module is swapped for."""
    return nn.Linear(2, 2)


def _told(calls: list[Any], module: nn.Module) -> list[str]:
    """Return what the hooks of a module tell when it is called."""
    calls.clear()
    module(torch.ones(1, 2))
    return [label for label, _ in calls]


def test_reentrant__swap_module(implementation: Any) -> None:
    calls: list[Any] = []
    error = ValueError("raised by from_dense")
    outer, inner = _hooked(calls, "the outer one"), _hooked(calls, "the inner one")
    unmapped, beside = nn.ReLU(), nn.Tanh()
    within: dict[str, Any] = {}

    def from_dense(mod: nn.Module) -> nn.Module:
        if mod is outer:
            within["the outer one itself"] = implementation.swap_module(mod, mapping_by(_plain))
            within["an unmapped one"] = outcome(implementation.swap_module, unmapped, mapping) is unmapped
            within["the error of another"] = error_of(implementation.swap_module, inner, mapping_by(raising)) is error
            # The last, so that what was noted of it is there when the outer one goes on.
            within["the inner one"] = implementation.swap_module(inner, mapping)
        return nn.Linear(2, 2)

    def raising(mod: nn.Module) -> nn.Module:
        raise error

    mapping = mapping_by(from_dense)
    hooked = ("the outer one", "the inner one", "the outer one itself")
    alone = [_hooked(calls, each.removesuffix(" itself")) for each in hooked]
    alone = [implementation.swap_module(each, mapping_by(_plain)) for each in alone]
    expected: dict[str, Any] = {each: _told(calls, module) for each, module in zip(hooked, alone, strict=True)}
    expected |= {
        "swapped": True,
        "an unmapped one": outcome(implementation.swap_module, beside, mapping) is beside,
        "the error of another": error_of(implementation.swap_module, nn.Linear(2, 2), mapping_by(raising)) is error,
    }
    result = within["the outer one"] = implementation.swap_module(outer, mapping)
    observed: dict[str, Any] = {each: _told(calls, within[each]) for each in hooked}
    observed |= {"swapped": result is not outer}
    observed |= {each: within[each] for each in ("an unmapped one", "the error of another")}
    assert_same(observed, expected)


def test_reentrant__fake_sparsity(implementation: Any) -> None:
    sparsity, other = (implementation.FakeSparsity(torch.tensor(mask)) for mask in ([0.5, 2.0], [3.0, -1.0]))
    interruptions: list[str] = []
    within = []

    def products() -> list[Any]:
        both = [contents(each(torch.tensor([3.0, 4.0]))) for each in (other, sparsity)]
        return [*both, raised(AssertionError, sparsity, torch.tensor([3.0]))]

    def interrupting(*args: Any) -> None:
        left = interruptions.copy()
        interruptions.clear()  # for the calls made here
        if left:
            within.append(products())
        interruptions[:] = left[1:]

    alone = products()
    sparsity.register_forward_pre_hook(interrupting)
    sparsity.register_forward_hook(interrupting)
    interruptions[:] = ["before the product", "after it"]
    observed = {"the call": contents(sparsity(torch.tensor([3.0, 4.0]))), "calls during it": within}
    expected = {"the call": alone[1], "calls during it": [alone] * len(within)}
    assert_same(observed, expected)


# Of two threads each runs a line at a time, with models that are alike and with others: what they share would be as the
# other has left it.


def at_once(look_up: Callable[..., Any], pairs: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return what comes of pairs of calls, those of each pair at once."""
    return {label: line_by_line(*(partial(outcome, look_up, *each) for each in pairs[label])) for label in pairs}


def one_by_one(look_up: Callable[..., Any], pairs: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return what comes of pairs of calls, one after the other."""
    return {label: [outcome(look_up, *each) for each in pairs[label]] for label in pairs}


def test_threads__module_to_fqn(implementation: Any) -> None:
    first, second, third = interrupted("x"), interrupted("y"), interrupted("other", "z")
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
    first, second, third = interrupted("x"), interrupted("y"), interrupted("x")
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
    first, second, third = interrupted("x"), interrupted("y"), interrupted("x")
    look_up, asked = partial(_info, implementation), (first, "x.b.0.weight")
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
    observed = at_once(implementation.module_contains_param, pairs)
    expected = {
        "in the first": [True, False],
        "in the second": [False, True],
        "of another class": [True, False],
        "of that class": [False, True],
    }
    assert_same(observed, expected)


def test_threads__swap_module(implementation: Any) -> None:
    calls: list[Any] = []
    labels = ("the first", "the second")
    modules = [_hooked(calls, label) for label in labels]
    alone = [implementation.swap_module(_hooked(calls, label), mapping_by(_plain)) for label in labels]
    results = line_by_line(*(partial(implementation.swap_module, each, mapping_by(_plain)) for each in modules))
    # One that is mapped, and one that is not, in either order.
    mapped, unmapped = _hooked(calls, "mapped"), nn.ReLU()
    of_both = [partial(implementation.swap_module, each, mapping_by(_plain)) for each in (mapped, unmapped)]
    swapped, kept = line_by_line(*of_both)
    kept_first, swapped_then = line_by_line(*of_both[::-1])
    observed = {
        "one mapped": [swapped is not mapped, kept is unmapped, kept_first is unmapped, swapped_then is not mapped],
        "hooks": [_told(calls, result) for result in results],
        "swapped": [result is not module for result, module in zip(results, modules, strict=True)],
    }
    hooks = [_told(calls, each) for each in alone]
    expected = {"one mapped": [True] * 4, "hooks": hooks, "swapped": [True, True]}
    assert_same(observed, expected)


def _contents_of_call(sparsity: Any, x: torch.Tensor) -> Any:
    """Return what there is to know of a product, or the class of the error in its place."""
    result = outcome(sparsity, x)
    return contents(result) if isinstance(result, torch.Tensor) else result


def test_threads__fake_sparsity(implementation: Any) -> None:
    masks = {
        "of floats": torch.tensor([0.5, 2.0]),
        "of doubles": torch.tensor([[3.0], [-1.0], [0.0]], dtype=torch.float64),
        "that does not fit": torch.tensor([1.0, 0.0, 1.0]),
    }

    def calls(*labels: str) -> list[Callable[[], Any]]:
        """Make calls with masks, of one that does not fit what is masked."""
        made = [(implementation.FakeSparsity(masks[label]), masks[label], "fit" in label) for label in labels]
        shapes = [(7,) if is_wrong else mask.shape for _, mask, is_wrong in made]
        inputs = [torch.full(shape, 3.0, dtype=mask.dtype) for shape, (_, mask, _) in zip(shapes, made, strict=True)]
        return [partial(_contents_of_call, made[index][0], inputs[index]) for index in range(len(labels))]

    observed: dict[Any, Any] = {}
    expected: dict[Any, Any] = {}
    for labels in permutations(masks, 2):
        observed[labels] = line_by_line(*calls(*labels))
        expected[labels] = [call() for call in calls(*labels)]
    for label in ("of floats", "of doubles"):
        observed[label] = implementation.FakeSparsity(masks[label])(torch.ones_like(masks[label])).shape
        expected[label] = masks[label].shape
    assert_same(observed, expected)
