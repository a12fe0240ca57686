"""Checks of what holds for the six names together."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import torch
from hypothesis import given
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents
from sparsifier_conformance.checking.descriptions import Tree
from sparsifier_conformance.checking.strategies import trees
from sparsifier_conformance.implementations import NAMES, has, kind_of, kind_wanted, unwrapped


def test_names(implementation: Any) -> None:
    target = unwrapped(implementation)
    expected = {name: kind_wanted(name) for name in NAMES}
    observed = {name: expected[name] if has(target, name) else kind_of(target, name) for name in NAMES}
    assert_same(observed, expected)


def test_parameters__module_to_fqn(implementation: Any) -> None:
    model = nn.Sequential(nn.ReLU())
    by_position = implementation.module_to_fqn(model, model[0], "net.")
    observed = implementation.module_to_fqn(model=model, module=model[0], prefix="net.")
    expected = by_position
    assert_same(observed, expected)


def test_parameters__fqn_to_module(implementation: Any) -> None:
    model = nn.Sequential(nn.ReLU())
    by_position = implementation.fqn_to_module(model, "0")
    observed = implementation.fqn_to_module(model=model, path="0")
    expected = by_position
    assert_same(observed, expected)


def test_parameters__get_arg_info_from_tensor_fqn(implementation: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    by_position = implementation.get_arg_info_from_tensor_fqn(model, "0.weight")
    by_name = implementation.get_arg_info_from_tensor_fqn(model=model, tensor_fqn="0.weight")
    observed = dict(sorted(by_name.items()))
    expected = dict(sorted(by_position.items()))
    assert_same(observed, expected)


def test_parameters__module_contains_param(implementation: Any) -> None:
    module = nn.Linear(2, 2)
    by_position = implementation.module_contains_param(module, nn.Tanh)
    observed = implementation.module_contains_param(module=module, parametrization=nn.Tanh)
    expected = by_position
    assert_same(observed, expected)


def test_parameters__swap_module(implementation: Any) -> None:
    module = nn.ReLU()
    by_position = implementation.swap_module(module, {})
    observed = implementation.swap_module(mod=module, mapping={})
    expected = by_position
    assert_same(observed, expected)


def test_parameters__fake_sparsity(implementation: Any) -> None:
    mask = torch.tensor([1.0, 0.0])
    observed = {
        "by position": isinstance(implementation.FakeSparsity(mask), implementation.FakeSparsity),
        "by name": isinstance(implementation.FakeSparsity(mask=mask), implementation.FakeSparsity),
    }
    expected = {"by position": True, "by name": True}
    assert_same(observed, expected)


def _tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """Give every parameter and buffer, as often as it is there."""
    return {
        f"{path}.{name}": tensor
        for path, module in model.named_modules(remove_duplicate=False)
        for name, tensor in [*module._parameters.items(), *module._buffers.items()]
    }


def _state(model: nn.Module, before: dict[str, torch.Tensor]) -> dict[str, Any]:
    """Give all that a look-up must leave as it was, with whether the tensors are those that were there before."""
    state: dict[str, Any] = {
        "random state": crc32(bytes(torch.get_rng_state().tolist())),
        "default dtype": torch.get_default_dtype(),
        "grad mode": torch.is_grad_enabled(),
    }
    for path, module in model.named_modules(remove_duplicate=False):
        state[f"module {path}"] = module
        state[f"children of {path}"] = list(module._modules.items())
        state[f"training of {path}"] = module.training
        hooks = [value for name, value in vars(module).items() if name.endswith("_hooks")]
        state[f"hooks of {path}"] = [hook for kind in hooks for hook in kind.values()]
    for name, tensor in _tensors(model).items():
        state[f"tensor {name}"] = contents(tensor)
        state[f"requires_grad of {name}"] = tensor.requires_grad
        state[f"whether {name} is the very tensor"] = tensor is before.get(name)
    return state


def _prepare(model: nn.Module) -> None:
    """Give every module a hook, and every other one a training flag and requires_grad flags of its own."""
    for index, module in enumerate(model.modules()):
        module.register_forward_hook(lambda *args: None)
        module.register_forward_pre_hook(lambda *args: None)
        module.training = index % 2 == 0
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad = index % 2 == 0


@given(tree=trees(sharing=True, parametrized=True))
def test_no_side_effects__module_to_fqn(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    _prepare(model)
    tensors = _tensors(model)
    expected = _state(model, tensors)
    for module in [*model.modules(), nn.ReLU()]:
        implementation.module_to_fqn(model, module)
    observed = _state(model, tensors)
    assert_same(observed, expected)


@given(tree=trees(sharing=True, parametrized=True))
def test_no_side_effects__fqn_to_module(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    _prepare(model)
    tensors = _tensors(model)
    expected = _state(model, tensors)
    for path in [*tree.paths(), *tree.tensor_paths(), "absent", "training"]:
        implementation.fqn_to_module(model, path)
    observed = _state(model, tensors)
    assert_same(observed, expected)


@given(tree=trees(sharing=True, parametrized=True))
def test_no_side_effects__get_arg_info_from_tensor_fqn(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    _prepare(model)
    tensors = _tensors(model)
    expected = _state(model, tensors)
    for path in [*tree.tensor_paths(), *tree.paths(), "absent.weight"]:
        implementation.get_arg_info_from_tensor_fqn(model, path)
    observed = _state(model, tensors)
    assert_same(observed, expected)


@given(tree=trees(sharing=True, parametrized=True))
def test_no_side_effects__module_contains_param(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    _prepare(model)
    tensors = _tensors(model)
    expected = _state(model, tensors)
    for module in model.modules():
        # Both where a parametrization is found and where it is not, and with one that is registered nowhere.
        for kind in (nn.Tanh, parametrize.ParametrizationList, nn.ReLU):
            implementation.module_contains_param(module, kind)
    observed = _state(model, tensors)
    assert_same(observed, expected)
