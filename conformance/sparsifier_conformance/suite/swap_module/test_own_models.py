"""Checks of ``swap_module`` on the user's own models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.whole import first_paths, leaves_of
from sparsifier_conformance.checking.swaps.hooks import mapping_by
from sparsifier_conformance.own_models import OwnModel


def test_unmapped_is_same_object__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    expected = first_paths(model)
    observed = {path: implementation.swap_module(module, {}) for path, module in expected.items()}
    assert_same(observed, expected)


def _itself(calls: list[Any]) -> Callable[[nn.Module], nn.Module]:
    """Return a ``from_dense`` that returns what it is given, and notes it."""

    def from_dense(mod: nn.Module) -> nn.Module:
        calls.append(mod)
        return mod

    return from_dense


def test_from_dense_result__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for path, leaf in leaves_of(model).items():
        calls: list[Any] = []
        mapping = mapping_by(_itself(calls), parametrize.type_before_parametrizations(leaf))
        observed[path] = [implementation.swap_module(leaf, mapping), *calls]
        expected[path] = [leaf, leaf]
    assert_same(observed, expected)
