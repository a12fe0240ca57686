"""What a check asks beside its own sentence, so that to do nothing is not enough: what is wrong there fails others."""

from __future__ import annotations

from typing import Any

import sparsifier_reference
from faults.base import Reference
from judging import failed, judge


class RaisesBelowTheModel(Reference):
    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        if path:
            raise NotImplementedError
        return model


class RaisesWhereThereIsSomething(Reference):
    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        if sparsifier_reference.fqn_to_module(model, path) is not None:
            raise NotImplementedError


def test_the_empty_path_is_judged_alone() -> None:
    assert failed(judge(f"{__name__}:RaisesBelowTheModel", only=["fqn_to_module/empty-path-is-model"])) == set()


def test_what_is_missing_is_judged_alone() -> None:
    only = ["fqn_to_module/missing-is-none", "fqn_to_module/nothing-beyond-missing"]
    judged = judge(f"{__name__}:RaisesWhereThereIsSomething", only=only)
    assert failed(judged) == set()
