"""Plain values in source: what is spelled gives the value again, and is laid out as formatters do."""

from __future__ import annotations

from typing import Any

import pytest

from sparsifier_conformance.checking.spelling import laid_out, spelled


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        ("it's", '"it\'s"'),
        ('"', "'\"'"),
        ("'\"", "'\\'\"'"),
        ("\\\u200b", '"\\\\\\u200b"'),
        (["a", 1, None], '["a", 1, None]'),
        (("a",), '("a",)'),
        ((), "()"),
        ({"a": [1.5, True]}, '{"a": [1.5, True]}'),
    ],
)
def test_what_is_spelled_gives_the_value_again(value: Any, text: str) -> None:
    assert spelled(value) == text
    assert eval(text) == value


class ReLU:
    pass


def _function() -> None:
    pass


def test_classes_and_functions_go_by_their_names() -> None:
    assert spelled({"kinds": [ReLU, _function]}) == '{"kinds": [ReLU, _function]}'


def test_what_has_no_room_takes_a_line_for_each_item() -> None:
    assert laid_out(["a", "b"], room=10) == '["a", "b"]'
    assert laid_out(["a", "b"], room=9, indentation=4) == '[\n        "a",\n        "b",\n    ]'
    assert laid_out({"a": (1,)}, room=9) == '{\n    "a": (1,),\n}'
    assert laid_out("long", room=1) == '"long"' and laid_out([], room=1) == "[]"
