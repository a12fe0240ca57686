"""Checks of ``module_to_fqn``: models that are deep, or hold themselves."""

from __future__ import annotations

import sys
from typing import Any

from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, outcome


def chain_of(depth: int) -> tuple[nn.Module, nn.Module]:
    """Make a model of so many levels, and return the last module, too."""
    deepest = model = nn.Module()
    for _ in range(depth):
        parent = nn.Module()
        parent.add_module("a", model)
        model = parent
    return model, deepest


def test_deep_models(implementation: Any) -> None:
    depths = (3, 2 * sys.getrecursionlimit())
    shallow, deep = (implementation.module_to_fqn(*chain_of(depth)) for depth in depths)
    # A path that is another one where the model is not deep either is wrong for other checks.
    is_otherwise = isinstance(shallow, str) and shallow not in ("", "a.a.a")
    observed = {"path": type(deep) if is_otherwise else deep}
    expected = {"path": str if is_otherwise else ".".join("a" * depths[1])}
    assert_same(observed, expected)


def test_cyclic_models(implementation: Any) -> None:
    observed, without = (_paths_around(implementation, in_cycle) for in_cycle in (True, False))
    right = {"the module in the cycle": "inner", "the module after the cycle": "inner.last", "another module": None}
    # What is wrong where there is no cycle either, but tells modules apart, is so for other checks.
    expected = without if len({str(path) for path in without.values()}) == len(right) else right
    assert_same(observed, expected)


def _paths_around(implementation: Any, in_cycle: bool) -> dict[str, Any]:
    """Return the paths of modules in a model that holds itself, or does not."""
    model: Any = nn.Module()
    model.inner = inner = nn.Module()
    inner.add_module("model", model if in_cycle else nn.Module())
    inner.add_module("last", nn.ReLU())
    return {
        "the module in the cycle": implementation.module_to_fqn(model, inner),
        "the module after the cycle": implementation.module_to_fqn(model, inner.last),
        "another module": outcome(implementation.module_to_fqn, model, nn.ReLU()),
    }
