"""Checks of ``get_arg_info_from_tensor_fqn``: every small model, and modules that are computed on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.odd import build_small
from sparsifier_conformance.checking.models.small import in_words, modules_at, not_beyond_none, paths, small_models
from sparsifier_conformance.checking.models.whole import reached
from sparsifier_conformance.checking.world.acting import ACTS, what_comes_of

#: Paths of up to so many names are enough to come back to where they began.
LONGEST = 2
PATHS = paths(LONGEST)


def test_splits_at_last_dot__small_models(implementation: Any, modules: int) -> None:
    observed, expected = {}, {}
    acyclic, cyclic = small_models(modules)
    for slots in [*acyclic, *cyclic]:
        model, asked = build_small(slots)[0], not_beyond_none(PATHS, modules_at(slots, LONGEST))
        infos = [implementation.get_arg_info_from_tensor_fqn(model, f"{path}.weight") for path in asked]
        observed[in_words(slots)] = [(info["module_fqn"], info["tensor_fqn"]) for info in infos]
        expected[in_words(slots)] = [(path, f"{path}.weight") for path in asked]
    assert_same(observed, expected)


def test_module_resolved__small_models(implementation: Any, modules: int) -> None:
    observed, expected = {}, {}
    acyclic, cyclic = small_models(modules)
    for slots in [*acyclic, *cyclic]:
        built, found = build_small(slots), modules_at(slots, LONGEST)
        asked = not_beyond_none(PATHS, found)
        infos = [implementation.get_arg_info_from_tensor_fqn(built[0], f"{path}.weight") for path in asked]
        observed[in_words(slots)] = [info["module"] for info in infos]
        expected[in_words(slots)] = [built[found[path]] if path in found else None for path in asked]
    assert_same(observed, expected)


@pytest.mark.parametrize(("act", "mode"), ACTS)
def test_module_resolved__acting(implementation: Any, act: Callable[..., Any], mode: str) -> None:
    def look_up(model: nn.Module, path: str) -> Any:
        return implementation.get_arg_info_from_tensor_fqn(model, f"{path}.weight")["module"]

    observed = what_comes_of(look_up, act, mode)
    expected = what_comes_of(reached, act, mode)
    assert_same(observed, expected)
