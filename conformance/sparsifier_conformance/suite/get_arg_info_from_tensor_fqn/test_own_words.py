"""Checks that the words in the code of ``get_arg_info_from_tensor_fqn`` are names like any other."""

from __future__ import annotations

from typing import Any

from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, info_of
from sparsifier_conformance.checking.words import words_of


def test_splits_at_last_dot__own_words(implementation: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for word in ("weight", *words_of(implementation.get_arg_info_from_tensor_fqn)):
        for path in (f"0.{word}", f"{word}.{word}", f"0.{word}.weight"):
            info = info_of(implementation, model, path)
            observed[path] = [info.get(key) for key in ("module_fqn", "tensor_name", "tensor_fqn")]
            module_fqn, _, tensor_name = path.rpartition(".")
            expected[path] = [module_fqn, tensor_name, path]
    assert_same(observed, expected)
