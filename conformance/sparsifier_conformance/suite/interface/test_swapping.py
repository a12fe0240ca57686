"""Checks that ``swap_module`` answers for the module and the mapping as they are, whatever was done to them before."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, error_of, outcome
from sparsifier_conformance.checking.swaps.hooks import mapping_by, mapping_to, telling
from sparsifier_conformance.checking.world.places import in_turn

#: What is done between two calls: to the mapping, the module and its hooks, or to go on with the result.
STEPS = (
    "map to first",
    "map to second",
    "change from_dense",
    "unmap",
    "hook",
    "unhook",
    "parametrize",
    "become another",
    "fail",
    "go on with the result",
)


class Other(nn.Module):
    """What a module may become while it lives: nothing is mapped from it, and it derives from nothing that is."""

    forward = nn.Linear.forward


def _made(way: str) -> Any:
    """Make a result that knows how it was made."""
    result: Any = nn.Linear(2, 2)
    result.way = way
    return result


def _raising_error(mod: nn.Module) -> nn.Module:
    raise ValueError("raised by from_dense")


@given(steps=st.lists(st.sampled_from(STEPS), max_size=5))
@example(steps=["map to first", "map to second"])
@example(steps=["map to first", "change from_dense"])
@example(steps=["map to first", "unmap"])
@example(steps=["map to first", "hook", "unhook"])
@example(steps=["map to first", "become another", "become another"])
@example(steps=["become another", "map to first", "become another"])
@example(steps=["map to first", "fail"])
@example(steps=["map to first", "hook", "go on with the result", "hook", "unhook"])
def test_answers_for_now__swap_module(implementation: Any, steps: list[str]) -> None:
    calls: list[Any] = []
    mapping: dict[Any, Any] = {}
    module, handles = _made("by hand"), []
    mappings = {"first": mapping_by(lambda mod: _made("first")), "second": mapping_by(lambda mod: _made("second"))}
    ways = {way: each[nn.Linear] for way, each in mappings.items()}
    made = {target: way for way, target in ways.items()}
    carried: list[str] = []
    observed: list[Any] = []
    expected: list[Any] = []
    for index, step in enumerate(steps):
        if step.startswith("map to"):
            mapping[nn.Linear] = ways[step.rpartition(" ")[2]]
        elif step == "change from_dense":  # of a class that is mapped to all along
            ways["first"].from_dense = staticmethod(lambda mod: _made("changed"))
            made[ways["first"]] = "changed"
        elif step == "unmap":
            mapping.pop(nn.Linear, None)
        elif step == "hook":
            handles.append((module.register_forward_hook(telling(calls, f"hook {index}")), f"hook {index}"))
        elif step == "unhook" and handles:
            handles.pop()[0].remove()
        elif step == "parametrize":
            parametrize.register_parametrization(module, "weight", nn.Tanh())
        elif step == "become another" and not parametrize.is_parametrized(module):
            module.__class__ = nn.Linear if type(module) is Other else Other
        elif step == "fail":
            error_of(implementation.swap_module, module, mapping_by(_raising_error))
        elif step == "go on with the result" and mapping:  # else it is the same module
            module = implementation.swap_module(module, mapping)
            carried, handles = [*carried, *(label for _, label in handles)], []
        result = implementation.swap_module(module, mapping)
        calls.clear()
        result(torch.ones(1, 2))
        # Whether what is not mapped is the same object, and in which order hooks run, is for other checks.
        target = mapping.get(parametrize.type_before_parametrizations(module))
        is_same = target is not None and result is module
        observed.append([is_same, result.way, sorted(label for label, _ in calls)])
        way = made.get(target, module.way)
        expected.append([False, way, sorted([*carried, *(label for _, label in handles)])])
    assert_same(observed, expected)


def test_answers_for_now__swap_module__in_the_same_place(implementation: Any) -> None:
    target = mapping_to(nn.Identity())[nn.Linear]

    def answered(mapped: bool, kept: list[Any]) -> str:
        kind = type("Kind", (nn.Tanh if mapped else nn.ReLU,), {})
        module, mapping = kind(), {kind if mapped else nn.Linear: target}
        kept.append((module, mapping))
        return type(outcome(implementation.swap_module, module, mapping)).__name__

    goes, stays = in_turn(answered)
    observed = {"of those that go": goes, "whether answers differ": stays[0] != stays[1]}
    expected = {"of those that go": stays, "whether answers differ": True}
    assert_same(observed, expected)
