"""Checks of ``fqn_to_module``: attribute access decides what lies at a path, and an attribute does what it does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.hiding import REGISTERED, Hiding, HidingObject, Shown, hiding_class
from sparsifier_conformance.checking.models.whole import reached
from sparsifier_conformance.checking.world.acting import ACTS, what_comes_of

#: What is hidden from attribute access, and by what, whatever it is an attribute of.
HIDDEN = (
    *("attribute_by_property", "attribute_by_override", "attribute_by_dict", "method_by_dict", "property_by_getattr"),
)
#: What else, in a module: whatever can be registered, by whatever comes first.
HIDDEN_IN_MODULES = (*map("_by_".join, product(REGISTERED, ("property", "class", "dict", "override"))), "extra_repr")


def test_attributes__hiding(implementation: Any) -> None:
    model: Any = Hiding()
    model.add_module("below", Hiding())
    model.object, model.kind = HidingObject(), hiding_class()
    owners = {
        f"{path}{name}": owner for path, owner in (("", model), ("below.", model.below)) for name in HIDDEN_IN_MODULES
    }
    owners |= {"object.attribute_by_slot": model.object}
    for path, owner in (("", model), ("below.", model.below), ("object.", model.object), ("kind.", model.kind)):
        owners |= {f"{path}{name}": owner for name in HIDDEN}
    observed, expected = {}, {}
    for path, owner in owners.items():
        observed[path] = implementation.fqn_to_module(model, path)
        expected[path] = shown = Hiding.on_class if path.endswith("_by_class") else owner.shown
        observed[f"{path}.inner"] = implementation.fqn_to_module(model, f"{path}.inner")
        expected[f"{path}.inner"] = shown.inner
    assert_same(observed, expected)


def test_attributes__hiding_in_containers(implementation: Any) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for kind, hidden in product((nn.ModuleDict, nn.ModuleList, nn.Sequential), (False, True)):
        container = kind()
        container.add_module("0", nn.ReLU())
        if hidden:
            vars(container)["0"] = Shown()
        for path, model in (("0", container), ("below.0", nn.ModuleDict({"below": container}))):
            label = f"{path} in a {kind.__name__}, {'kept in its dict too' if hidden else 'registered'}"
            observed[label] = implementation.fqn_to_module(model, path)
            expected[label] = getattr(container, "0")
    assert_same(observed, expected)


class Labelling(nn.Module):
    """A parametrization that leaves attributes on the tensor that it computes."""

    def __init__(self, helper: Shown) -> None:
        super().__init__()
        self.helper = helper

    def forward(self, x: Any) -> Any:
        return labelled(x * 1, self.helper)


def labelled(tensor: Any, helper: Shown) -> Any:
    """Give a tensor attributes, and return it."""
    tensor.label, tensor.helper, tensor._private = "kept", helper, 0
    return tensor


def test_attributes__of_tensors(implementation: Any) -> None:
    helper, model = Shown(), nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    layer: Any = model[0]
    layer.register_buffer("mask", torch.ones(2))
    layer.kept = torch.ones(2)
    parametrize.register_parametrization(model[1], "weight", Labelling(helper))
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for path, tensor in {
        "0.weight": layer.weight,
        "0.mask": layer.mask,
        "0.kept": layer.kept,
        "1.weight": None,
    }.items():
        if tensor is not None:
            labelled(tensor, helper).below = labelled(torch.ones(2), helper)
        values = {"label": "kept", "helper": helper, "helper.inner": helper.inner, "_private": 0}
        if tensor is not None:
            values |= {"below.label": "kept", "below.helper.inner": helper.inner}
        observed |= {f"{path}.{name}": implementation.fqn_to_module(model, f"{path}.{name}") for name in values}
        expected |= {f"{path}.{name}": value for name, value in values.items()}
    assert_same(observed, expected)


@pytest.mark.parametrize(("act", "mode"), ACTS)
def test_attributes__acting(implementation: Any, act: Callable[..., Any], mode: str) -> None:
    observed = what_comes_of(implementation.fqn_to_module, act, mode)
    expected = what_comes_of(reached, act, mode)
    assert_same(observed, expected)
