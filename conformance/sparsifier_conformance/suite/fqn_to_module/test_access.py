"""Checks of ``fqn_to_module``: attribute access decides what lies at a path, and an attribute does what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.odd import Hiding, Shown
from sparsifier_conformance.checking.models.whole import reached
from sparsifier_conformance.checking.world.acting import ACTS, what_comes_of

#: What is hidden from attribute access, and by what.
HIDDEN = (
    *("module_by_property", "module_by_dict", "module_by_override", "parameter_by_property", "parameter_by_dict"),
    *("buffer_by_property", "buffer_by_dict", "attribute_by_property", "attribute_by_override", "attribute_by_dict"),
    *("property_by_getattr", "extra_repr"),
)


def test_attributes__hiding(implementation: Any) -> None:
    model: Any = Hiding()
    model.add_module("below", Hiding())
    observed, expected = {}, {}
    for name in HIDDEN:
        for path, owner in ((name, model), (f"below.{name}", model.below)):
            observed[path] = implementation.fqn_to_module(model, path)
            expected[path] = owner.shown
            observed[f"{path}.inner"] = implementation.fqn_to_module(model, f"{path}.inner")
            expected[f"{path}.inner"] = owner.shown.inner
    assert_same(observed, expected)


def test_attributes__hiding_in_containers(implementation: Any) -> None:
    containers: tuple[Any, ...] = (
        nn.ModuleDict({"0": nn.ReLU()}),
        nn.ModuleList([nn.ReLU()]),
        nn.Sequential(nn.ReLU()),
    )
    model, observed, expected = nn.ModuleDict(), {}, {}
    for container in containers:
        name = type(container).__name__
        model[name] = container
        observed[f"{name}.0, registered"] = implementation.fqn_to_module(model, f"{name}.0")
        expected[f"{name}.0, registered"] = container[0] if name != "ModuleDict" else container["0"]
        vars(container)["0"] = Shown()
        for path, owner in ((f"{name}.0", model), ("0", container)):
            observed[f"{path}, kept in the dict of the {name} too"] = implementation.fqn_to_module(owner, path)
            expected[f"{path}, kept in the dict of the {name} too"] = vars(container)["0"]
    assert_same(observed, expected)


@pytest.mark.parametrize(("act", "mode"), ACTS)
def test_attributes__acting(implementation: Any, act: Callable[..., Any], mode: str) -> None:
    observed = what_comes_of(implementation.fqn_to_module, act, mode)
    expected = what_comes_of(reached, act, mode)
    assert_same(observed, expected)
