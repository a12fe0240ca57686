"""Checks of ``module_to_fqn`` on the user's own models."""

from __future__ import annotations

import sys
from itertools import islice
from types import FrameType
from typing import Any

from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.whole import all_paths, first_paths, some
from sparsifier_conformance.own_models import OwnModel


def test_path_of_descendant__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    modules = first_paths(model, shared=False)
    expected = {path: path for path in some(modules, len(modules))}
    observed = {path: implementation.module_to_fqn(model, modules[path]) for path in expected}
    assert_same(observed, expected)


def test_first_path_when_shared__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    modules = first_paths(model, shared=True)
    expected = {path: path for path in some(modules, len(first_paths(model)))}
    observed = {path: implementation.module_to_fqn(model, modules[path]) for path in expected}
    assert_same(observed, expected)


def test_not_a_descendant_is_none__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    stranger = nn.Module()
    modules = first_paths(model)
    observed = {path: implementation.module_to_fqn(modules[path], stranger) for path in some(modules, len(modules))}
    expected = dict.fromkeys(observed)
    assert_same(observed, expected)


def test_prefix_prepended__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    modules = first_paths(model)
    # What the path is without a prefix is for other checks to see.
    paths = {path: implementation.module_to_fqn(model, modules[path]) for path in some(modules, len(modules))}
    observed = {path: implementation.module_to_fqn(model, modules[path], "net.") for path in paths}
    expected = {path: f"net.{found}" if path else "" for path, found in paths.items()}
    assert_same(observed, expected)


class TooManyCalls(BaseException):
    """The look-up calls more than a linear one may; not an Exception, so that none swallows it."""


def _is_within(budget: int, implementation: Any, model: nn.Module, module: nn.Module) -> bool:
    """Return whether a look-up makes no more calls than a budget allows."""
    left = budget

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        left -= event in ("call", "c_call")
        if left < 0:
            raise TooManyCalls

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        implementation.module_to_fqn(model, module)
    except TooManyCalls:
        return False
    finally:
        sys.setprofile(before)
    return True


def test_linear_cost__own_models(implementation: Any, own_model: OwnModel) -> None:
    model = own_model.build()
    modules = first_paths(model)
    last = list(modules)[-1]
    # What it costs to go down each path of the model anew, twenty times over.
    paths = islice(all_paths(model), 10 * len(modules))
    budget = 10_000 + 20 * sum(depth + 1 for _, _, depth, _ in paths)
    is_within = f"whether it is found within so many calls: {budget}, among so many modules: {len(modules)}"
    observed = {
        "the last path": implementation.module_to_fqn(model, modules[last]),
        is_within: _is_within(budget, implementation, model, modules[last]),
    }
    expected = {"the last path": last, is_within: True}
    assert_same(observed, expected)
