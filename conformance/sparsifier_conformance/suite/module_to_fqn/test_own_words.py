"""Checks that the words in the code of ``module_to_fqn`` are names like any other."""

from __future__ import annotations

from typing import Any

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.words import nested, words_of


def test_path_of_descendant__own_words(implementation: Any) -> None:
    observed, expected = {}, {}
    for word in ("a", *words_of(implementation.module_to_fqn)):
        model = nested(word)
        for path, module in model.named_modules() if model is not None else ():
            if path:
                observed[path] = implementation.module_to_fqn(model, module)
                expected[path] = path
    assert_same(observed, expected)
