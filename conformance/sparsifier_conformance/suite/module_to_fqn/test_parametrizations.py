"""Checks of ``module_to_fqn``: what parametrization registers is registered as all else is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.descriptions import Tree
from sparsifier_conformance.checking.models.strategies import trees


@given(tree=trees(parametrized=True))
def test_parametrizations_reached(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    paths = tree.parametrization_paths()
    observed = {path: implementation.module_to_fqn(model, model.get_submodule(path)) for path in paths}
    expected = {path: path for path in paths}
    assert_same(observed, expected)


def test_parametrizations_reached__within(implementation: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    # One that is made of modules itself, of which one is parametrized in turn.
    within = nn.Sequential(nn.Tanh(), nn.Sequential(nn.Linear(2, 2, bias=False)))
    parametrize.register_parametrization(model[0], "weight", within)
    parametrize.register_parametrization(within.get_submodule("1.0"), "weight", nn.Sequential(nn.Tanh()))
    expected = {path: path for path, _ in model.named_modules() if "parametrizations" in path}
    observed = {path: implementation.module_to_fqn(model, model.get_submodule(path)) for path in expected}
    assert_same(observed, expected)
