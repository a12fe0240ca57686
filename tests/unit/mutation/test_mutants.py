"""Mutants: which changes are made to code, which mutant is which, what is listed as equivalent, what is reported."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from running import ROOT
from sparsifier_conformance.cli import mutate
from sparsifier_conformance.cli.main import main
from sparsifier_conformance.files import read_text
from sparsifier_conformance.mutation import loading, report, trying
from sparsifier_conformance.mutation.equivalents import Equivalent
from sparsifier_conformance.mutation.judging import IMPORT, Seen
from sparsifier_conformance.mutation.mutants import Key, Mutant, Source, make_mutants
from sparsifier_conformance.mutation.records import FORMAT_VERSION, Fate, Mutation
from sparsifier_conformance.results.records import Implementation

CODE = "def fqn_to_module(model, path):\n    spare = 1\n    return getattr(model, path)\n"


SPARE: Key = ("own", "fqn_to_module", "spare = 1", "spare = 2")


def mutants_of(text: str, *only: str) -> list[Mutant]:
    return make_mutants(Source("own", text, "own.py"), only)


def afters(text: str) -> set[str]:
    """What stands in place of the lines that are changed."""
    return {mutant.after for mutant in mutants_of(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = a < b", {"x = a <= b", "x = a >= b"}),
        ("x = a is b", {"x = a is not b", "x = a == b"}),
        ("x = a is not None", {"x = a is None"}),
        ("x = a not in b", {"x = a in b"}),
        ("x = a and b and c", {"x = a or b and c", "x = a and b or c", "x = b and c", "x = a and c", "x = a and b"}),
        ("x = a + (b)", {"x = a - (b)"}),
        ("x = (a  # and\n and b)", {"x = (b)", "x = (a)"}),
        ("x = not a", {"x = a"}),
        ("x = True", {"x = False"}),
        ("x = 1", {"x = 2", "x = 0"}),
        ("x = 'é' + y", {'x = "" + y', "x = 'é' - y"}),
        ("x = ''", {'x = "mutant"'}),
        ("x = [a for a in b if c]", {"x = [a for a in () if c]", "x = [a for a in b if True]"}),
        ("x = a if b else c", {"x = a if True else c", "x = a if False else c"}),
        ("x = f(a, b, c=d)", {"x = f(a, b, )", "x = f(a, c=d)", "x = a"}),
        ("x = a.clone()", {"x = a"}),
        ("x[0] = y", {"x[1] = y", "x[-1] = y", "pass"}),
        ("x += y", {"pass"}),
        ("for a in b:\n    break", {"for a in ():", "pass"}),
        ("while a:\n    b = c", {"while False:"}),
        ("with a, b:\n    c = d", {"if True:"}),
        ("try:\n    a = b\nexcept E:\n    a = c", {"except ():"}),
        ("@a\ndef f():\n    b = c", {""}),
        ("def f():\n    return a", {"return None"}),
        ("def f():\n    if a:\n        return b\n    c()", {"if True:", "if False:", "pass", "return None"}),
    ],
)
def test_each_operator_makes_its_changes(text: str, expected: set[str]) -> None:
    assert afters(text + "\n") == expected


@pytest.mark.parametrize(
    "text",
    [
        '"""Text."""\n',
        "x: 'int | None'\n",
        "def f(a: 1 | 2, *b: 1 | 2) -> 1 | 2:\n    '''Text.'''\n    a = b\n",
        "if_any = f'{a + 1}'\n",
        "__all__ = ['a']\n",
        "x = None\n",
    ],
)
def test_what_does_nothing_is_not_changed(text: str) -> None:
    assert mutants_of(text) == []


def test_what_an_error_says_is_not_changed_and_that_it_is_raised_is() -> None:
    assert afters("def f():\n    raise E(1, 'text') from g(2)\n") == {"pass"}
    assert afters("assert a == b, 'text'\n") == {"pass", "assert a != b, 'text'", "assert a is b, 'text'"}


#: Code to try it with: it takes as long as a file is long, squared.
SHORT = [path for path in sorted((ROOT / "conformance").rglob("*.py")) if path.stat().st_size < 3000]


@pytest.mark.parametrize("path", SHORT[::12], ids=lambda path: path.name)
def test_mutants_compile_and_differ(path: Path) -> None:
    source = Source("own", read_text(path) if path.stat().st_size else "", str(path))
    made = make_mutants(source)
    trees = {ast.dump(ast.parse(mutant.text)) for mutant in made}
    assert len(trees | {ast.dump(source.tree)}) == len(made) + 1
    assert len({mutant.id for mutant in made}) == len(made)


def test_edits_elsewhere_leave_ids_as_they_are() -> None:
    before, after = mutants_of(CODE), mutants_of(f"import math\n\n\n{CODE}\n\ndef other():\n    return math.floor(1)\n")
    assert [each.id for each in before] == [each.id for each in after if each.function != "other"]
    assert len({each.id for each in after}) == len(after) > len(before)


def test_only_some_functions_are_changed_decorators_and_all() -> None:
    text = "x = 1\n@d\n@e\nclass A:\n    y = 1\ndef b():\n    return 1\n"
    assert {(each.function, each.line) for each in mutants_of(text, "A")} == {("A", 2), ("A", 3), ("A", 5)}
    assert {each.function for each in mutants_of(text)} == {"", "A", "b"}


def test_the_checks_of_a_function_come_first_or_else_those_of_its_module() -> None:
    text = f"{CODE}def swap_module():\n    return _help(1)\ndef _help(a):\n    return a\n"
    utilities = {each.function: each.utilities for each in mutants_of(text)}
    assert utilities["swap_module"] == {"swap_module"}
    assert utilities["_help"] == {"swap_module", "fqn_to_module"}


def test_a_difference_is_a_unified_diff() -> None:
    mutant = next(each for each in mutants_of(CODE) if each.key == SPARE)
    assert mutant.diff.splitlines() == [
        "--- own.py",
        f"+++ mutant {mutant.id}",
        "@@ -1,3 +1,3 @@",
        " def fqn_to_module(model, path):",
        "-    spare = 1",
        "+    spare = 2",
        "     return getattr(model, path)",
    ]


@pytest.mark.parametrize(
    ("only", "why"),
    [
        (["fqn_to_modul"], "no function or class of 'own' is called 'fqn_to_modul'; did you mean fqn_to_module?"),
        (["zzz"], "no function or class of 'own' is called 'zzz'; there are fqn_to_module, empty"),
        (["empty"], "there is nothing to mutate in empty"),
    ],
)
def test_what_has_no_mutants_is_refused(only: list[str], why: str) -> None:
    source = Source("own", f"{CODE}def empty():\n    pass\n", "own.py")
    with pytest.raises(trying.Unusable) as refused:
        trying._make_all("own", [source], only)
    assert str(refused.value) == why


def test_what_is_not_written_in_python_is_refused() -> None:
    with pytest.raises(trying.Unusable, match="nothing to mutate in 'math', which has no code in Python"):
        trying._make_all("math", loading.sources_of(sys.modules["math"]), [])


def mutation(*by: str | None, listed: tuple[Key, ...] = (), interrupted: bool = False) -> Mutation:
    """The record of as many mutants as are given what tells them."""
    reasons = dict.fromkeys(listed, "Nobody reads it.")
    mutants = mutants_of(CODE)
    tried = [trying._tried(each, told, reasons.get(each.key)) for each, told in zip(mutants, by, strict=False)]
    entries = [Equivalent(*key, reason="Nobody reads it.") for key in listed]
    return Mutation(
        format_version=FORMAT_VERSION,
        suite_version="0",
        specification_version="0",
        torch="0",
        implementation=Implementation("own", "own", None, None),
        only=[],
        met=1,
        not_met=["swap_module/kwargs-hooks"],
        made=len(mutants),
        tried=tried,
        stale=trying._stale(entries, tried),
        interrupted=interrupted,
    )


TOLD = "fqn_to_module/submodules"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (mutation(TOLD, TOLD, TOLD), "3 of 3 mutants are told, 100 %"),
        (mutation(TOLD, TOLD, None), "2 of 3 mutants are told, 66 %, 1 surviving"),
        (mutation(None, TOLD, TOLD, listed=(SPARE,)), "2 of 3 mutants are told, 66 %, 1 equivalent"),
        (mutation(TOLD, IMPORT, TOLD), "2 of 2 mutants are told, 100 %"),
        (
            mutation(TOLD, None, interrupted=True),
            "1 of 2 mutants are told, 50 %, 1 surviving, interrupted after 2 of 5",
        ),
        (mutation(interrupted=True), "interrupted before any of 5 mutants was judged"),
        (mutation(IMPORT, interrupted=True), "interrupted before any of 5 mutants was judged"),
        (mutation(None), "0 of 1 mutant is told, 0 %, 1 surviving"),
    ],
)
def test_the_count_comes_with_its_denominator(made: Mutation, expected: str) -> None:
    *_, last = report.lines(made)
    assert last == expected
    assert made.is_clean is ("surviving" not in expected)


def test_a_report_says_what_became_of_each() -> None:
    made = mutation(None, "the time limit", None, IMPORT, TOLD, listed=(SPARE,))
    equivalent, _, survivor, broken, _ = made.tried
    said = "\n".join(report.lines(made))
    assert f"equivalent {equivalent.id} in own, fqn_to_module, line 2 (constant): Nobody reads it." in said
    assert f"survivor {survivor.id} in own, fqn_to_module, line 3 ({survivor.operator})\n--- own.py\n" in said
    assert f"cannot be imported, so not counted: {broken.id}" in said
    assert "told by the time limit: 1, a check: 1" in said
    assert "requirements that the original does not meet, so that they tell nothing: 1" in said


@pytest.mark.parametrize(
    ("by", "listed", "line"),
    [
        (None, SPARE, None),
        (TOLD, SPARE, f"listed, but told by {TOLD}: {' | '.join(SPARE)}"),
        ("the time limit", SPARE, f"listed, but told by the time limit: {' | '.join(SPARE)}"),
        (None, (*SPARE[:3], "spare = 3"), f"listed, but no mutant any more: {' | '.join(SPARE[:3])} | spare = 3"),
    ],
)
def test_a_listed_mutant_must_be_one_and_survive(by: str | None, listed: Key, line: str | None) -> None:
    made = mutation(by, TOLD, TOLD, TOLD, TOLD, listed=(listed,))
    assert made.stale == ([line] if line else [])
    assert made.is_clean is (line is None)


def test_text_that_steers_a_terminal_is_escaped() -> None:
    tried = trying._tried(mutants_of("x = '\x1b[2J' + y\n")[0], None, None)
    said = "\n".join(report.lines(msgspec.structs.replace(mutation(TOLD), tried=[tried])))
    assert "\\x1b[2J" in said and "\x1b" not in said


def test_of_fates_each_counts_once() -> None:
    made = mutation(None, TOLD, IMPORT, None, "the time limit", listed=(SPARE,))
    assert sum(len(made.of(fate)) for fate in Fate) == len(made.tried) == made.counted + 1


def test_an_interrupt_before_the_first_leaves_a_file(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(trying, "_import_once", lambda: None)
    monkeypatch.setattr(trying, "_torch_version", lambda: "0")
    monkeypatch.setattr(trying, "_judge_unmutated", lambda *_: Seen(None, {("swap_module/exact-type", None)}))
    monkeypatch.setattr(trying, "_judge_all", interrupted)
    assert main(["mutate", "own_package.code", "--json", "m.json"]) == 3
    first, second, third, *_, last = capsys.readouterr().out.splitlines()
    assert (first, second) == ("importing own_package.code …", "judging own_package.code as it stands …")
    made = msgspec.json.decode((own / "m.json").read_bytes(), type=Mutation)
    assert made.interrupted and made.tried == [] and third.endswith(f"{made.made} mutants") and made.made > 0
    assert last == f"interrupted before any of {made.made} mutants was judged"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_progress_is_a_line_each_minute_where_there_is_no_terminal(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter(range(0, 1000, 30))

    def judging(where: str, *, started: Any, progress: Any, **_: Any) -> Mutation:
        started(f"mutating {where}")
        for judged in range(1, 5):
            progress(judged, 4)
        return mutation(None)

    monkeypatch.setattr(trying, "mutate", judging)
    monkeypatch.setattr(mutate, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    main(["mutate", "own"])
    errors = capsys.readouterr().err
    if is_terminal:
        assert errors.startswith("\r\x1b[K1 of 4 mutants") and errors.endswith("\r\x1b[K") and "\n" not in errors
    else:
        assert errors == "2 of 4 mutants judged, about 1 min left\n4 of 4 mutants judged, about 0 min left\n"
