"""Checks of which hooks ``swap_module`` carries, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import example, given
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, outcome, same
from sparsifier_conformance.checking.models.odd import EqualLinear, FalsyLinear
from sparsifier_conformance.checking.swaps.hooks import (
    Hooks,
    Sparse,
    mapping_by,
    mapping_to,
    registrations,
    telling,
    was_swapped,
)

#: Registrations that are tried whatever is drawn.
ALWAYS_TRIED = (
    ("append",),
    ("append", "append"),
    ("append", "prepend"),
    ("remove", "append"),
    ("append", "prepend", "remove", "append"),
    ("append", "always", "append"),
    ("append", "kwargs", "append"),
    ("append", "append:again"),
    ("append:callable",),
    ("append:partial",),
    ("append:method",),
    ("append:falsy", "append:falsy"),
    ("append:observer",),
    ("append:decorated", "append:module", "append:passed on", "append:partial of none"),
    ("append",) * 12,
    ("append",) * 100,
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
    observed = {"swapped": was_swapped(result, old), "hooks": list(result._forward_pre_hooks.values()), "calls": calls}
    ran = [(label, result) for label in hooks.order("pre-hook")]
    expected = {"swapped": True, "hooks": registered, "calls": ran * 2}
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
    observed = {"swapped": was_swapped(result, old), "hooks": list(result._forward_hooks.values()), "calls": calls}
    ran = [(label, result) for label in hooks.order("hook")]
    expected = {"swapped": True, "hooks": registered, "calls": ran * 2}
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


#: What of these pairs is swapped by whatever swaps at all.
ALWAYS = "in eval mode"


def _pairs(device: str) -> dict[str, tuple[Any, Any]]:
    """Make old modules with what they are swapped for: hooks are carried whatever the two are, and no further."""

    def linear() -> Any:
        return nn.Linear(2, 2).to(device)

    parametrized, around, shared = linear(), linear(), linear()
    parametrize.register_parametrization(parametrized, "weight", nn.Tanh())
    shared.weight = parametrized.parametrizations.weight.original
    container = nn.Sequential(linear())
    return {
        ALWAYS: (linear().eval(), nn.Sequential(nn.Identity())),
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


def _carried(implementation: Any, device: str, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return, for each pair, where a hook of a kind is after a swap, and where it should be."""
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for label, (old, new) in _pairs(device).items():
        getattr(old, f"_{kind}s").clear()  # of a module that is there twice
        before, inside = type_before(old), list(new.modules())
        found = outcome(implementation.swap_module, old, mapping_to(new, before))
        if (label != ALWAYS and found is not new) or not same(list(new.modules()), inside):
            continue  # whatever hooks it has, which is for other checks
        getattr(old, f"register_{kind}")(print)
        result = implementation.swap_module(old, mapping_to(new, before))
        if label == ALWAYS and was_swapped(result, old):
            new = result
        inner = [each for each in new.modules() if each not in (old, new)]
        below = [hook for each in inner for hook in getattr(each, f"_{kind}s").values()]
        observed[label] = [result is new, list(getattr(new, f"_{kind}s").values()), below]
        expected[label] = [True, [print], []]
    return observed, expected


def test_forward_pre_hooks_in_order__whatever_the_two_are(implementation: Any, device: str) -> None:
    observed, expected = _carried(implementation, device, "forward_pre_hook")
    assert_same(observed, expected)


def test_forward_hooks_in_order__whatever_the_two_are(implementation: Any, device: str) -> None:
    observed, expected = _carried(implementation, device, "forward_hook")
    assert_same(observed, expected)


def test_forward_hooks_in_order__where_the_result_equals_the_old_module(implementation: Any, device: str) -> None:
    old, new = (EqualLinear(2, 2).to(device) for _ in range(2))
    calls: list[Any] = []
    old.register_forward_hook(telling(calls, "hook"))
    result = implementation.swap_module(old, mapping_by(lambda mod: new, EqualLinear))
    result(torch.ones(1, 2, device=device))
    observed = {
        "swapped": was_swapped(result, old),
        "calls, and whether with the result": [(label, module is result) for label, module in calls],
    }
    expected = {"swapped": True, "calls, and whether with the result": [("hook", True)]}
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
    third = was_swapped(result, old)  # which is for other checks to say
    result(torch.ones(1, 2, device=device))
    observed = {"result": result, "whether from_dense was asked": bool(asked), "calls": calls}
    in_order = [*hooks.order("pre-hook"), *hooks.order("hook")]
    expected = {"result": old, "whether from_dense was asked": True, "calls": [(label, old) for label in in_order]}
    if third:
        observed = expected
    assert_same(observed, expected)
