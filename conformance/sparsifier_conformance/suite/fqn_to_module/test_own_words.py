"""Checks that the words in the code of ``fqn_to_module`` are names like any other."""

from __future__ import annotations

from typing import Any

from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.words import is_missing, nested, words_of


def test_submodules__own_words(implementation: Any) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for word in ("a", *words_of(implementation.fqn_to_module)):
        model = nested(word)
        for path, module in model.named_modules() if model is not None else ():
            if path:
                observed[path] = implementation.fqn_to_module(model, path)
                expected[path] = module
    assert_same(observed, expected)


def test_missing_is_none__own_words(implementation: Any) -> None:
    model = nn.Sequential(nn.Sequential(nn.Linear(2, 2)))
    observed: dict[str, Any] = {"whether a child is None": outcome(implementation.fqn_to_module, model, "0") is None}
    expected: dict[str, Any] = {"whether a child is None": False}
    for word in words_of(implementation.fqn_to_module):
        for path in (word, f"{word}.0.0.weight", f"0.{word}.0.weight", f"0.0.{word}.weight", f"0.0.{word}"):
            if is_missing(model, path):
                observed[path] = implementation.fqn_to_module(model, path)
                expected[path] = None
    assert_same(observed, expected)
