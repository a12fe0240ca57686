"""Comparisons: what was observed is what was expected, whatever its own ``==`` says."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
import torch

from hostile import LyingStr
from sparsifier_conformance.checking.comparing import contents, same

MODULE = torch.nn.ReLU()


@pytest.mark.parametrize("value", ["a", 1, 1.5, None, True, MODULE, (1, "a"), [1], {"a": (None,)}, torch.device("cpu")])
def test_same_as_itself(value: Any) -> None:
    assert same(value, value)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (mock.ANY, "a"),
        (mock.ANY, None),
        (mock.ANY, 1),
        (mock.ANY, ("a",)),
        (mock.ANY, {"a": 1}),
        (mock.Mock(), None),
        (LyingStr("b"), "a"),
        (1, True),
        (True, 1),
        (1.0, 1),
        (0, False),
        (["a"], ("a",)),
        (("a",), ("a", "b")),
        ({"a": 1}, {"b": 1}),
        ({"a": 1, "b": 2}, {"a": 1}),
        (torch.nn.ReLU(), MODULE),
        ("cpu", torch.device("cpu")),
    ],
)
def test_not_the_same(observed: Any, expected: Any) -> None:
    assert not same(observed, expected)


def test_a_subclass_of_str_is_text() -> None:
    assert same(LyingStr("a"), "a")


def test_contents_tell_tensors_apart() -> None:
    zero = torch.tensor([0.0])
    for other in (torch.tensor([-0.0]), torch.tensor([0.0, 0.0]), zero.double(), zero.to("meta"), zero[0], None):
        assert not same(contents(other), contents(zero))
    assert same(contents(torch.tensor([float("nan")])), contents(torch.tensor([float("nan")])))
