"""A script compares as plainly as says the same as the check did."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from reproducing import ending_of, never_run
from sparsifier_conformance.checking import comparing as observations
from sparsifier_conformance.outcomes.reproducer.branches import never_taken
from sparsifier_conformance.outcomes.reproducer.conditions import comparison, foreseen
from sparsifier_conformance.outcomes.reproducer.sources import Closure

EQUAL = "observed == expected"
IDENTICAL = "all(observed[name] is expected[name] for name in expected)"
SAME = "same(observed, expected)"


class Equal(nn.Module):
    """A module that is equal to anything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class Odd:
    """An object that can be compared with nothing."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("not compared")

    def __hash__(self) -> int:
        return 1


MODULE, TENSOR = nn.ReLU(), torch.ones(2)


@pytest.mark.parametrize(
    ("observed", "expected", "condition"),
    [
        ("a", "b", EQUAL),
        ({"a": nn.ReLU()}, {"a": MODULE}, EQUAL),
        ([("hook", None)], [("hook", MODULE)], EQUAL),
        ({"dtype": torch.float16}, {"dtype": torch.float32}, EQUAL),
        # What == calls equal, or cannot compare, is told by identity.
        ({"a": 1}, {"a": True}, IDENTICAL),
        ({"a": Odd()}, {"a": MODULE}, IDENTICAL),
        ({"a": TENSOR.clone()}, {"a": TENSOR}, IDENTICAL),
        # And by our own comparison where that is not enough: by place, or of equal numbers of another type.
        ([TENSOR.clone()], [TENSOR], SAME),
        ({"a": 1.0}, {"a": 1}, SAME),
        (TENSOR.clone(), TENSOR, "observed is expected"),
        ({"b": None}, {"a": TENSOR}, SAME),
        (Equal(), Equal(), SAME),
    ],
)
def test_the_plainest_condition_that_fails_too(observed: Any, expected: Any, condition: str) -> None:
    assert comparison(observed, expected).text == condition


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        ("observed, expected = implementation.fqn_to_module(None, ''), None", EQUAL),
        ("import torch\nexpected = {'a': torch.ones(2)}\nobserved = dict(expected)", IDENTICAL),
        # Of what another implementation gives nothing is known, and 1 is no True.
        ("observed = expected = {'a': True, 'b': None}", IDENTICAL),
        ("observed = expected = True", "observed is expected"),
        ("observed = expected = {'a': True, 'b': 'text'}", SAME),
        ("observed = expected = [1]", SAME),
        ("import torch\nexpected = [torch.ones(2)]\nobserved = list(expected)", SAME),
        ("raise RuntimeError", SAME),
    ],
)
def test_where_an_error_came_first_the_reference_tells(code: str, condition: str) -> None:
    assert foreseen(code).text == condition


@pytest.mark.parametrize(
    ("expected", "others", "branches"),
    [
        ([1], [[2], [True], (1,), [1, 1], 1, None], 2),
        ({"a": "b"}, [{"a": "c"}, {"c": "b"}, {"a": "b", "c": "b"}, "b"], 2),
        ("text", ["other", None], 1),
        (1, [2, 1.0, True], 1),
        ([], [(), [1]], 1),
        ({"a": None, "b": [TENSOR]}, [{"a": 0, "b": [TENSOR]}, {"a": None, "b": [TENSOR.clone()]}], 3),
        ({"a": [2, "b"], "c": torch.float32}, [{"a": [2, "c"], "c": torch.float32}], 5),
    ],
)
def test_our_own_comparison_comes_with_the_branches_that_it_takes(
    expected: Any, others: list[Any], branches: int
) -> None:
    closure = Closure()
    closure.cut(observations.__name__, "same", never_taken(expected))
    closure.add(observations.__name__, {"same"})
    script = "\n\n\n".join([*closure.imports(), *closure.definitions()])
    assert script.count("return") == branches and not script.endswith("\n")
    namespace: dict[str, Any] = {}
    exec(script, namespace)
    assert namespace["same"](expected, expected) is True
    assert [namespace["same"](other, expected) for other in others] == [False] * len(others)


def test_what_never_runs_is_found() -> None:
    script = "import sys\nsys.argv[1]\ndef f(x):\n    if x:\n        return 1\n    return 2\nassert f(0) == 2"
    ran: set[int] = set()
    assert ending_of(script, "sparsifier_reference", ran) == ""
    assert never_run(script, ran) == ["return 1"]
    assert never_run(script.replace("def f", "def raised"), ran) == []
