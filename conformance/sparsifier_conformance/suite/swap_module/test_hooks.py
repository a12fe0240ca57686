"""Checks of which hooks ``swap_module`` carries, and in which order."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.swaps.hooks import Hooks, Sparse, mapping_by, mapping_to, registrations, telling
from sparsifier_conformance.checking.world.states import state_of
from sparsifier_conformance.checking.world.values import changes

#: Registrations that are tried whatever is drawn.
ALWAYS_TRIED = (
    ("append",),
    ("append", "append"),
    ("append", "prepend"),
    ("remove", "append"),
    ("append", "prepend", "remove", "append"),
    ("append", "always", "append"),
    ("kwargs", "append"),
    ("append", "append:again"),
    ("append:callable",),
    ("append:partial",),
    ("append:method",),
    ("append:falsy", "append:falsy"),
    ("append:observer",),
    ("append:decorated", "append:module"),
    ("append",) * 12,
)


def of_all_registrations(check: Callable[..., None]) -> Callable[..., None]:
    """Let a check draw registrations of hooks."""
    for actions in reversed(ALWAYS_TRIED):
        check = example(hooks=Hooks.of(*actions))(check)
    return given(hooks=registrations())(check)


@of_all_registrations
def test_forward_pre_hooks_in_order(implementation: Any, device: str, hooks: Hooks) -> None:
    old = nn.Linear(2, 2).to(device)
    calls: list[Any] = []
    hooks.register(old.register_forward_pre_hook, calls, "pre-hook")
    registered = list(old._forward_pre_hooks.values())
    result = implementation.swap_module(old, {nn.Linear: Sparse})
    for _ in range(2):
        result(torch.ones(1, 2, device=device))
    observed = {"type": type(result), "hooks": list(result._forward_pre_hooks.values()), "calls": calls}
    ran = [(label, result) for label in hooks.order("pre-hook")]
    expected = {"type": Sparse, "hooks": registered, "calls": ran * 2}
    assert_same(observed, expected)


@of_all_registrations
def test_forward_hooks_in_order(implementation: Any, device: str, hooks: Hooks) -> None:
    old = nn.Linear(2, 2).to(device)
    calls: list[Any] = []
    hooks.register(old.register_forward_hook, calls, "hook")
    registered = list(old._forward_hooks.values())
    result = implementation.swap_module(old, {nn.Linear: Sparse})
    for _ in range(2):
        result(torch.ones(1, 2, device=device))
    observed = {"type": type(result), "hooks": list(result._forward_hooks.values()), "calls": calls}
    ran = [(label, result) for label in hooks.order("hook")]
    expected = {"type": Sparse, "hooks": registered, "calls": ran * 2}
    assert_same(observed, expected)


def test_forward_pre_hooks_in_order__what_they_make_of_the_input(implementation: Any, device: str) -> None:
    # Sizes tell what was done, and in which order, on devices without values too.
    old = nn.Linear(2, 2).to(device)
    old.register_forward_pre_hook(lambda module, args: (torch.cat([args[0], args[0]]),))
    old.register_forward_pre_hook(lambda module, args: (torch.cat([args[0], torch.ones(1, device=device)]),))
    result = implementation.swap_module(old, mapping_by(lambda mod: nn.ReLU()))
    observed = list(result(torch.ones(2, device=device)).shape)
    expected = [5]
    assert_same(observed, expected)


def test_forward_hooks_in_order__what_they_make_of_the_output(implementation: Any, device: str) -> None:
    old = nn.Linear(2, 2).to(device)
    old.register_forward_hook(lambda module, args, output: torch.cat([output, output]))
    old.register_forward_hook(lambda module, args, output: torch.cat([output, torch.ones(1, device=device)]))
    result = implementation.swap_module(old, mapping_by(lambda mod: nn.ReLU()))
    observed = list(result(torch.ones(2, device=device)).shape)
    expected = [5]
    assert_same(observed, expected)


class FalsyLinear(nn.Linear):
    """A module that is not true."""

    def __bool__(self) -> bool:
        """Return False."""
        return False


def _pairs(device: str) -> dict[str, tuple[Any, Any]]:
    """Make old modules with what they are swapped for: hooks are carried whatever the two are, and no further."""

    def linear() -> Any:
        return nn.Linear(2, 2).to(device)

    parametrized, around, shared = linear(), linear(), linear()
    parametrize.register_parametrization(parametrized, "weight", nn.Tanh())
    shared.weight = parametrized.parametrizations.weight.original
    container = nn.Sequential(linear())
    return {
        "in eval mode": (linear().eval(), nn.Sequential(nn.Identity())),
        "parametrized": (parametrized, nn.Sequential(nn.Identity())),
        "without tensors": (nn.ReLU(), nn.Identity()),
        "a falsy one": (FalsyLinear(2, 2).to(device), nn.Identity()),
        "a container, for one like its child": (nn.Sequential(nn.ReLU()), nn.ReLU()),
        "for a falsy one": (linear(), nn.ModuleList()),
        "for one of its class": (linear(), linear()),
        "for one with others of its class inside": (linear(), nn.Sequential(linear())),
        "for one around it": (around, nn.Sequential(around)),
        "for one inside it": (container, container[0]),
        "for one that has its weight": (parametrized, shared),
    }


def type_before(module: nn.Module) -> Any:
    """Return the class that a module had before it was parametrized."""
    return type(module).__bases__[0] if parametrize.is_parametrized(module) else type(module)


def test_forward_pre_hooks_in_order__whatever_the_two_are(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for label, (old, new) in _pairs(device).items():
        old._forward_pre_hooks.clear()  # of a module that is there twice
        old.register_forward_pre_hook(print)
        result = implementation.swap_module(old, mapping_to(new, type_before(old)))
        below = [hook for each in new.modules() if each not in (old, new) for hook in each._forward_pre_hooks.values()]
        observed[label] = [result is new, list(new._forward_pre_hooks.values()), below]
        expected[label] = [True, [print], []]
    assert_same(observed, expected)


def test_forward_hooks_in_order__whatever_the_two_are(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for label, (old, new) in _pairs(device).items():
        old._forward_hooks.clear()  # of a module that is there twice
        old.register_forward_hook(print)
        result = implementation.swap_module(old, mapping_to(new, type_before(old)))
        below = [hook for each in new.modules() if each not in (old, new) for hook in each._forward_hooks.values()]
        observed[label] = [result is new, list(new._forward_hooks.values()), below]
        expected[label] = [True, [print], []]
    assert_same(observed, expected)


class EqualLinear(nn.Linear):
    """A module that compares equal to every other one of its class."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EqualLinear)

    def __hash__(self) -> int:
        return 1


def test_forward_hooks_in_order__where_the_result_equals_the_old_module(implementation: Any, device: str) -> None:
    old, new = (EqualLinear(2, 2).to(device) for _ in range(2))
    calls: list[Any] = []
    old.register_forward_hook(telling(calls, "hook"))
    result = implementation.swap_module(old, mapping_by(lambda mod: new, EqualLinear))
    result(torch.ones(1, 2, device=device))
    observed = {
        "whether the result is the new module": result is new,
        "calls, and whether with the new module": [(label, module is new) for label, module in calls],
    }
    expected = {
        "whether the result is the new module": True,
        "calls, and whether with the new module": [("hook", True)],
    }
    assert_same(observed, expected)


@given(own=st.integers(1, 3), carried=st.integers(0, 3))
@example(own=1, carried=1)
def test_own_hooks_first(implementation: Any, device: str, own: int, carried: int) -> None:
    calls: list[Any] = []
    new: nn.Module = nn.Linear(2, 2).to(device)

    def from_dense(mod: nn.Module) -> nn.Module:
        for index in range(own):
            new.register_forward_pre_hook(telling(calls, f"own pre-hook {index}"))
            new.register_forward_hook(telling(calls, f"own hook {index}"))
        return new

    old = nn.Linear(2, 2).to(device)
    for index in range(carried):
        old.register_forward_pre_hook(telling(calls, f"old pre-hook {index}"))
        old.register_forward_hook(telling(calls, f"old hook {index}"))
    implementation.swap_module(old, mapping_by(from_dense))(torch.ones(1, 2, device=device))
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
    result = implementation.swap_module(old, mapping_by(lambda mod: new))
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
    observed = {"hooks on the result": counts[0], "whether it is the new module": result is new}
    expected = {"hooks on the result": counts[1], "whether it is the new module": True}
    assert_same(observed, expected)


def _flags_of(register_hook: Callable[..., Any]) -> list[str]:
    """List the flags that leave the order of hooks as it is, as far as torch has them."""
    return [flag for flag in ("with_kwargs", "always_call") if flag in inspect.signature(register_hook).parameters]


def _hooks_in(module: nn.Module) -> dict[str, Any]:
    """Return the state of a module's forward hooks and their flags."""
    return {name: value for name, value in state_of(module).items() if name.startswith("_forward")}


@given(count=st.integers(1, 3))
def test_old_module_keeps_hooks(implementation: Any, device: str, count: int) -> None:
    old = nn.Linear(2, 2).to(device)
    calls: list[Any] = []
    handles = [
        register_hook(telling(calls, f"{kind} {index}"), **dict.fromkeys(_flags_of(register_hook), True))
        for kind, register_hook in (("pre-hook", old.register_forward_pre_hook), ("hook", old.register_forward_hook))
        for index in range(count)
    ]
    new = nn.Linear(2, 2).to(device)
    before = _hooks_in(old)
    result = implementation.swap_module(old, mapping_by(lambda mod: new))
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
    for handle in handles:
        handle.remove()
    calls.clear()
    old(torch.ones(1, 2, device=device))
    observed["after its handles are removed, the old module runs"] = list(calls)
    result(torch.ones(1, 2, device=device))
    observed["and the result"] = [label for label, _ in calls]
    ran = [(f"{kind} {index}", old) for kind in ("pre-hook", "hook") for index in range(count)]
    expected = {
        "result": new,
        "changes of the old module's hooks": {},
        "the old module runs": ran,
        "after a hook is put on the result, the old module runs": ran,
        "after its handles are removed, the old module runs": [],
        "and the result": [*on_result, "new on the result"],
    }
    assert_same(observed, expected)


@given(hooks=registrations())
@example(hooks=Hooks.of("append"))
@example(hooks=Hooks.of("append", "prepend"))
def test_same_object_from_dense(implementation: Any, device: str, hooks: Hooks) -> None:
    old = nn.Linear(2, 2).to(device)
    asked: list[Any] = []
    calls: list[Any] = []
    hooks.register(old.register_forward_pre_hook, calls, "pre-hook")
    hooks.register(old.register_forward_hook, calls, "hook")

    def from_dense(mod: nn.Module) -> nn.Module:
        asked.append(mod)
        return mod

    result = implementation.swap_module(old, mapping_by(from_dense))
    result(torch.ones(1, 2, device=device))
    observed = {"result": result, "asked": asked, "calls": calls}
    in_order = [*hooks.order("pre-hook"), *hooks.order("hook")]
    expected = {"result": old, "asked": [old], "calls": [(label, old) for label in in_order]}
    assert_same(observed, expected)
