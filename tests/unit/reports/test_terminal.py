"""The summary of a run, as it is printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from records import judged, result
from sparsifier_conformance.judging.outputs import write_all
from sparsifier_conformance.reports.terminal import summarize
from sparsifier_conformance.results.records import SmallModels


class _Reporter:
    """Keeps the lines that pytest's own would print."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write_line(self, line: str, **_: Any) -> None:
        self.lines.append(line)


def _printed(*judgements: Any, **options: Any) -> str:
    reporter: Any = _Reporter()
    summarize(result(judgements), reporter, **options)
    return "\n".join(reporter.lines)


FAILURES = (
    judged("swap_module/should", "failed", level="SHOULD", message="a SHOULD, seen"),
    judged("swap_module/must", "failed", "cpu", message="a MUST,\nseen", reproducer="the script"),
    judged("swap_module/must", "failed", "meta", message="a MUST,\nseen"),
    judged("swap_module/first", "failed", message="one cause"),
    judged("swap_module/second", "failed", message="one cause"),
    judged("swap_module/ends", "crashed", message="a process ended"),
)


@pytest.mark.parametrize("are_told", [False, True])
def test_what_pytest_has_told_is_named_alone(are_told: bool) -> None:
    printed = _printed(*FAILURES, are_told=are_told)
    assert printed.count("swap_module/must (MUST) failed on cpu, meta\n") == 1
    assert "2 requirements (MUST) failed\n  swap_module/first, swap_module/second\n" in printed
    assert printed.count("a SHOULD, seen") == printed.count("a process ended") == 1  # which pytest does not tell whole
    told_here = [printed.count(each) for each in ("a MUST,\n", "one cause", "`swap_module/must` says")]
    assert told_here == ([0, 0, 0] if are_told else [1, 1, 1])
    assert "the script" not in printed


def test_of_several_devices_the_plainest_is_shown() -> None:
    fake, real = (judged("swap_module/x", "failed", each, message=f"on {each}") for each in ("fake:cuda", "mps:0"))
    with_input = judged("swap_module/x", "failed", "fake:cuda", message="on another", smallest_input="x = 1")
    for others in ((), (with_input,)):
        assert "    on mps:0\n" in _printed(*others, fake, real)
    assert "    on another\n" in _printed(fake, with_input)
    one_cause = (judged(f"swap_module/{each}", "failed", "cpu", message="seen") for each in "xy")
    assert "x = 1" in _printed(*one_cause, judged("swap_module/z", "failed", message="seen", smallest_input="x = 1"))


@pytest.mark.parametrize("prefix", ["--", "--sparsifier-"])
def test_the_option_that_writes_scripts_is_named_as_it_is_called(prefix: str) -> None:
    one = f"\n{prefix}reproducers DIR writes a script of each failure\n"
    assert one in _printed(*FAILURES, prefix=prefix)
    should = judged("swap_module/should", "failed", level="SHOULD", reproducer="the script")
    assert one in _printed(should, prefix=prefix)
    assert f"{one[:-1]}; begin with that of swap_module/must\n" in _printed(*FAILURES, should, prefix=prefix)
    assert "DIR" not in _printed(should, scripts=True)


def test_what_is_expected_to_fail_needs_no_script() -> None:
    expected = judged("swap_module/x", "expected failure", reproducer="the script", reason="known")
    assert "DIR" not in _printed(expected)


def test_scripts_that_were_written_are_one_line_and_not_printed(tmp_path: Path) -> None:
    should = judged("swap_module/should", "failed", level="SHOULD", reproducer="the script")
    several, _ = write_all(result([*FAILURES, should]), {"reproducers": tmp_path})
    begin = f"; begin with {tmp_path / 'swap_module.must.py'}"
    assert several == [f"reproducers written to {tmp_path}: 2{begin}"]
    one, _ = write_all(result([should]), {"reproducers": tmp_path})
    assert one == [f"reproducers written to {tmp_path}: 1"]
    printed = _printed(*FAILURES, notes=several, scripts=True)
    assert printed.count("reproducer") == 1 and "the script" not in printed and "DIR" not in printed


NAMES = judged("interface/names", "failed", reproducer="of no use")
LACKING = judged("swap_module/x", "blocked"), judged("swap_module/y", "not applicable", "meta")


def test_where_a_name_is_missing_the_way_out_is_named_and_no_script() -> None:
    mixed = judged("fqn_to_module/x"), judged("fqn_to_module/round-trip", "blocked"), judged("FakeSparsity/x")
    printed = _printed(NAMES, *mixed, *LACKING)
    only = "--only fqn_to_module --only FakeSparsity"
    assert f"missing: swap_module; to judge only what is there: {only}\n" in printed
    assert "begin with" not in printed and "of no use" not in printed
    assert "missing: swap_module; name what has the six names\n" in _printed(NAMES, *LACKING)
    assert "missing:" not in _printed(NAMES, *mixed)


def test_where_nothing_was_judged_nothing_is_told_of() -> None:
    printed = _printed(judged("swap_module/x", "not run", message="the run was interrupted"))
    said, verdict = printed.splitlines()
    assert said == "nothing was judged: the run was interrupted" and verdict.startswith("verdict: incomplete; ")


@pytest.mark.parametrize(
    ("checks", "unfinished", "said"),
    [
        (None, 0, "50 examples\n"),
        (0, 0, "50 examples\n"),
        (7, 7, "50 examples\n"),
        (7, 0, "50 examples; all 2321 models of up to 3 modules\n"),
        (7, 2, "50 examples; all 2321 models of up to 3 modules (module_to_fqn/x ended before the last)\n"),
    ],
)
def test_small_models_are_counted_where_they_are_tried(checks: int | None, unfinished: int, said: str) -> None:
    reporter: Any = _Reporter()
    tried = None if checks is None else SmallModels(checks, ["module_to_fqn/x"] * unfinished)
    summarize(msgspec.structs.replace(result(), small_models=tried), reporter)
    (line,) = re.findall("inputs .*\n", "\n".join(reporter.lines))
    assert line.endswith(said)


def test_what_is_one_has_no_plural() -> None:
    reporter: Any = _Reporter()
    one = msgspec.structs.replace(result(examples=1, exhaustive=1), small_models=SmallModels(1, []))
    summarize(one, reporter)
    (line,) = (line for line in reporter.lines if line.startswith("inputs"))
    assert re.fullmatch("inputs    seed 0, 1 example; all [0-9]+ models of up to 1 module", line)


def test_an_interrupt_leaves_in_the_table_what_had_passed() -> None:
    reached = judged("swap_module/x", "passed", "cpu"), judged("swap_module/x", "not run", "meta")
    printed = _printed(*reached, judged("swap_module/y", "not run"))
    assert re.search(r"swap_module +1 of 1 +-\n", printed)
    assert "\nnot run: swap_module/x on meta, swap_module/y (" in printed


def test_what_was_not_run_is_counted_on_each_device() -> None:
    def not_run(device: str | None, count: int) -> list[Any]:
        return [judged(f"swap_module/{each}", "not run", device, message="interrupted") for each in range(count)]

    reached = judged("swap_module/3", "passed", "cpu")
    some = [*not_run("meta", 5), *not_run("cpu", 3), reached, judged("swap_module/x", "not run", message="interrupted")]
    assert "\nnot run: 3 requirements on cpu, 5 on meta, 1 without a device (interrupted)\n" in _printed(*some)
    assert "\nnot run on meta: 5 requirements (interrupted)\n" in _printed(*not_run("meta", 5), reached)
    wholly = [*not_run("meta", 4), *not_run("cpu", 3), judged("swap_module/x")]
    assert "\nnot run: 4 requirements (interrupted)\n" in _printed(*wholly)


def test_one_error_is_one_cause_whatever_the_case_in_which_it_was_raised() -> None:
    said = ("without grad: raised ValueError: no 1 (ours.py, line 5)", "raised ValueError: no 2 (ours.py, line 5)")
    printed = _printed(*(judged(f"swap_module/{at}", "failed", message=each) for at, each in enumerate(said)))
    assert "2 requirements (MUST) failed\n" in printed
    several = (judged(f"swap_module/{line}", "failed", message=said[0].replace("5", str(line))) for line in (5, 6))
    assert "2 requirements" not in _printed(*several)
