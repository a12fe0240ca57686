"""Implementations that do nothing: all of their functions, and what ``FakeSparsity`` is called for, do the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

from torch import nn

from sparsifier_conformance.implementations.names import NAMES


class Nothing:
    """The six names, each of which does what ``does`` does."""

    def __init__(self, does: Callable[..., Any]) -> None:
        class FakeSparsity(nn.Module):
            def __init__(self, mask: Any) -> None:
                super().__init__()

            def forward(self, x: Any) -> Any:
                return does(x)

            def state_dict(self, *args: Any, **kwargs: Any) -> Any:
                return does(*args, **kwargs)

        self.FakeSparsity = FakeSparsity
        for name in {*NAMES} - {"FakeSparsity"}:
            setattr(self, name, does)


def _first(*args: Any, **kwargs: Any) -> Any:
    return next(iter([*args, *kwargs.values()]), None)


def _not_implemented(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


RETURNS_NONE = Nothing(lambda *args, **kwargs: None)
RETURNS_ITS_FIRST_ARGUMENT = Nothing(_first)
RAISES_NOT_IMPLEMENTED_ERROR = Nothing(_not_implemented)
RETURNS_A_MOCK = Nothing(lambda *args, **kwargs: mock.MagicMock())
RETURNS_WHAT_EQUALS_EVERYTHING = Nothing(lambda *args, **kwargs: mock.ANY)
RETURNS_TRUE = Nothing(lambda *args, **kwargs: True)
RETURNS_AN_EMPTY_DICT = Nothing(lambda *args, **kwargs: {})
RETURNS_EMPTY_TEXT = Nothing(lambda *args, **kwargs: "")
EVERYTHING = mock.MagicMock()
