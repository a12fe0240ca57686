"""Checks that torch runs the hooks of the result of ``swap_module`` as it runs those that are registered by hand."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import torch
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, error_of
from sparsifier_conformance.checking.swaps.hooks import mapping_to, was_swapped


def _doubling_input(module: nn.Module, args: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    """Be a pre-hook that changes the input."""
    return (args[0] + args[0],)


def _doubling_output(module: nn.Module, args: Any, output: torch.Tensor) -> torch.Tensor:
    """Be a hook that changes the output."""
    return output + output


def _seen_by_hooks(seen: list[Any], module: nn.Module, *register: str) -> None:
    """Put hooks on a module that note what they are called with, and under which grad mode."""

    def hook(module: nn.Module, *args: Any) -> None:
        tensors = [arg[0] if isinstance(arg, tuple) else arg for arg in args]
        seen.append([type(arg).__name__ for arg in args])
        seen.append([torch.is_grad_enabled(), *tensors])

    for each in register:
        getattr(module, each)(hook)


@pytest.mark.parametrize("grad", [True, False])
def test_forward_pre_hooks_in_order__as_torch_runs_them(implementation: Any, device: str, grad: bool) -> None:
    old, new, by_hand = nn.Linear(2, 2).to(device), nn.Identity(), nn.Identity()
    seen: list[Any] = []
    for module in (old, by_hand):
        _seen_by_hooks(seen, module, "register_forward_pre_hook")
        module.register_forward_pre_hook(_doubling_input)
    result = implementation.swap_module(old, mapping_to(new))
    x = torch.ones(2, device=device, requires_grad=True)
    with torch.set_grad_enabled(grad and torch.is_grad_enabled()):
        y = result(x)
        observed = {"swapped": was_swapped(result, old), "seen by a hook": list(seen), "requires_grad": y.requires_grad}
        seen.clear()
        y = by_hand(x)
        expected = {"swapped": True, "seen by a hook": list(seen), "requires_grad": y.requires_grad}
    assert_same(observed, expected)


@pytest.mark.parametrize("grad", [True, False])
def test_forward_hooks_in_order__as_torch_runs_them(implementation: Any, device: str, grad: bool) -> None:
    old, new, by_hand = nn.Linear(2, 2).to(device), nn.Identity(), nn.Identity()
    seen: list[Any] = []
    for module in (old, by_hand):
        _seen_by_hooks(seen, module, "register_forward_hook")
        module.register_forward_hook(_doubling_output)
    result = implementation.swap_module(old, mapping_to(new))
    x = torch.ones(2, device=device, requires_grad=True)
    with torch.set_grad_enabled(grad and torch.is_grad_enabled()):
        y = result(x)
        observed = {"swapped": was_swapped(result, old), "seen by a hook": list(seen), "requires_grad": y.requires_grad}
        seen.clear()
        y = by_hand(x)
        expected = {"swapped": True, "seen by a hook": list(seen), "requires_grad": y.requires_grad}
    assert_same(observed, expected)


def _raising(error: Exception) -> Any:
    """Return a hook that raises an error."""

    def hook(*args: Any) -> None:
        raise error

    return hook


#: Errors that code may have a meaning of its own for.
ERRORS = (ValueError, RuntimeError, AttributeError, TypeError, StopIteration, AssertionError)


def test_forward_pre_hooks_in_order__that_raise(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for kind in ERRORS:
        error = kind("raised by a hook")
        old = nn.Linear(2, 2).to(device)
        old.register_forward_pre_hook(_raising(error))
        old.register_forward_pre_hook(_raising(ValueError("raised by a hook that must not run")))
        result = implementation.swap_module(old, mapping_to(nn.Identity()))
        observed[kind.__name__] = error_of(result, torch.ones(2, device=device))
        expected[kind.__name__] = error
    assert_same(observed, expected)


def test_forward_hooks_in_order__that_raise(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for kind in ERRORS:
        error = kind("raised by a hook")
        old = nn.Linear(2, 2).to(device)
        old.register_forward_hook(_raising(error))
        old.register_forward_hook(_raising(ValueError("raised by a hook that must not run")))
        result = implementation.swap_module(old, mapping_to(nn.Identity()))
        observed[kind.__name__] = error_of(result, torch.ones(2, device=device))
        expected[kind.__name__] = error
    assert_same(observed, expected)


def test_forward_pre_hooks_in_order__pickled(implementation: Any, device: str) -> None:
    # What is pickled by name comes back as itself; that this does nothing for a module plays no part.
    old, new = nn.Linear(2, 2).to(device), nn.Identity()
    old.register_forward_pre_hook(print)
    result = implementation.swap_module(old, mapping_to(new))
    loaded = pickle.loads(pickle.dumps(result))
    observed = {
        "swapped": was_swapped(result, old),
        "its pre-hooks": list(loaded._forward_pre_hooks.values()),
    }
    expected = {"swapped": True, "its pre-hooks": [print]}
    assert_same(observed, expected)


def test_forward_hooks_in_order__pickled(implementation: Any, device: str) -> None:
    old, new = nn.Linear(2, 2).to(device), nn.Identity()
    old.register_forward_hook(print)
    result = implementation.swap_module(old, mapping_to(new))
    loaded = pickle.loads(pickle.dumps(result))
    observed = {
        "swapped": was_swapped(result, old),
        "its hooks": list(loaded._forward_hooks.values()),
    }
    expected = {"swapped": True, "its hooks": [print]}
    assert_same(observed, expected)
