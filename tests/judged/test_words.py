"""The words in the code of an implementation, in whatever form that is."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial, wraps
from types import SimpleNamespace
from typing import Any

import pytest

from sparsifier_conformance.checking.words import MOST_WORDS, words_of

TABLE = {"of_a_table": ["in_a_table"], "many": [f"number_{number}" for number in range(2 * MOST_WORDS)]}
PREFIX = "of_a_constant."


def plain(model: Any, kept: str = "of_a_default") -> Any:
    """Say nothing of_a_docstring."""
    return model.of_an_attribute if kept == "of the code" else helper(model) + "of_the.code."


def helper(model: Any) -> Any:
    return [PREFIX for name in model if name in ("in_a_tuple", "of the code")]


def closing(word: str) -> Callable[[], str]:
    return lambda: word


class Callables:
    """What is called in another's stead."""

    def __call__(self, model: Any) -> Any:
        return plain(model)

    method = plain
    static = staticmethod(plain)


@pytest.mark.parametrize(
    "thing",
    [
        plain,
        Callables(),
        Callables,
        Callables().method,
        Callables().static,
        partial(plain, kept=""),
        lru_cache(plain),
        wraps(plain)(lambda: None),
    ],
)
def test_words_are_found_in_code_of_every_form(thing: Any) -> None:
    wanted = {"of_a_default", "of_an_attribute", "of_the.code", "of_a_constant", "in_a_tuple"}
    found = words_of(thing)
    assert wanted <= set(found)
    assert not [word for word in found if "docstring" in word or " " in word]
    assert found == words_of(thing)


def test_words_are_found_in_tables_and_closures() -> None:
    assert words_of(closing("of_a_closure")) == ["of_a_closure"]
    assert len(words_of(lambda: TABLE)) == MOST_WORDS


@pytest.mark.parametrize("thing", [None, 1, print, SimpleNamespace(), pytest])
def test_what_has_no_code_has_no_words(thing: Any) -> None:
    assert words_of(thing) == []
