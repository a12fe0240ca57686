"""Checks of ``fqn_to_module``: every small model."""

from __future__ import annotations

from itertools import product
from typing import Any

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models import build_small
from sparsifier_conformance.checking.small_models import SLOTS, in_words, modules_at, small_models


def _paths(longest: int) -> list[str]:
    """Return every path of up to so many names."""
    return [".".join(names) for length in range(1, longest + 1) for names in product(SLOTS, repeat=length)]


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
    paths = _paths(modules)
    for slots in small_models(modules)[0]:
        model = build_small(slots)[0]
        missing = [path for path in paths if path not in modules_at(slots, modules)]
        observed[in_words(slots)] = [implementation.fqn_to_module(model, path) for path in missing]
        expected[in_words(slots)] = [None] * len(missing)
    model = build_small(((1, "nothing"), (None, None)))[0]
    observed["whether a child is None"] = [implementation.fqn_to_module(model, "a") is None]
    expected["whether a child is None"] = [False]
    assert_same(observed, expected)
