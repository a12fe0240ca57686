"""Checks of what holds for the six names together: what an answer depends on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import example, given
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, outcome, same
from sparsifier_conformance.checking.models.histories import (
    Grown,
    Step,
    anew,
    copied,
    histories,
    left_alone,
    made_anew,
    new_tensors,
    parametrized_anew,
    plain_again,
    renamed,
    renamed_in_place,
    replaced,
    taken_in,
    tied,
    working,
)
from sparsifier_conformance.checking.world.places import in_turn

#: Paths that are asked for whatever the model is: some lead somewhere only after a step, or before one.
OTHER_PATHS = (
    "value",
    "value.weight",
    "a.0.weight",
    "a.kept",
    "again.0.weight",
    "b.weight",
    "scale",
    "front",
    "absent",
)


def answer(call: Callable[..., Any], *args: Any) -> Any:
    """Return the outcome of a call; of a tensor that may be computed each time, the contents."""
    found = outcome(call, *args)
    return contents(found) if isinstance(found, torch.Tensor) and not isinstance(found, nn.Parameter) else found


def attribute_at(model: Any, path: str) -> Any:
    """Follow a path by attribute access."""
    for name in path.split("."):
        if not hasattr(model, name):
            return None
        model = getattr(model, name)
    return model


def right_or_late(look_up: Callable[..., Any], model: Any, path: str) -> Any:
    """Return what a look-up gives for a path, unless it is as wrong for a model that was never looked at.

    Then it is not a matter of time, and what attribute access gives is returned.
    """
    found, right = answer(look_up, model, path), answer(attribute_at, model, path)
    if same(found, right):
        return found
    untouched = anew(model)
    return found if same(answer(look_up, untouched, path), answer(attribute_at, untouched, path)) else right


@given(history=histories())
@example(history=[replaced])
@example(history=[renamed, renamed])
@example(history=[renamed_in_place])
@example(history=[tied])
@example(history=[taken_in])
@example(history=[made_anew, made_anew, made_anew])
def test_answers_for_now__module_to_fqn(implementation: Any, history: list[Step]) -> None:
    model = first = Grown()
    observed: dict[str, Any] = {"a has a path": implementation.module_to_fqn(first, first.a) is not None}
    expected: dict[str, Any] = {"a has a path": True}
    for position, step in enumerate([left_alone, *history]):
        before, model = dict(model.named_modules()), step(model)
        now = dict(model.named_modules())
        paths = {id(module): path for path, module in now.items()}
        for when, modules in (("now", now), ("before", before), ("all along", {"waiting": model.waiting})):
            for path, module in modules.items():
                asked = f"{position} {step.__name__}: {path} {when}"
                observed[asked] = outcome(implementation.module_to_fqn, model, module)
                expected[asked] = right = paths.get(id(module))
                if not same(observed[asked], right):
                    untouched = anew(model)
                    again = untouched.waiting if path == "waiting" else nn.ReLU()
                    again = again if right is None else untouched.get_submodule(right)
                    if not same(outcome(implementation.module_to_fqn, untouched, again), right):
                        observed[asked] = right  # wrong at any time, which is for others to say
    assert_same(observed, expected)


@given(history=histories())
@example(history=[replaced])
@example(history=[new_tensors])
@example(history=[working, working])
@example(history=[parametrized_anew, plain_again])
@example(history=[copied])
def test_answers_for_now__fqn_to_module(implementation: Any, history: list[Step]) -> None:
    model = first = Grown()
    observed, expected = {"a": implementation.fqn_to_module(first, "a")}, {"a": first.a}
    for position, step in enumerate([left_alone, *history]):
        before, model = dict(model.named_modules()), step(model)
        registered = {**before, **dict(model.named_modules()), **dict(model.named_parameters())}
        for path in filter(None, [*registered, *OTHER_PATHS]):
            asked = f"{position} {step.__name__}: {path}"
            observed[asked] = right_or_late(implementation.fqn_to_module, model, path)
            expected[asked] = answer(attribute_at, model, path)
    assert_same(observed, expected)


def module_of(look_up: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gives the module which a look-up finds for an attribute that every module has."""
    return lambda model, path: look_up(model, f"{path}.training")["module"]


@given(history=histories())
@example(history=[replaced])
@example(history=[working, working])
@example(history=[copied])
def test_answers_for_now__get_arg_info_from_tensor_fqn(implementation: Any, history: list[Step]) -> None:
    model = first = Grown()
    look_up = module_of(implementation.get_arg_info_from_tensor_fqn)
    observed, expected = {"a": look_up(first, "a")}, {"a": first.a}
    for position, step in enumerate([left_alone, *history]):
        before, model = dict(model.named_modules()), step(model)
        for path in filter(
            None, {**before, **dict(model.named_modules()), **dict.fromkeys(("value", "again", "front"))}
        ):
            asked = f"{position} {step.__name__}: the module of {path}.training"
            observed[asked] = right_or_late(look_up, model, path)
            expected[asked] = answer(attribute_at, model, path)
    assert_same(observed, expected)


@given(history=histories())
@example(history=[parametrized_anew])
@example(history=[parametrized_anew, plain_again])
@example(history=[parametrized_anew, copied, plain_again])
def test_answers_for_now__module_contains_param(implementation: Any, history: list[Step]) -> None:
    model, masked = Grown(), nn.Linear(2, 2)
    parametrize.register_parametrization(masked, "weight", nn.Tanh())
    observed, expected = {"masked": bool(implementation.module_contains_param(masked, nn.Tanh))}, {"masked": True}
    for position, step in enumerate([left_alone, *history]):
        before, model = dict(model.named_modules()), step(model)
        for when, modules in (("now", dict(model.named_modules())), ("before", before)):
            for path, module in modules.items():
                asked = f"{position} {step.__name__}: {path} {when}"
                observed[asked] = bool(implementation.module_contains_param(module, nn.Tanh))
                chains = getattr(module, "parametrizations", {})
                expected[asked] = any(isinstance(each, nn.Tanh) for chain in chains.values() for each in chain)
    assert_same(observed, expected)


def a_model(with_child: bool) -> Any:
    """Make a model, in a place where there may just have been another one."""
    model: Any = nn.Module()
    model.register_parameter("weight", nn.Parameter(torch.ones(2)))
    model.add_module("a" if with_child else "b", nn.ReLU())
    return model


class Holder:
    """An object that is no module, and has an attribute or not; no other object is as large, and takes its place."""

    __slots__ = ("a", *(f"unused_{index}" for index in range(48)))


def found_at_a(look_up: Callable[..., Any], kept: list[Any], with_child: bool) -> list[str]:
    """Return whether a model's own child is found in it, and in what it holds that is no module, or what is found."""
    model = a_model(with_child)
    model.held = Holder()
    if with_child:
        model.held.a = nn.ReLU()
    kept.append(model)
    found = [(outcome(look_up, model, path), attribute_at(model, path)) for path in ("a", "held.a")]
    # Without its address, which is another one each time; errors are told in words.
    return [
        each if isinstance(each, str) else f"{'its own' if each is right else 'another'} {type(each).__name__}"
        for each, right in found
    ]


def test_answers_for_now__module_to_fqn__in_the_same_place(implementation: Any) -> None:
    model = nn.Sequential()

    def answered(added: bool, kept: list[Any]) -> Any:
        module = nn.ReLU()
        kept.append(module)
        if added:
            model.add_module("a", module)
        path = outcome(implementation.module_to_fqn, model, module)
        model._modules.clear()
        return path

    goes, stays = in_turn(answered)
    observed = {"of those that go": goes, "whether answers differ": stays[0] != stays[1]}
    expected = {"of those that go": stays, "whether answers differ": True}
    assert_same(observed, expected)


def test_answers_for_now__fqn_to_module__in_the_same_place(implementation: Any) -> None:
    goes, stays = in_turn(lambda with_child, kept: found_at_a(implementation.fqn_to_module, kept, with_child))
    observed = {"of those that go": goes, "whether answers differ": stays[0] != stays[1]}
    expected = {"of those that go": stays, "whether answers differ": True}
    assert_same(observed, expected)


def test_answers_for_now__get_arg_info_from_tensor_fqn__in_the_same_place(implementation: Any) -> None:
    look_up = module_of(implementation.get_arg_info_from_tensor_fqn)
    goes, stays = in_turn(lambda with_child, kept: found_at_a(look_up, kept, with_child))
    observed = {"of those that go": goes, "whether answers differ": stays[0] != stays[1]}
    expected = {"of those that go": stays, "whether answers differ": True}
    assert_same(observed, expected)


def test_answers_for_now__module_contains_param__of_classes_in_the_same_place(implementation: Any) -> None:
    model = a_model(True)
    parametrize.register_parametrization(model, "weight", nn.Identity())

    def answered(derived: bool, kept: list[Any]) -> Any:
        model.parametrizations.weight[0] = type("Kind", (nn.Tanh if derived else nn.Sigmoid,), {})()
        kept.append(model.parametrizations.weight[0])
        answer = bool(implementation.module_contains_param(model, nn.Tanh))
        model.parametrizations.weight[0] = nn.Identity()  # or the model would keep the other one
        return answer

    goes, stays = in_turn(answered)
    model.parametrizations.weight[0] = nn.Tanh()
    observed = {"of those that go": goes, "an instance": bool(implementation.module_contains_param(model, nn.Tanh))}
    expected = {"of those that go": stays, "an instance": True}
    assert_same(observed, expected)


def test_answers_for_now__module_contains_param__in_the_same_place(implementation: Any) -> None:
    # A model that was parametrized goes when garbage is collected, so it is one model that gets another one each time.
    model, staying = a_model(True), [a_model(True) for _ in range(6)]
    goes: list[Any] = []
    stays: list[Any] = []
    for index, other in enumerate(staying):
        for asked, answers in ((model, goes), (other, stays)):
            parametrize.register_parametrization(asked, "weight", nn.Tanh() if index % 2 else nn.Sigmoid())
            answers.append(bool(implementation.module_contains_param(asked, nn.Tanh)))
        parametrize.remove_parametrizations(model, "weight")
    observed = {"of those that go": goes, "what is there": stays[1]}
    expected = {"of those that go": stays, "what is there": True}
    assert_same(observed, expected)
