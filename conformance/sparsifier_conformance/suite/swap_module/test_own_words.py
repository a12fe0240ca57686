"""Checks that the words in the code of ``swap_module`` are no names of what it carries, but for hooks."""

from __future__ import annotations

from typing import Any

from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.swaps.hooks import mapping_to, was_swapped
from sparsifier_conformance.checking.words import words_of


def test_nothing_else_carried__own_words(implementation: Any, device: str) -> None:
    plain, words = nn.Linear(2, 2).to(device), words_of(implementation.swap_module)
    swapped = implementation.swap_module(plain, mapping_to(nn.ReLU()))
    observed: dict[str, Any] = {"whether a mapped one is swapped": was_swapped(swapped, plain)}
    expected: dict[str, Any] = {"whether a mapped one is swapped": True}
    for word in words:
        if hasattr(plain, word) or word == "parametrizations":  # as what is torch's own has a meaning
            continue
        old, kept = nn.Linear(2, 2).to(device), nn.Tanh()
        vars(old)[word] = kept
        # What comes of it if the old module is taken for another one is not looked at here.
        result = outcome(implementation.swap_module, old, mapping_to(new := nn.ReLU()))
        results = [each for each in (result, new) if isinstance(each, nn.Module) and each is not old]
        found = [value for each in results for value in (vars(each).get(word), each._modules.get(word))]
        observed[f"whether the result has {word} of the old module"] = any(value is kept for value in found)
        expected[f"whether the result has {word} of the old module"] = False
    assert_same(observed, expected)
