"""Checks of what holds for the six names together: what an answer depends on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import example, given
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, contents
from sparsifier_conformance.checking.histories import (
    Grown,
    Step,
    copied,
    histories,
    left_alone,
    made_anew,
    new_tensors,
    parametrized,
    plain_again,
    renamed,
    replaced,
    tied,
    working,
)

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
    """Return what a call gives, or in words what it raises; of a tensor that is computed each time, the contents."""
    try:
        found = call(*args)
    except Exception as error:
        return f"raises {type(error).__name__}"
    return contents(found) if isinstance(found, torch.Tensor) and not found.is_leaf else found


def attribute_at(model: Any, path: str) -> Any:
    """Follow a path by attribute access."""
    for name in path.split("."):
        if not hasattr(model, name):
            return None
        model = getattr(model, name)
    return model


@given(history=histories())
@example(history=[replaced])
@example(history=[renamed, renamed])
@example(history=[tied])
@example(history=[made_anew, made_anew, made_anew])
def test_answers_for_now__module_to_fqn(implementation: Any, history: list[Step]) -> None:
    model, observed, expected = Grown(), {}, {}
    for position, step in enumerate([left_alone, *history]):
        before, model = dict(model.named_modules()), step(model)
        now = dict(model.named_modules())
        paths = {id(module): path for path, module in now.items()}
        for when, modules in (("now", now), ("before", before)):
            for path, module in modules.items():
                asked = f"{position} {step.__name__}: {path} {when}"
                observed[asked] = implementation.module_to_fqn(model, module)
                expected[asked] = paths.get(id(module))
    assert_same(observed, expected)


@given(history=histories())
@example(history=[replaced])
@example(history=[new_tensors])
@example(history=[working, working])
@example(history=[parametrized, plain_again])
@example(history=[copied])
def test_answers_for_now__fqn_to_module(implementation: Any, history: list[Step]) -> None:
    model, observed, expected = Grown(), {}, {}
    for position, step in enumerate([left_alone, *history]):
        before, model = dict(model.named_modules()), step(model)
        registered = {**before, **dict(model.named_modules()), **dict(model.named_parameters())}
        for path in filter(None, [*registered, *OTHER_PATHS]):
            asked = f"{position} {step.__name__}: {path}"
            observed[asked] = answer(implementation.fqn_to_module, model, path)
            expected[asked] = answer(attribute_at, model, path)
    assert_same(observed, expected)


def module_of(look_up: Callable[..., Any], model: Any, path: str) -> Any:
    """Return the module that a look-up finds for a tensor."""
    return look_up(model, path)["module"]


@given(history=histories())
@example(history=[replaced])
@example(history=[working, working])
@example(history=[copied])
def test_answers_for_now__get_arg_info_from_tensor_fqn(implementation: Any, history: list[Step]) -> None:
    model, observed, expected = Grown(), {}, {}
    for position, step in enumerate([left_alone, *history]):
        before, model = dict(model.named_modules()), step(model)
        paths = filter(None, {**before, **dict(model.named_modules()), **dict.fromkeys(OTHER_PATHS)})
        for path in paths:
            asked = f"{position} {step.__name__}: the module of {path}.weight"
            observed[asked] = answer(module_of, implementation.get_arg_info_from_tensor_fqn, model, f"{path}.weight")
            expected[asked] = answer(attribute_at, model, path)
    assert_same(observed, expected)


@given(history=histories())
@example(history=[parametrized])
@example(history=[parametrized, plain_again])
@example(history=[parametrized, copied, plain_again])
def test_answers_for_now__module_contains_param(implementation: Any, history: list[Step]) -> None:
    model, observed, expected = Grown(), {}, {}
    for position, step in enumerate([left_alone, *history]):
        before, model = dict(model.named_modules()), step(model)
        for when, modules in (("now", dict(model.named_modules())), ("before", before)):
            for path, module in modules.items():
                asked = f"{position} {step.__name__}: {path} {when}"
                observed[asked] = implementation.module_contains_param(module, nn.Tanh)
                chains = getattr(module, "parametrizations", {})
                expected[asked] = any(isinstance(each, nn.Tanh) for chain in chains.values() for each in chain)
    assert_same(observed, expected)
