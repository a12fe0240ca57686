"""Checks of ``fqn_to_module``: attribute access decides what lies at a path, and an attribute does what it does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.hiding import Hiding, HidingObject, Shown, hiding_class
from sparsifier_conformance.checking.models.whole import reached
from sparsifier_conformance.checking.world.acting import ACTS, what_comes_of

#: What is hidden from attribute access, and by what, whatever it is an attribute of.
HIDDEN = (
    *("attribute_by_property", "attribute_by_override", "attribute_by_dict", "method_by_dict", "property_by_getattr"),
)
#: What else, in a module.
HIDDEN_IN_MODULES = (
    *("module_by_property", "module_by_dict", "module_by_override", "parameter_by_property", "parameter_by_dict"),
    *("buffer_by_property", "buffer_by_dict", "extra_repr"),
)


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
        expected[path] = owner.shown
        observed[f"{path}.inner"] = implementation.fqn_to_module(model, f"{path}.inner")
        expected[f"{path}.inner"] = owner.shown.inner
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


@pytest.mark.parametrize(("act", "mode"), ACTS)
def test_attributes__acting(implementation: Any, act: Callable[..., Any], mode: str) -> None:
    observed = what_comes_of(implementation.fqn_to_module, act, mode)
    expected = what_comes_of(reached, act, mode)
    assert_same(observed, expected)
