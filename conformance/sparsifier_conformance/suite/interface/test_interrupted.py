"""Checks of what holds for the six names together: calls during a call."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, info_of, outcome, raised
from sparsifier_conformance.checking.swaps.hooks import mapping_by
from sparsifier_conformance.checking.swaps.linear import hooked_linear, new_linear, told_by

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


def test_reentrant__get_arg_info_from_tensor_fqn(implementation: Any) -> None:
    model, other, within = interrupted("x"), interrupted("other"), []
    asked = [(model, "x.b.0.training"), (other, "beside.0.training"), (model, "beside.0.training")]
    alone = [info_of(implementation, *each) for each in asked]
    before = info_of(implementation, model, "x.b.0.training")
    model.x.next = lambda: within.append([info_of(implementation, *each) for each in asked])
    after = info_of(implementation, model, "x.b.0.training")
    found = bool(before)
    observed = {"the call": after, "calls during it": within, "something is found": found}
    expected = {"the call": before, "calls during it": [alone] * len(within), "something is found": True}
    assert_same(observed, expected)


def test_reentrant__module_contains_param(implementation: Any) -> None:
    module: Any = Interrupted()
    plain, within = nn.Linear(2, 2), []
    parametrize.register_parametrization(module, "weight", nn.Tanh())
    asked = [(plain, nn.Tanh), (module, nn.Sigmoid), (module, nn.Tanh)]
    module.next = lambda: within.append([bool(implementation.module_contains_param(*each)) for each in asked])
    found = implementation.module_contains_param(module, nn.Tanh)
    observed = {"the call": bool(found), "calls during it": within}
    expected = {"the call": True, "calls during it": [[False, False, True]] * len(within)}
    assert_same(observed, expected)


def test_reentrant__swap_module(implementation: Any) -> None:
    calls: list[Any] = []
    error = ValueError("raised by from_dense")
    outer, inner = hooked_linear(calls, "the outer one"), hooked_linear(calls, "the inner one")
    unmapped, beside = nn.ReLU(), nn.Tanh()
    within: dict[str, Any] = {}

    def from_dense(mod: nn.Module) -> nn.Module:
        if mod is outer and not within:
            within["the outer one once more"] = None  # so that from_dense does this but once
            within["the outer one once more"] = implementation.swap_module(mod, mapping)
            within["the outer one itself"] = implementation.swap_module(mod, mapping_by(new_linear))
            within["an unmapped one"] = outcome(implementation.swap_module, unmapped, mapping) is unmapped
            within["the error of another"] = error_of(implementation.swap_module, inner, mapping_by(raising)) is error
            # The last, so that what was noted of it is there when the outer one goes on.
            within["the inner one"] = implementation.swap_module(inner, mapping)
        return nn.Linear(2, 2)

    def raising(mod: nn.Module) -> nn.Module:
        raise error

    mapping = mapping_by(from_dense)
    hooked = ("the outer one", "the inner one", "the outer one itself", "the outer one once more")
    alone = [hooked_linear(calls, each[: each.index("one") + 3]) for each in hooked]
    alone = [implementation.swap_module(each, mapping_by(new_linear)) for each in alone]
    expected: dict[str, Any] = {each: told_by(calls, module) for each, module in zip(hooked, alone, strict=True)}
    expected |= {
        "swapped": [True, True, True],
        "an unmapped one": outcome(implementation.swap_module, beside, mapping) is beside,
        "the error of another": error_of(implementation.swap_module, nn.Linear(2, 2), mapping_by(raising)) is error,
    }
    result = within["the outer one"] = implementation.swap_module(outer, mapping)
    observed: dict[str, Any] = {each: told_by(calls, within[each]) for each in hooked}
    swapped = [module is not outer for module in (result, *map(within.__getitem__, hooked[2:]))]
    observed |= {"swapped": swapped}
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
