"""Checks of ``module_contains_param`` on the user's own models."""

from __future__ import annotations

from typing import Any

from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.whole import first_paths, parametrizations_of
from sparsifier_conformance.own_models import OwnModel


class Stranger(nn.Module):
    """A class of which no parametrization is an instance."""


def test_unparametrized_is_false__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    modules = first_paths(model)
    without = {path: module for path, module in modules.items() if parametrizations_of(module) == {}}
    observed = {path: implementation.module_contains_param(module, nn.Module) for path, module in without.items()}
    expected = dict.fromkeys(without, False)
    assert_same(observed, expected)


def test_any_tensor_any_position__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    observed, expected = {}, {}
    for path, module in first_paths(model).items():
        made = [each for several in (parametrizations_of(module) or {}).values() for each in several]
        for kind in {type(each) for each in made} | ({Stranger} if made else set()):
            what = f"{path}: {kind.__module__}.{kind.__qualname__}"
            observed[what] = implementation.module_contains_param(module, kind)
            expected[what] = any(isinstance(each, kind) for each in made)
    assert_same(observed, expected)
