"""Checks of ``swap_module``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, error_of, raised
from sparsifier_conformance.checking.hooks import Sparse, mapping_by, mapping_to
from sparsifier_conformance.checking.under_O import LOOKS
from sparsifier_conformance.devices.registry import elsewhere, others


def test_unmapped_is_same_object(implementation: Any, device: str) -> None:
    old = nn.Linear(2, 2).to(device).eval()
    weight, bias = old.weight, old.bias
    observed = {
        "an empty mapping": implementation.swap_module(old, {}),
        "a mapping of another type": implementation.swap_module(old, {nn.Conv1d: Sparse}),
        "training": old.training,
        "weight": old.weight,
        "bias": old.bias,
        "whether there are more tensors": len([*old.parameters(), *old.buffers()]) > 2,
        "whether there are hooks": any(hooks for name, hooks in vars(old).items() if name.endswith("_hooks")),
        "the type of a mapped one": type(implementation.swap_module(old, {nn.Linear: Sparse})),
    }
    expected = {
        "an empty mapping": old,
        "a mapping of another type": old,
        "training": False,
        "weight": weight,
        "bias": bias,
        "whether there are more tensors": False,
        "whether there are hooks": False,
        "the type of a mapped one": Sparse,
    }
    assert_same(observed, expected)


class Derived(nn.Linear):
    """A subclass of a mapped type."""


def test_exact_type(implementation: Any, device: str) -> None:
    old = Derived(2, 2).to(device)
    observed = {
        "a subclass of the mapped type": implementation.swap_module(old, {nn.Linear: Sparse}),
        "the type of a mapped one": type(implementation.swap_module(nn.Linear(2, 2).to(device), {nn.Linear: Sparse})),
        "a subclass that is mapped": type(implementation.swap_module(old, {Derived: Sparse})),
    }
    expected = {
        "a subclass of the mapped type": old,
        "the type of a mapped one": Sparse,
        "a subclass that is mapped": Sparse,
    }
    assert_same(observed, expected)


@given(tensors=st.lists(st.sampled_from(("weight", "bias")), min_size=1, max_size=3))
def test_parametrized_by_original_type(implementation: Any, device: str, tensors: list[str]) -> None:
    old = nn.Linear(2, 2).to(device)
    for tensor in tensors:
        parametrize.register_parametrization(old, tensor, nn.Tanh())
    derived = Derived(2, 2).to(device)
    parametrize.register_parametrization(derived, "weight", nn.Tanh())
    observed = {
        "the type of the result": type(implementation.swap_module(old, {nn.Linear: Sparse})),
        "a subclass of the mapped type": implementation.swap_module(derived, {nn.Linear: Sparse}),
    }
    expected = {"the type of the result": Sparse, "a subclass of the mapped type": derived}
    assert_same(observed, expected)


def test_from_dense_result(implementation: Any, device: str) -> None:
    old = nn.Linear(2, 2).to(device)
    new: nn.Module = nn.Linear(2, 2).to(device)
    calls: list[Any] = []

    def from_dense(*args: Any, **kwargs: Any) -> nn.Module:
        calls.append([*args, *kwargs.values()])
        return new

    observed = {"result": implementation.swap_module(old, mapping_by(from_dense)), "calls": calls}
    expected = {"result": new, "calls": [[old]]}
    assert_same(observed, expected)


def test_children_not_visited(implementation: Any, device: str) -> None:
    child = nn.Linear(2, 2).to(device)
    inner = nn.Sequential(child)
    model = nn.Sequential(inner)
    result = implementation.swap_module(model, {nn.Linear: Sparse})
    of_container = implementation.swap_module(
        inner, {**mapping_by(lambda mod: nn.ModuleList(mod.children()), nn.Sequential), nn.Linear: Sparse}
    )
    observed = {
        "an unmapped container": result,
        "its modules": list(model.modules()),
        "the modules of a mapped container's result": list(of_container.children()),
        "the type of a mapped one": type(implementation.swap_module(child, {nn.Linear: Sparse})),
    }
    expected = {
        "an unmapped container": model,
        "its modules": [model, inner, child],
        "the modules of a mapped container's result": [child],
        "the type of a mapped one": Sparse,
    }
    assert_same(observed, expected)


def with_parameter(device: str) -> nn.Module:
    """Make a module with a parameter, and nothing else."""
    module = nn.Module()
    module.register_parameter("held", nn.Parameter(torch.ones(2, device=device)))
    return module


def with_buffer(device: str) -> nn.Module:
    """Make a module with a buffer, and nothing else."""
    module = nn.Module()
    module.register_buffer("held", torch.ones(2, device=device))
    return module


def with_parameter_of_submodule(device: str) -> nn.Module:
    """Make a module without tensors of its own, but with a submodule that has a parameter."""
    return nn.Sequential(with_parameter(device))


def with_buffer_of_submodule(device: str) -> nn.Module:
    """Make a module without tensors of its own, but with a submodule that has a buffer."""
    return nn.Sequential(with_buffer(device))


def _devices_of(module: nn.Module) -> list[str]:
    return [str(tensor.device) for tensor in [*module.parameters(), *module.buffers()]]


def _new_on(device: str) -> nn.Module:
    """Make a result that has parameters and buffers, on a device."""
    return nn.BatchNorm1d(2, device=device)


@pytest.mark.parametrize("made", [with_parameter, with_parameter_of_submodule])
def test_device_follows_parameters(implementation: Any, device: str, made: Callable[[str], nn.Module]) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for place in elsewhere(device):
        old, new = made(device), _new_on(place)
        result = implementation.swap_module(old, mapping_to(new, type(old)))
        observed |= {f"result made on {place}": result, f"its devices, made on {place}": _devices_of(result)}
        expected |= {f"result made on {place}": new, f"its devices, made on {place}": [device] * 5}
    assert_same(observed, expected)


@pytest.mark.parametrize("made", [with_buffer, with_buffer_of_submodule])
def test_device_follows_buffers(implementation: Any, device: str, made: Callable[[str], nn.Module]) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for place in elsewhere(device):
        old, new = made(device), _new_on(place)
        result = implementation.swap_module(old, mapping_to(new, type(old)))
        observed |= {f"result made on {place}": result, f"its devices, made on {place}": _devices_of(result)}
        expected |= {f"result made on {place}": new, f"its devices, made on {place}": [device] * 5}
    assert_same(observed, expected)


def test_no_tensors_no_move(implementation: Any, device: str) -> None:
    new = _new_on(device)
    result = implementation.swap_module(nn.ReLU(), mapping_by(lambda mod: new, nn.ReLU))
    observed = {"result": result, "devices": _devices_of(result)}
    expected = {"result": new, "devices": [device] * 5}
    assert_same(observed, expected)


@pytest.mark.parametrize("second", [with_parameter, with_buffer, with_parameter_of_submodule, with_buffer_of_submodule])
@pytest.mark.parametrize("first", [with_parameter, with_buffer])
def test_mixed_devices_rejected(
    implementation: Any, device: str, first: Callable[[str], nn.Module], second: Callable[[str], nn.Module]
) -> None:
    def swap(*children: nn.Module) -> Any:
        return implementation.swap_module(nn.Sequential(*children), mapping_by(lambda mod: nn.ReLU(), nn.Sequential))

    observed: dict[str, Any] = {}
    for place in others(device):
        observed[f"the second on {place}"] = raised(AssertionError, swap, first(device), second(place))
        observed[f"the first on {place}"] = raised(AssertionError, swap, first(place), second(device))
    expected: dict[str, Any] = dict.fromkeys(observed, "AssertionError")
    observed["both on one device"] = type(swap(first(device), second(device)))
    expected["both on one device"] = nn.ReLU
    assert_same(observed, expected)


BACKWARD_AND_STATE_DICT_HOOKS = (
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_state_dict_pre_hook",
    "_register_state_dict_hook",
    "_register_load_state_dict_pre_hook",
    "register_load_state_dict_post_hook",
)


def _differentiate(device: str) -> None:
    loss: Any = torch.ones(1, device=device, requires_grad=True).sum()
    loss.backward()


@given(training=st.booleans(), requires_grad=st.booleans())
@example(training=True, requires_grad=False)
def test_nothing_else_carried(implementation: Any, device: str, training: bool, requires_grad: bool) -> None:
    calls: list[str] = []
    old: Any = nn.Linear(2, 2).to(device).half().train(not training).requires_grad_(not requires_grad)
    for register in BACKWARD_AND_STATE_DICT_HOOKS:
        if hasattr(old, register):  # some are newer than the oldest torch
            getattr(old, register)(lambda *args, register=register: calls.append(register))
    new = nn.Linear(2, 2).to(device).train(training).requires_grad_(requires_grad)
    result = implementation.swap_module(old, mapping_by(lambda mod: new))
    calls.clear()  # an implementation may look at the old module's state
    y = result(torch.ones(1, 2, device=device, requires_grad=True))
    if error_of(_differentiate, device) is None:  # not every device that is made up can, or takes copies
        y.sum().backward()
        result.load_state_dict(result.state_dict())
    observed = {
        "result": result,
        "training": result.training,
        "dtype": result.weight.dtype,
        "requires_grad": [parameter.requires_grad for parameter in result.parameters()],
        "hooks called": calls,
    }
    expected = {
        "result": new,
        "training": training,
        "dtype": torch.float32,
        "requires_grad": [requires_grad] * 2,
        "hooks called": [],
    }
    assert_same(observed, expected)


class WithoutFromDense(nn.Module):
    """A class that does not know how to be made from another."""


@given(kind=st.sampled_from((ValueError, RuntimeError, AttributeError, AssertionError, KeyError)))
def test_from_dense_errors_propagate(implementation: Any, device: str, kind: type[Exception]) -> None:
    error = kind("raised by from_dense")

    def from_dense(mod: nn.Module) -> nn.Module:
        raise error

    old = nn.Linear(2, 2).to(device)
    observed = {
        "from_dense raises": error_of(implementation.swap_module, old, mapping_by(from_dense)),
        "no from_dense": raised(AttributeError, implementation.swap_module, old, {nn.Linear: WithoutFromDense}),
    }
    expected = {"from_dense raises": error, "no from_dense": "AttributeError"}
    assert_same(observed, expected)


def test_mapping_unchanged(implementation: Any, device: str) -> None:
    mapping: dict[Any, Any] = {nn.Linear: Sparse, nn.Conv1d: Sparse}
    result = implementation.swap_module(nn.Linear(2, 2).to(device), mapping)
    implementation.swap_module(nn.ReLU(), mapping)
    observed = {"type": type(result), "mapping": list(mapping.items())}
    expected = {"type": Sparse, "mapping": [(nn.Linear, Sparse), (nn.Conv1d, Sparse)]}
    assert_same(observed, expected)


def mixed_devices(implementation: Any) -> dict[str, str]:
    mapping = {nn.Linear: Sparse}
    mixed = nn.Linear(2, 2)
    mixed.bias = nn.Parameter(mixed.bias.to("meta"))
    return {
        "on two devices": raised(AssertionError, implementation.swap_module, mixed, mapping),
        "on one device": raised(AssertionError, implementation.swap_module, nn.Linear(2, 2), mapping),
    }


LOOKS["swap_module"] = mixed_devices


def test_rejected_under_O(implementation: Any, optimized: Any) -> None:
    observed = optimized(implementation, "swap_module")
    expected = {"on two devices": "AssertionError", "on one device": "nothing"}
    assert_same(observed, expected)
