"""Messages: whatever the objects of an implementation do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from hostile import LyingStr
from sparsifier_conformance.checking.comparing import error_of, raised, same, show_difference
from sparsifier_conformance.checking.descriptions import Values
from sparsifier_conformance.checking.swaps.hooks import Hooks
from sparsifier_conformance.checking.world.states import state_of
from sparsifier_conformance.checking.world.values import changes
from sparsifier_conformance.outcomes import wording as messages


class Unprintable:
    def __repr__(self) -> str:
        raise KeyboardInterrupt


class Endless:
    def __repr__(self) -> str:
        return "x" * 10_000_000


class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError


class Bare:
    pass


MODULE = torch.nn.ReLU()


def test_an_error_of_what_a_check_does_with_an_answer_names_that_line(tmp_path: Path) -> None:
    from sparsifier_conformance.suite.swap_module import test_devices as check

    ours = tmp_path / "ours.py"
    error = error_of(check._devices_of, None)
    assert error is not None
    said = messages.describe_error(error, str(ours))
    assert said.endswith("(when the check did this: for each in [*module.parameters(), *module.buffers()])")


def test_errors_are_named() -> None:
    class Special(AssertionError):
        pass

    def fail(kind: type[Exception]) -> None:
        raise kind("no")

    assert raised(AssertionError, fail, Special) == "AssertionError"
    assert raised(AssertionError, fail, ValueError) == "ValueError"
    assert raised(AssertionError, print) == "no error"
    assert error_of(print) is None


def test_a_description_is_one_short_line_whatever_it_describes() -> None:
    assert messages.describe(Unprintable()) == "a Unprintable whose repr raises KeyboardInterrupt"
    assert len(messages.describe(Endless())) <= messages.LONGEST + 30
    assert messages.describe("a\nb") == "'a\\nb'"
    assert messages.describe(ValueError) == "ValueError"
    assert messages.describe_error(Mute()) == "raised Mute: and its message cannot be read"
    assert messages.describe_error(ValueError("a\nb")) == "raised ValueError: a b"
    assert messages.describe_error(ValueError()) == "raised ValueError"


def test_only_what_differs_is_shown_whatever_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    observed: dict[str, Any] = {"first": 1, "second": {"inner": None, "fine": "a"}, "third": ValueError}
    expected = {"first": 1, "second": {"inner": "x", "fine": "a"}, "third": Mute()}
    show_difference(observed, expected)
    said = capsys.readouterr().out
    assert said.startswith("second: inner: expected 'x', got None\n") and "first" not in said


def test_a_change_is_told_without_what_stays_the_same() -> None:
    model, other = torch.nn.Sequential(torch.nn.ReLU()), torch.nn.ReLU()
    before = state_of(model)
    model.eval()
    model[0]._forward_hooks = type(model[0]._forward_hooks)()
    model.other = other
    seen = changes(before, state_of(model))
    assert seen["training of ''"] == "True, then False"
    assert seen["_modules of ''"] == "[], then [(\"'other'\", ReLU)]"
    assert seen["_forward_hooks of '0'"] == "OrderedDict, then another OrderedDict"


def test_an_input_is_told_as_source() -> None:
    drawn = {"hooks": Hooks.of("append", "remove"), "x": Values("float32", (1,), (1.0,)), "name": "a"}
    assert messages.drawn_input(drawn) == (
        'hooks = ["append", "remove"]\nx = torch.tensor([1.0], dtype=torch.float32)\nname = "a"'
    )


def test_a_difference_names_the_place() -> None:
    assert messages.difference(1, 2) == "expected 2\ngot      1"
    observed = {"first": 1, "second": {"inner": None, "fine": "a"}}
    expected = {"first": 1, "second": {"inner": "x", "fine": "a"}}
    assert messages.difference(observed, expected) == "second, inner:\n    expected 'x'\n    got      None"
    said = "x, [0], [0], dtype:\n    expected 2\n    got      1\nx, [1]:\n    expected ['c', 'd']\n    got      ['b']"
    nested: list[Any] = [[({"dtype": 1}, "a"), ["b"]], [({"dtype": 2}, "a"), ["c", "d"]]]
    assert messages.difference({"x": nested[0]}, {"x": nested[1]}) == said
    assert messages.difference([None], [{}]) == "[0]:\n    expected {}\n    got      None"
    many = messages.difference(dict.fromkeys(range(9), 0), dict.fromkeys(range(9), 1)).splitlines()
    assert len(many) == 3 * messages.MOST_PLACES + 1 and many[-1] == "(and 4 more)"


LONG = [f"the module of case {number}" for number in range(40)]


@pytest.mark.parametrize(
    ("observed", "expected", "said"),
    [
        ([*LONG[:39], None], LONG, "[39]:\n    expected 'the module of case 39'\n    got      None"),
        ({"x": (*LONG[:39], 1)}, {"x": (*LONG[:39], 2)}, "x, [39]:\n    expected 2\n    got      1"),
        (
            {**dict.fromkeys(LONG, "right"), LONG[7]: "wrong", "one more": 1},
            {**dict.fromkeys(LONG, "right"), "one less": 2},
            f"{LONG[7]}:\n    expected 'right'\n    got      'wrong'\n"
            "one less:\n    expected 2\n    got      no entry\n"
            "one more:\n    expected no entry\n    got      1",
        ),
        ({"few": 1, "more": 2}, {"few": 1}, "expected {'few': 1}\ngot      {'few': 1, 'more': 2}"),
        ([1, 2], [1, 3], "expected [1, 3]\ngot      [1, 2]"),
    ],
)
def test_of_what_is_long_the_places_that_differ_are_shown(observed: Any, expected: Any, said: str) -> None:
    assert messages.difference(observed, expected) == said


@pytest.mark.parametrize(
    ("observed", "expected"),
    [("x" * 400 + "there", "x" * 400 + "here"), (LONG[:-1], LONG), ("x" * 400 + "caf\u00e9", "x" * 400 + "cafe\u0301")],
)
def test_a_long_text_is_shown_from_shortly_before_the_place_where_it_differs(observed: Any, expected: Any) -> None:
    right, seen = messages.difference(observed, expected).splitlines()
    assert right.startswith("expected … ") and seen.startswith("got      … ")
    assert right[11:51] == seen[11:51] and right[11:] != seen[11:]
    assert "though its text is the same" not in seen


@pytest.mark.parametrize(
    ("observed", "expected", "how"),
    [
        (torch.zeros(2), torch.zeros(2), "another tensor, though equal in device, dtype, shape and values"),
        (torch.zeros(2), torch.ones(2), "of other values"),
        (torch.zeros(2).double(), torch.zeros(2), "of dtype torch.float64 and not torch.float32"),
        (torch.zeros(2, device="meta"), torch.zeros(3), "of device meta and not cpu, shape torch.Size([2]) and not"),
        (torch.zeros(2, 3).t(), torch.zeros(3, 2), "of strides (1, 3) and not (2, 1)"),
        (torch.nn.UninitializedParameter(), torch.zeros(2), "of shape no shape yet and not torch.Size([2])"),
        (torch.nn.UninitializedParameter(), torch.nn.UninitializedParameter(), "another tensor"),
        (ValueError("a"), ValueError("a"), "another object, though its text is the same"),
        (type("Linear", (), {}), torch.nn.Linear, "another class of that name"),
        (LyingStr("b"), "b", ""),
        (
            [print, len, error_of],
            [print, len, same],
            "got      [<built-in function print>, <built-in function len>, <function error_of>]",
        ),
        (type(None), None, "expected None\ngot      the class NoneType"),
        (Bare(), Bare(), "expected <test_messages.Bare object #1>\ngot      <test_messages.Bare object #2>"),
    ],
)
def test_a_difference_that_looks_equal_says_what_differs(observed: Any, expected: Any, how: str) -> None:
    assert how in messages.difference(observed, expected)


def test_the_same_letters_in_another_normal_form_are_escaped() -> None:
    said = messages.difference("caf\u00e9", "cafe\u0301")
    assert said == "expected 'cafe\\u0301'\ngot      'caf\\xe9'"


#: Errors as torch words them: of what it scripts, of what it runs then, and of what it compiles.
SCRIPTING = """
'Tensor (inferred)' object has no attribute or method 'nope'.:
  File "OURS", line 20
    def helper(self, x):
        return x.nope()
               ~~~~~~ <--- HERE
'Ours.helper' is being compiled since it was called from 'Ours.forward'
  File "OURS", line 25
    def forward(self, x):
        return self.helper(x)
               ~~~~~~~~~~~ <--- HERE
"""
RUNNING = """The following operation failed in the TorchScript interpreter.
Traceback of TorchScript (most recent call last):
  File "OURS", line 26, in forward
        return self.helper(x)
               ~~~~~~~~~~~ <--- HERE
  File "OURS", line 21, in helper
        assert x.sum() > 5
        ~~~~~~~~~~~~~~~~~~ <--- HERE
RuntimeError: AssertionError: no
"""
COMPILING = """Failed to trace `open`

from user code:
   File "elsewhere.py", line 3, in call
    return model(x)
  File "OURS", line 22, in forward
    return open(x)
           ^^^^^^^

Set TORCHDYNAMO_VERBOSE=1"""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            SCRIPTING,
            "'Tensor (inferred)' object has no attribute or method 'nope'. "
            "'Ours.helper' is being compiled since it was called from 'Ours.forward' (ours.py, line 20)",
        ),
        (
            RUNNING,
            "The following operation failed in the TorchScript interpreter. "
            "Traceback of TorchScript (most recent call last) RuntimeError: AssertionError: no (ours.py, line 21)",
        ),
        (COMPILING, "Failed to trace `open` from user code Set TORCHDYNAMO_VERBOSE=1 (ours.py, line 22)"),
        (
            'Traceback:\n  File "OURS", line 3, in call\n    x\nKeyError',
            'Traceback: File "OURS", line 3, in call x KeyError',
        ),
    ],
)
def test_of_code_that_torch_shows_in_an_error_the_line_is_told(said: str, expected: str, tmp_path: Path) -> None:
    file = str(tmp_path / "ours.py")
    told = messages.describe_error(RuntimeError(said.replace("OURS", file)), file)
    assert told == f"raised RuntimeError: {expected.replace('OURS', file)}"


def test_an_error_names_the_implementers_own_line(tmp_path: Path) -> None:
    """Not that of torch, which the call went on to."""
    package = tmp_path / "ours" / "inner"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "deep.py").write_text("def call(value):\n    return value.missing\n")
    space: dict[str, Any] = {}
    exec(compile((package / "deep.py").read_text(), package / "deep.py", "exec"), space)
    error = error_of(space["call"], torch.nn.ReLU())
    assert error is not None
    for file in (package / "deep.py", package.parent / "__init__.py"):
        assert messages.describe_error(error, str(file)).endswith("no attribute 'missing' (ours/inner/deep.py, line 2)")
    assert messages.describe_error(error, str(tmp_path / "elsewhere.py")).endswith("'missing'")
