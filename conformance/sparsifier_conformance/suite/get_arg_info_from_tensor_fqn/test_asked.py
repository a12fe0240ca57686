"""Checks of what ``get_arg_info_from_tensor_fqn`` asks a model for."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, error_of, outcome
from sparsifier_conformance.checking.errors import classes_of_errors


class Raises(nn.Module):
    """A module of which an attribute raises an error, and so does a tensor that nobody may ask for."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    @property
    def value(self) -> Any:
        raise self.error

    @property
    def evaluated(self) -> Any:
        raise EvaluatedError


class EvaluatedError(Exception):
    """A tensor was asked for that only its path was given of."""


def test_module_resolved__errors(implementation: Any) -> None:
    model: Any = nn.Sequential(Raises(ValueError()))
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for kind in classes_of_errors():
        error = model[0].error = kind("raised by an attribute")
        raised = error_of(implementation.get_arg_info_from_tensor_fqn, model, "0.value.weight", kind=BaseException)
        observed[f"{kind.__name__}, raised"], expected[f"{kind.__name__}, raised"] = raised, error
        info = implementation.get_arg_info_from_tensor_fqn(model, "0.error.args")
        observed[f"{kind.__name__}, there"], expected[f"{kind.__name__}, there"] = info["module"], error
    assert_same(observed, expected)


class Computed(nn.Module):
    """A parametrization that counts how often it computes a tensor."""

    count = 0

    def forward(self, x: Any) -> Any:
        self.count += 1
        return x * 1


def test_tensor_not_validated__nor_evaluated(implementation: Any) -> None:
    model: Any = nn.Sequential(Raises(ValueError()), nn.Linear(2, 2))
    computed = Computed()
    parametrize.register_parametrization(model[1], "weight", computed)
    computed.count = 0  # to register computes the tensor, too
    observed = {
        "0.evaluated": outcome(implementation.get_arg_info_from_tensor_fqn, model, "0.evaluated"),
        "1.weight": implementation.get_arg_info_from_tensor_fqn(model, "1.weight"),
    }
    observed = {path: info["module"] if isinstance(info, dict) else info for path, info in observed.items()}
    observed["times that 1.weight was computed"] = computed.count
    expected = {"0.evaluated": model[0], "1.weight": model[1], "times that 1.weight was computed": 0}
    assert_same(observed, expected)


class Asked:
    """An object that notes whether it is asked for its tensor."""

    asked = False

    def __getattribute__(self, name: str) -> Any:
        if name == "weight":
            Asked.asked = True
        return super().__getattribute__(name)


class AskedModule(Asked, nn.Module):
    """A module that does."""


def test_tensor_not_validated__nor_asked_for(implementation: Any) -> None:
    model: Any = AskedModule()
    model.child, model.helper = AskedModule(), Asked()
    for module in (model, model.child):
        module.register_parameter("weight", nn.Parameter(torch.ones(2)))
    observed: dict[str, Any] = {"module": implementation.get_arg_info_from_tensor_fqn(model, "child.weight")["module"]}
    expected: dict[str, Any] = {"module": model.child}
    for path in ("weight", ".weight", "child.weight", "helper.weight", "absent.weight"):
        Asked.asked = False
        outcome(implementation.get_arg_info_from_tensor_fqn, model, path)
        observed[f"asked for {path}"] = Asked.asked
        expected[f"asked for {path}"] = False
    assert_same(observed, expected)


@given(name=st.sampled_from(("absent", "bias2", "名", "-1")))
def test_tensor_not_validated(implementation: Any, name: str) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False))
    info = implementation.get_arg_info_from_tensor_fqn(model, f"0.{name}")
    observed = {key: info[key] for key in ("module", "tensor_name")}
    observed["module of a bias that is None"] = implementation.get_arg_info_from_tensor_fqn(model, "1.bias")["module"]
    expected = {"module": model[0], "tensor_name": name, "module of a bias that is None": model[1]}
    assert_same(observed, expected)
