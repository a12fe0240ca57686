"""Checks of ``module_to_fqn``: every small model."""

from __future__ import annotations

from typing import Any

from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.models.odd import build_small
from sparsifier_conformance.checking.models.small import first_paths, in_words, small_models


def test_first_path_when_shared__small_models(implementation: Any, modules: int) -> None:
    observed, expected = {}, {}
    for slots in small_models(modules)[0]:
        model, *others = build_small(slots)
        observed[in_words(slots)] = [implementation.module_to_fqn(model, module) for module in others]
        expected[in_words(slots)] = list(first_paths(slots).values())[1:]
    assert_same(observed, expected)


def test_not_a_descendant_is_none__small_models(implementation: Any, modules: int) -> None:
    stranger = nn.Module()
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for slots in small_models(modules)[0]:
        model, *others = build_small(slots)
        # What is above a module is not in it, either.
        observed[in_words(slots)] = [implementation.module_to_fqn(model, stranger)]
        observed[in_words(slots)] += [implementation.module_to_fqn(module, model) for module in others]
        expected[in_words(slots)] = [None] * (1 + len(others))
    model = nn.Sequential(stranger)
    observed["whether a child is None"] = [outcome(implementation.module_to_fqn, model, stranger) is None]
    expected["whether a child is None"] = [False]
    assert_same(observed, expected)


def test_cyclic_models__small_models(implementation: Any, modules: int) -> None:
    stranger, observed, expected = nn.Module(), {}, {}
    answer = outcome(implementation.module_to_fqn, nn.Sequential(nn.Module()), stranger)  # where there is no cycle
    for slots in small_models(modules)[1]:
        model, *others = build_small(slots)
        observed[in_words(slots)] = [implementation.module_to_fqn(model, module) for module in others]
        observed[in_words(slots)].append(outcome(implementation.module_to_fqn, model, stranger))
        expected[in_words(slots)] = [*list(first_paths(slots).values())[1:], answer]
    assert_same(observed, expected)
