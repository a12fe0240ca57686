"""Judging from Python: a result or an exception, and nothing printed."""

from __future__ import annotations

import inspect
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import sparsifier_conformance
from records import result
from running import ROOT, run, write_implementation
from sparsifier_conformance import NothingRan, Verdict, WrongUsage, judge
from sparsifier_conformance.api import judge_by_options
from sparsifier_conformance.judging.options import TABLE
from sparsifier_conformance.judging.processes.interrupts import handlers_restored
from sparsifier_conformance.outcomes.outcome import Outcome

#: What an implementation may do to be heard.
LOUD = """\
import os, sys
print("imported")
def module_contains_param(module, parametrization):
    print("called")
    os.system("echo from a shell; echo and to stderr >&2")
    os.abort()
"""


def test_the_example_of_the_readme(tmp_path: Path) -> None:
    block = re.search(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert block is not None
    example = block[1].replace('level="must"', 'level="must", workers=1')  # one imports torch sooner than two do
    (tmp_path / "example.py").write_text(example + "import sys\nassert 'torch' not in sys.modules\n")
    ended = run(sys.executable, "example.py", cwd=tmp_path)
    assert (ended.stdout, ended.stderr) == ("conforms\n", "")


@pytest.mark.exhaustive
def test_nothing_is_printed_whatever_an_implementation_prints(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_implementation(tmp_path / "loud.py", LOUD)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background it may be ignored
    before, on_interrupt = list(sys.path), signal.getsignal(signal.SIGINT)
    seen = judge(tmp_path / "loud.py", only="module_contains_param/returns-bool", workers=1)
    assert (seen.verdict, seen.requirements[0].outcome) == (Verdict.DOES_NOT_CONFORM, Outcome.CRASHED)
    assert capfd.readouterr() == ("", "") and sys.path == before
    assert signal.getsignal(signal.SIGINT) is on_interrupt is not signal.SIG_IGN


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"where": ""}, "where is empty"),
        ({"only": "swap"}, "no requirement or utility is called 'swap'"),
        ({"level": "may"}, "level is 'may'"),
        ({"examples": 0}, "examples is 0"),
        ({"seed": "one"}, "seed is 'one'"),
        ({"workers": -1}, "workers is -1"),
        ({"timeout": 0}, "timeout is 0; it must be a number of seconds, more than 0"),
        ({"timeout": -0.5}, "timeout is -0.5; it must be a number of seconds, more than 0"),
        ({"timeout": float("inf")}, "timeout is inf; it must be a number of seconds, more than 0"),
        ({"timeout": None}, "timeout is None; it must be a number of seconds, more than 0"),
        ({"expect": ["absent.toml"]}, "absent.toml: there is no such file"),
        ({"json": "absent/r.json"}, "there is no folder"),
        ({"write_expected": __file__}, "is there already"),
    ],
)
def test_wrong_usage_is_an_exception_of_one_line(
    arguments: dict[str, Any], complaint: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WrongUsage) as error:
        judge(**{"where": "reference", **arguments})
    assert complaint in str(error.value) and "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


def test_a_session_that_breaks_off_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = result()
    assert whole.verdict is Verdict.CONFORMS

    def main(arguments: Sequence[str], plugins: Sequence[Any]) -> int:
        plugins[0].result = whole if ending is not pytest.ExitCode.NO_TESTS_COLLECTED else None
        return ending

    monkeypatch.setattr(pytest, "main", main)
    ending = pytest.ExitCode.TESTS_FAILED
    assert judge("reference").verdict is Verdict.CONFORMS
    ending = pytest.ExitCode.INTERNAL_ERROR
    assert judge("reference").verdict is Verdict.INCOMPLETE
    ending = pytest.ExitCode.NO_TESTS_COLLECTED
    with pytest.raises(NothingRan):
        judge("reference")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_reaches_the_caller_once_the_run_has_ended(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def main(arguments: Sequence[str], plugins: Sequence[Any]) -> int:
        plugins[0].pytest_collection()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        seen.append("the run has ended")
        plugins[0].result = result()
        return pytest.ExitCode.INTERRUPTED

    def callers(number: int, frame: Any) -> None:
        seen.append("the caller knows")
        if raises:
            raise KeyboardInterrupt

    monkeypatch.setattr(pytest, "main", main)
    with handlers_restored():
        signal.signal(number, callers)
        raises = False
        assert judge("reference").verdict is Verdict.INCOMPLETE
        raises = True
        with pytest.raises(KeyboardInterrupt):
            judge("reference")
        given = {option.name: option.default for option in TABLE}
        assert judge_by_options("reference", given).verdict is Verdict.INCOMPLETE  # as for the command
    assert seen == ["the run has ended", "the caller knows"] * 2 + ["the run has ended"]


def test_what_is_not_given_is_as_for_the_command() -> None:
    parameters = inspect.signature(judge).parameters
    for option in TABLE:
        given = parameters.get(option.keyword)
        if given is not None and option.default not in (None, False):
            assert given.default == option.default, option.name


def test_what_the_package_offers_is_there() -> None:
    for name in sparsifier_conformance.__all__:
        assert getattr(sparsifier_conformance, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'sparsifier_conformance' has no attribute 'judg'"):
        _ = sparsifier_conformance.judg  # type: ignore[attr-defined]
