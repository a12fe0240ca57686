"""Checks of ``fqn_to_module``: every small model."""

from __future__ import annotations

from typing import Any

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.models.odd import build_small
from sparsifier_conformance.checking.models.small import in_words, modules_at, not_beyond_none, paths, small_models


def test_submodules__small_models(implementation: Any, modules: int) -> None:
    observed, expected = {}, {}
    acyclic, cyclic = small_models(modules)
    for slots in [*acyclic, *cyclic]:
        built = build_small(slots)
        leading = modules_at(slots, modules)
        observed[in_words(slots)] = [implementation.fqn_to_module(built[0], path) for path in leading]
        expected[in_words(slots)] = [built[module] for module in leading.values()]
    assert_same(observed, expected)


def test_missing_is_none__small_models(implementation: Any, modules: int) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for slots in small_models(modules)[0]:
        model = build_small(slots)[0]
        found = modules_at(slots, modules)
        missing = [path for path in not_beyond_none(paths(modules), found) if path not in found]
        observed[in_words(slots)] = [implementation.fqn_to_module(model, path) for path in missing]
        expected[in_words(slots)] = [None] * len(missing)
    model = build_small(((1, "nothing"), (None, None)))[0]
    observed["whether a child is None"] = [outcome(implementation.fqn_to_module, model, "a") is None]
    expected["whether a child is None"] = [False]
    assert_same(observed, expected)
