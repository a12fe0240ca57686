"""Checks of the hooks that a result has already, and of those that stay with the old module."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.swaps.hooks import mapping_to, swapped, telling, was_swapped
from sparsifier_conformance.checking.world.states import state_of
from sparsifier_conformance.checking.world.values import changes


@given(own=st.integers(1, 3), carried=st.integers(0, 3))
@example(own=1, carried=1)
def test_own_hooks_first(implementation: Any, device: str, own: int, carried: int) -> None:
    calls: list[Any] = []
    new: nn.Module = nn.Linear(2, 2).to(device)
    for index in range(own):
        new.register_forward_pre_hook(telling(calls, f"own pre-hook {index}"))
        new.register_forward_hook(telling(calls, f"own hook {index}"))
    old = nn.Linear(2, 2).to(device)
    for index in range(carried):
        old.register_forward_pre_hook(telling(calls, f"old pre-hook {index}"))
        old.register_forward_hook(telling(calls, f"old hook {index}"))
    swapped(implementation, old, mapping_to(new), new)(torch.ones(1, 2, device=device))
    labels = [label for label, _ in calls]
    observed = {
        "the first pre-hooks": [label for label in labels if "pre-hook" in label][:own],
        "the first hooks": [label for label in labels if "pre-hook" not in label][:own],
        "calls of its own": sum(label.startswith("own") for label in labels),
    }
    expected = {
        "the first pre-hooks": [f"own pre-hook {index}" for index in range(own)],
        "the first hooks": [f"own hook {index}" for index in range(own)],
        "calls of its own": 2 * own,
    }
    assert_same(observed, expected)


@given(count=st.integers(1, 3))
def test_own_hooks_first__where_the_result_is_a_copy(implementation: Any, device: str, count: int) -> None:
    # A copy has hooks of its own, under the very numbers that torch gave those of the old module.
    old = nn.Linear(2, 2).to(device)
    for index in range(count):
        old.register_forward_pre_hook(telling([], f"pre-hook {index}", "callable"))
        old.register_forward_hook(telling([], f"hook {index}", "callable"))
    new = copy.deepcopy(old)
    own_pre_hooks, own_hooks = list(new._forward_pre_hooks.values()), list(new._forward_hooks.values())
    result = swapped(implementation, old, mapping_to(new), new)
    observed = {
        "result": result,
        "the first pre-hooks": list(new._forward_pre_hooks.values())[:count],
        "the first hooks": list(new._forward_hooks.values())[:count],
    }
    expected = {"result": new, "the first pre-hooks": own_pre_hooks, "the first hooks": own_hooks}
    assert_same(observed, expected)


def test_own_hooks_first__where_they_are_the_same(implementation: Any, device: str) -> None:
    counts: list[list[int]] = []
    hooks: tuple[Any, ...] = (print, repr)
    for hook in hooks:  # of which the result has the first: it is not carried once less for that
        old, new = (nn.Linear(2, 2).to(device) for _ in range(2))
        for module, each in ((old, hook), (new, print)):
            module.register_forward_pre_hook(each)
            module.register_forward_hook(each)
        result = implementation.swap_module(old, mapping_to(new))
        counts.append([len(result._forward_pre_hooks), len(result._forward_hooks)])
    observed = {"hooks on the result": counts[0], "whether there is one": was_swapped(result, old)}
    expected = {"hooks on the result": counts[1], "whether there is one": True}
    assert_same(observed, expected)


def _flags_of(register_hook: Callable[..., Any]) -> list[str]:
    """List the flags that leave the order of hooks as it is, as far as torch has them."""
    return [flag for flag in ("with_kwargs", "always_call") if flag in inspect.signature(register_hook).parameters]


def _hooks_in(module: nn.Module) -> dict[str, Any]:
    """Return the state of a module's own forward hooks and their flags."""
    state = state_of(module).items()
    return {name: value for name, value in state if name.startswith("_forward") and name.endswith(" of ''")}


@given(count=st.integers(1, 3), around=st.booleans())
@example(count=1, around=True)
def test_old_module_keeps_hooks(implementation: Any, device: str, count: int, around: bool) -> None:
    old = nn.Linear(2, 2).to(device)
    calls: list[Any] = []
    handles = [
        register_hook(telling(calls, f"{kind} {index}"), **dict.fromkeys(_flags_of(register_hook), True))
        for kind, register_hook in (("pre-hook", old.register_forward_pre_hook), ("hook", old.register_forward_hook))
        for index in range(count)
    ]
    new = nn.Linear(2, 2).to(device)
    if around:  # as a wrapper is, which need not run what it holds
        new.add_module("inner", old)
    before = _hooks_in(old)
    result = swapped(implementation, old, mapping_to(new), new)
    changed = changes(before, _hooks_in(old))
    result(torch.ones(1, 2, device=device))
    # What the result runs is for other checks to say: here it must stay what it is.
    on_result = [label for label, _ in calls]
    observed: dict[str, Any] = {"result": result, "changes of the old module's hooks": changed}
    calls.clear()
    old(torch.ones(1, 2, device=device))
    observed["the old module runs"] = list(calls)
    result.register_forward_hook(telling(calls, "new on the result"))
    calls.clear()
    old(torch.ones(1, 2, device=device))
    observed["after a hook is put on the result, the old module runs"] = list(calls)
    before = _hooks_in(result)
    for handle in handles:
        handle.remove()
    calls.clear()
    old(torch.ones(1, 2, device=device))
    observed["after its handles are removed, the old module runs"] = list(calls)
    result(torch.ones(1, 2, device=device))
    observed["and the result"] = [label for label, _ in calls]
    observed["changes of its hooks"] = changes(before, _hooks_in(result))
    ran = [(f"{kind} {index}", old) for kind in ("pre-hook", "hook") for index in range(count)]
    expected = {
        "result": new,
        "changes of the old module's hooks": {},
        "the old module runs": ran,
        "after a hook is put on the result, the old module runs": ran,
        "after its handles are removed, the old module runs": [],
        "and the result": [*on_result, "new on the result"],
        "changes of its hooks": {},
    }
    assert_same(observed, expected)
