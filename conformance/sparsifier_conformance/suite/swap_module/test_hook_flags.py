"""Checks of the flags of hooks that ``swap_module`` carries: each belongs to one registration."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, raised
from sparsifier_conformance.checking.skips import not_applicable
from sparsifier_conformance.checking.swaps.hooks import mapping_by, was_swapped


def _takes(register_hook: Callable[..., Any], flag: str) -> None:
    """End the check if hooks of this torch have no such flag."""
    if flag not in inspect.signature(register_hook).parameters:
        not_applicable(f"hooks have no {flag} in torch {torch.__version__}")


#: Every way to register a hook: flags are for one registration, and none implies another.
FLAGS = (
    *((), ("with_kwargs",), ("always_call",), ("with_kwargs", "always_call")),
    *(("prepend",), ("prepend", "with_kwargs"), ("prepend", "always_call"), ("prepend", "with_kwargs", "always_call")),
)


def _register(
    module: nn.Module, calls: list[Any], flags: list[tuple[str, ...]], shared: bool = False, whose: str = ""
) -> None:
    """Register a hook of each kind with each of the flags, as far as torch has them.

    Parameters:
        module: where they are registered.
        calls: what each adds its label to, with the names of the keyword arguments that it is given.
        flags: the flags of one registration after the other.
        shared: whether all of a kind are one function, which is then registered several times.
        whose: how labels begin.
    """

    def noting(label: str) -> Callable[..., None]:
        # As many parameters as one with every flag has: they do not tell which flags it is registered with.
        def hook(module: nn.Module, args: Any, third: Any = None, fourth: Any = None) -> None:
            calls.append((label, [list(arg) for arg in (third, fourth) if isinstance(arg, dict)]))

        return hook

    for kind, register_hook in (("pre-hook", module.register_forward_pre_hook), ("hook", module.register_forward_hook)):
        known, hook = inspect.signature(register_hook).parameters, noting(f"{whose}{kind}")
        for index, each in enumerate(flags):
            register: Any = register_hook
            register(
                hook if shared else noting(f"{whose}{kind} {index}"), **{flag: True for flag in each if flag in known}
            )


def _as_by_hand(
    implementation: Any,
    device: str,
    kind: type[nn.Module],
    flags: list[tuple[str, ...]],
    shared: bool,
    own: list[tuple[str, ...]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what hooks of a result are called with, and those of a module on which they are registered by hand.

    Parameters:
        implementation: what is judged.
        device: where the old module is.
        kind: the class of the result.
        flags: those of each hook of the old module.
        shared: whether these are one function.
        own: the flags of each hook that the result has before.
    """
    calls: list[Any] = []
    old, new, by_hand = nn.Linear(2, 2).to(device), kind(), kind()
    for module in (new, by_hand):
        _register(module, calls, own, whose="own ")
    for module in (old, by_hand):
        _register(module, calls, flags, shared)
    result = implementation.swap_module(old, mapping_by(lambda mod: new))
    looks = []
    for module in (result, by_hand):
        calls.clear()
        error = raised(ValueError, partial(module, input=torch.ones(1, 2, device=device)))
        # In which order is for other checks; that there is a result is the positive control.
        looks.append({"swapped": was_swapped(module, old), "raised": error, "calls": sorted(calls)})
    if was_swapped(result, old) and _numbers_of_hooks(result) != _numbers_of_hooks(by_hand):
        return {**looks[1]}, looks[1]  # which hooks are carried, and which stay, is for other checks
    return looks[0], looks[1]


def _numbers_of_hooks(module: nn.Module) -> list[int]:
    return [len(module._forward_pre_hooks), len(module._forward_hooks)]


_drawn_flags = st.lists(st.sampled_from(FLAGS), min_size=1, max_size=4)
_drawn_own = st.lists(st.sampled_from(FLAGS), max_size=2)


@given(flags=_drawn_flags, shared=st.booleans(), own=_drawn_own)
@example(flags=[("with_kwargs",)], shared=False, own=[])
@example(flags=[("always_call",)], shared=False, own=[])
@example(flags=[("with_kwargs", "always_call"), ()], shared=False, own=[])
@example(flags=[("with_kwargs",), ()], shared=True, own=[])
@example(flags=[(), ("with_kwargs",)], shared=True, own=[])
@example(flags=[("with_kwargs",)], shared=False, own=[()])
@example(flags=[()], shared=False, own=[("with_kwargs",)])
def test_kwargs_hooks(
    implementation: Any, device: str, flags: list[tuple[str, ...]], shared: bool, own: list[tuple[str, ...]]
) -> None:
    _takes(nn.Module().register_forward_hook, "with_kwargs")
    observed, expected = _as_by_hand(implementation, device, nn.Identity, flags, shared, own)
    assert_same(observed, expected)


class Failing(nn.Module):
    """A module whose forward raises."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        raise ValueError("raised by forward")


@given(flags=_drawn_flags, shared=st.booleans(), own=_drawn_own)
@example(flags=[("always_call",)], shared=False, own=[])
@example(flags=[("with_kwargs",)], shared=False, own=[])
@example(flags=[("with_kwargs", "always_call"), ()], shared=False, own=[])
@example(flags=[("always_call",), ()], shared=True, own=[])
@example(flags=[(), ("always_call",)], shared=True, own=[])
@example(flags=[("always_call",)], shared=False, own=[()])
@example(flags=[()], shared=False, own=[("always_call",)])
def test_always_call_hooks(
    implementation: Any, device: str, flags: list[tuple[str, ...]], shared: bool, own: list[tuple[str, ...]]
) -> None:
    _takes(nn.Module().register_forward_hook, "always_call")
    observed, expected = _as_by_hand(implementation, device, Failing, flags, shared, own)
    for look in (observed, expected):  # what they are called with, and whether pre-hooks are, is for other checks
        look["calls"] = [label for label, _ in look["calls"] if "pre-hook" not in label]
    assert_same(observed, expected)
