"""Checks of what holds for the six names together."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, error_of, outcome
from sparsifier_conformance.checking.models.odd import lived_in
from sparsifier_conformance.checking.swaps.hooks import mapping_to
from sparsifier_conformance.checking.world.circumstances import MODES
from sparsifier_conformance.checking.world.states import global_state, state_of
from sparsifier_conformance.checking.world.switching import in_mode, settled
from sparsifier_conformance.checking.world.values import changes
from sparsifier_conformance.implementations.names import NAMES, has, kind_of, kind_wanted, unwrapped


def test_names(implementation: Any) -> None:
    target = unwrapped(implementation)
    expected = {name: kind_wanted(name) for name in NAMES}
    observed = {name: expected[name] if has(target, name) else kind_of(target, name) for name in NAMES}
    assert_same(observed, expected)


def test_parameters__module_to_fqn(implementation: Any) -> None:
    model = nn.Sequential(nn.ReLU())
    by_position = implementation.module_to_fqn(model, model[0], "net.")
    observed = [
        implementation.module_to_fqn(model=model, module=model[0], prefix="net."),
        implementation.module_to_fqn(model, module=model[0], prefix="net."),
    ]
    expected = [by_position, by_position]
    assert_same(observed, expected)


def test_parameters__fqn_to_module(implementation: Any) -> None:
    model = nn.Sequential(nn.ReLU())
    by_position = implementation.fqn_to_module(model, "0")
    observed = [implementation.fqn_to_module(model=model, path="0"), implementation.fqn_to_module(model, path="0")]
    expected = [by_position, by_position]
    assert_same(observed, expected)


def test_parameters__get_arg_info_from_tensor_fqn(implementation: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    by_position = implementation.get_arg_info_from_tensor_fqn(model, "0.weight")
    by_name = implementation.get_arg_info_from_tensor_fqn(model=model, tensor_fqn="0.weight")
    by_both = implementation.get_arg_info_from_tensor_fqn(model, tensor_fqn="0.weight")
    observed = [dict(sorted(each.items())) for each in (by_name, by_both)]
    expected = [dict(sorted(by_position.items()))] * 2
    assert_same(observed, expected)


def test_parameters__module_contains_param(implementation: Any) -> None:
    module = nn.Linear(2, 2)
    by_position = implementation.module_contains_param(module, nn.Tanh)
    observed = [
        implementation.module_contains_param(module=module, parametrization=nn.Tanh),
        implementation.module_contains_param(module, parametrization=nn.Tanh),
    ]
    expected = [by_position, by_position]
    assert_same(observed, expected)


def test_parameters__swap_module(implementation: Any) -> None:
    module, mappings = nn.Linear(2, 2), [mapping_to(nn.LayerNorm(2)) for _ in range(3)]
    by_position = type(implementation.swap_module(module, mappings[0]))
    observed = [
        type(implementation.swap_module(mod=module, mapping=mappings[1])),
        type(implementation.swap_module(module, mapping=mappings[2])),
    ]
    expected = [by_position, by_position]
    assert_same(observed, expected)


def test_parameters__fake_sparsity(implementation: Any) -> None:
    mask = torch.tensor([1.0, 0.0])
    observed = {
        "by position": isinstance(implementation.FakeSparsity(mask), implementation.FakeSparsity),
        "by name": isinstance(implementation.FakeSparsity(mask=mask), implementation.FakeSparsity),
    }
    expected = {"by position": True, "by name": True}
    assert_same(observed, expected)


def _world(model: nn.Module) -> dict[str, Any]:
    return {**state_of(model), **global_state()}


def _every_path(model: nn.Module) -> list[str]:
    """List paths of modules, tensors, other attributes, and of nothing, one of which raises an error."""
    registered = [*dict(model.named_modules(remove_duplicate=False)), *dict(model.named_parameters())]
    others = ["0.weight", "0.weight.shape", "kept", "z.none", "training", "absent", "absent.weight", "nowhere", "0..a"]
    return [*registered, *dict(model.named_buffers()), *others, "erring.value", "erring.value.weight"]


def _changed_by(
    look_up: Callable[..., Any], model: nn.Module, asked: list[tuple[Any, Any]], mode: str
) -> dict[str, str]:
    """Return what is otherwise after some calls."""

    def look() -> dict[str, str]:
        before, changed = _world(model), {}
        last: Any = None
        for each in asked:
            answer = outcome(look_up, *each)
            kind = answer if isinstance(answer, bool) else type(answer)
            # To look takes longer than to call. In one mode it is done where calls begin to end otherwise, as a later
            # one may switch back what an earlier one switched; in the others at the end.
            if each is asked[-1] or (mode == MODES[0] and kind is not last):
                changed.update(changes(before, _world(model)))
            last = kind
        return changed

    return settled(look)


@pytest.mark.parametrize("mode", [MODES[0], MODES[-1]])
def test_no_side_effects__module_to_fqn(implementation: Any, mode: str) -> None:
    model = lived_in()
    with in_mode(mode):
        asked = [(model, module) for module in [*model.modules(), nn.ReLU(), None, model.get_parameter("z.a")]]
        observed = {
            "what changed": _changed_by(implementation.module_to_fqn, model, asked, mode),
            "z has a path": implementation.module_to_fqn(model, model.z) is not None,
        }
    expected: dict[str, Any] = {"what changed": {}, "z has a path": True}
    assert_same(observed, expected)


@pytest.mark.parametrize("mode", [MODES[0], MODES[-1]])
def test_no_side_effects__fqn_to_module(implementation: Any, mode: str) -> None:
    model = lived_in()
    with in_mode(mode):
        changed = _changed_by(implementation.fqn_to_module, model, [(model, path) for path in _every_path(model)], mode)
        observed = {"what changed": changed, "z": implementation.fqn_to_module(model, "z")}
    expected: dict[str, Any] = {"what changed": {}, "z": model.z}
    assert_same(observed, expected)


@pytest.mark.parametrize("mode", [MODES[0], MODES[-1]])
def test_no_side_effects__get_arg_info_from_tensor_fqn(implementation: Any, mode: str) -> None:
    model = lived_in()
    with in_mode(mode):
        asked = [(model, path) for path in _every_path(model)]
        changed = _changed_by(implementation.get_arg_info_from_tensor_fqn, model, asked, mode)
        info = implementation.get_arg_info_from_tensor_fqn(model, "z.a")
        observed = {"what changed": changed, "module of z.a": info["module"]}
    expected: dict[str, Any] = {"what changed": {}, "module of z.a": model.z}
    assert_same(observed, expected)


class NeverAnInstance(type):
    """A class of classes that raises an error when it is asked whether something is an instance."""

    def __instancecheck__(cls, instance: object) -> bool:
        raise ValueError("not to be asked")


class Drawing(nn.Module):
    """A parametrization that draws random numbers, as one that drops some weights."""

    def forward(self, x: Any) -> Any:
        """Return the tensor with other numbers."""
        return x + torch.rand(2)


@pytest.mark.parametrize("mode", [MODES[0], MODES[-1]])
def test_no_side_effects__module_contains_param(implementation: Any, mode: str) -> None:
    model = lived_in()
    parametrize.register_parametrization(model.get_submodule("z"), "y", Drawing())
    unasked = NeverAnInstance("Unasked", (nn.Module,), {})
    with in_mode(mode):
        # Both where a parametrization is found and where it is not, with one that is registered nowhere.
        kinds = (nn.Tanh, parametrize.ParametrizationList, nn.ReLU, unasked)
        changed = _changed_by(implementation.module_contains_param, model, [*product(model.modules(), kinds)], mode)
        found = implementation.module_contains_param(model.get_submodule("0"), nn.Tanh)
        observed = {"what changed": changed, "Tanh": bool(found)}
    expected: dict[str, Any] = {"what changed": {}, "Tanh": True}
    assert_same(observed, expected)


@pytest.mark.parametrize("mode", [MODES[0], MODES[-1]])
def test_no_side_effects__fake_sparsity(implementation: Any, mode: str) -> None:
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0]))
    given = [torch.full(shape, 2.0, requires_grad=trained) for shape in ((2,), (1,)) for trained in (False, True)]

    def look() -> dict[str, str]:
        before, changed = global_state(), {}
        for x in given:
            error_of(sparsity, x)
            changed.update(changes(before, global_state()))
        return changed

    with in_mode(mode):
        observed = {"what changed": settled(look), "shape": tuple(sparsity(given[0]).shape)}
    expected: dict[str, Any] = {"what changed": {}, "shape": (2,)}
    assert_same(observed, expected)
