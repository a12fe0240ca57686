"""Checks of ``get_arg_info_from_tensor_fqn`` on the user's own models."""

from __future__ import annotations

from typing import Any

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.models.whole import parametrized_of, reached, tensors_of
from sparsifier_conformance.own_models import OwnModel


def test_round_trip_tensor__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    expected = tensors_of(model)
    observed = {}
    for path in expected:
        info = implementation.get_arg_info_from_tensor_fqn(model, path)
        observed[path] = outcome(getattr, info["module"], info["tensor_name"])
    assert_same(observed, expected)


def test_module_resolved__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    paths = [*tensors_of(model), *parametrized_of(model)]
    observed = {path: implementation.get_arg_info_from_tensor_fqn(model, path)["module"] for path in paths}
    expected = {path: reached(model, path.rpartition(".")[0]) for path in paths}
    assert_same(observed, expected)
