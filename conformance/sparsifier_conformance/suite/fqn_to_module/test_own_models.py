"""Checks of ``fqn_to_module`` on the user's own models."""

from __future__ import annotations

from typing import Any

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.models.whole import (
    every_path,
    first_paths,
    is_alike,
    parametrized_of,
    reachable,
    some,
    tensors_of,
)
from sparsifier_conformance.own_models import OwnModel


def test_submodules__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    expected = every_path(model)
    observed = {path: implementation.fqn_to_module(model, path) for path in expected}
    assert_same(observed, expected)


def test_tensors__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    expected = tensors_of(model)
    observed = {path: implementation.fqn_to_module(model, path) for path in expected}
    assert_same(observed, expected)


def test_parametrized_tensor__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    computed = parametrized_of(model)
    observed = {path: is_alike(outcome(implementation.fqn_to_module, model, path), computed[path]) for path in computed}
    expected = dict.fromkeys(computed, True)
    assert_same(observed, expected)


def test_round_trip_module__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    modules = reachable(model, first_paths(model))
    expected = {path: modules[path] for path in some(modules, len(modules))}
    paths = {path: implementation.module_to_fqn(model, module) for path, module in expected.items()}
    observed = {path: implementation.fqn_to_module(model, paths[path]) for path in expected}
    assert_same(observed, expected)
