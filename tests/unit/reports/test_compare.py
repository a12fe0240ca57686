"""The command ``compare``: what it says of two results, in each of its forms, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent

import pytest

from records import judged, result, written
from sparsifier_conformance.cli.main import main
from sparsifier_conformance.reports.comparison import compare
from sparsifier_conformance.results import records as results
from sparsifier_conformance.results.records import Result, Verdict

HERE = Path("old.json"), Path("new.json")


def kinds_of(old: Result, new: Result) -> dict[str, list[tuple[str, str | None]]]:
    """Compare two results, and give what changed, by kind, without the kinds that are empty."""
    comparison = compare((HERE[0], old), (HERE[1], new))
    kinds = ("newly_failing", "newly_passing", "otherwise_changed", "appeared", "disappeared")
    found = {kind: [(each.id, each.device) for each in getattr(comparison, kind)] for kind in kinds}
    return {kind: changes for kind, changes in found.items() if changes}


def is_worse(old: Result, new: Result) -> bool:
    return compare((HERE[0], old), (HERE[1], new)).worse


@pytest.mark.parametrize(
    ("old", "new", "kind", "worse"),
    [
        ("passed", "passed", None, False),
        ("failed", "failed", None, False),
        ("passed", "failed", "newly_failing", True),
        ("passed", "blocked", "newly_failing", True),
        ("passed", "timed out", "newly_failing", True),
        ("passed", "expected failure", "newly_failing", True),
        ("not applicable", "failed", "newly_failing", True),
        ("not run", "failed", "appeared", False),
        ("unexpected pass", "failed", "newly_failing", True),
        ("failed", "crashed", "newly_failing", True),
        ("crashed", "timed out", "otherwise_changed", False),
        ("crashed", "failed", "otherwise_changed", False),
        ("failed", "blocked", "otherwise_changed", False),
        ("failed", "expected failure", "otherwise_changed", False),
        ("failed", "not applicable", "otherwise_changed", True),  # and so the verdict is incomplete
        ("failed", "passed", "newly_passing", False),
        ("expected failure", "unexpected pass", "newly_passing", True),  # which the verdict counts as wrong
        ("not applicable", "passed", "newly_passing", False),
        ("passed", "not run", "disappeared", True),  # and so the verdict is incomplete
    ],
)
def test_what_became_of_one_requirement(old: str, new: str, kind: str | None, worse: bool) -> None:
    one, other = result([judged("swap_module/x", old, "cpu")]), result([judged("swap_module/x", new, "cpu")])
    assert kinds_of(one, other) == ({kind: [("swap_module/x", "cpu")]} if kind else {})
    assert is_worse(one, other) is worse


def test_what_was_not_run_and_is_not_requested_disappears() -> None:
    one, other = result([judged("swap_module/x", "not run")]), result([judged("swap_module/y", "not run")])
    assert kinds_of(one, other) == {"appeared": [("swap_module/y", None)], "disappeared": [("swap_module/x", None)]}


def test_each_device_is_compared_with_itself() -> None:
    old = result([judged("swap_module/x", "failed", "cpu"), judged("swap_module/x", "passed", "meta")])
    new = result([judged("swap_module/x", "passed", "cpu"), judged("swap_module/x", "failed", "meta")])
    assert kinds_of(old, new) == {
        "newly_failing": [("swap_module/x", "meta")],
        "newly_passing": [("swap_module/x", "cpu")],
    }


def test_a_requirement_that_takes_a_device_in_one_version_only_is_compared_as_a_whole() -> None:
    plain = result([judged("swap_module/x")])
    on_devices = [judged("swap_module/x", "passed", "cpu"), judged("swap_module/x", "not applicable", "meta")]
    assert kinds_of(plain, result(on_devices)) == {}
    on_devices[1] = judged("swap_module/x", "failed", "meta")
    assert kinds_of(plain, result(on_devices)) == {"newly_failing": [("swap_module/x", None)]}
    assert kinds_of(result(on_devices), plain) == {"newly_passing": [("swap_module/x", None)]}


def test_the_verdict_counts_where_both_are_about_the_same() -> None:
    here, there = judged("swap_module/x", "passed", "cpu"), judged("swap_module/x", "failed", "cuda:0")
    old, new = result([here]), result([here, there], devices=["cpu", "cuda:0"])
    assert kinds_of(old, new) == {"appeared": [("swap_module/x", "cuda:0")]}
    assert is_worse(old, new) and not is_worse(new, old)
    added = judged("swap_module/y", "failed")
    assert not is_worse(old, result([here, added], specification="0.3.0"))
    assert is_worse(old, result([here], verdict=Verdict.INCOMPLETE))
    assert not is_worse(result([here], verdict=Verdict.INCOMPLETE), result([here, added]))


def test_other_words_of_a_specification_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = result([judged("swap_module/x"), judged("swap_module/gone"), judged("swap_module/y")])
    new = result(
        [judged("swap_module/x", sentence="Else."), judged("swap_module/y", level="SHOULD"), judged("swap_module/new")],
        specification="0.10.0",
    )
    assert main(["compare", *map(str, written(tmp_path, old=old, new=new))]) == 0
    said = capsys.readouterr().out
    assert "specification: 0.2.0 → 0.10.0" in said
    assert "Specification 0.2.0 does not have swap_module/new." in said
    assert "Specification 0.10.0 does not have swap_module/gone." in said
    assert "The sentences differ of swap_module/x, swap_module/y:" in said
    assert "The levels differ of swap_module/y (MUST → SHOULD)." in said
    gone = "swap_module/gone (MUST): passed (new result: specification 0.10.0 does not have it)"
    assert gone in " ".join(said.split())


def test_what_else_differs_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = [judged("swap_module/x"), judged("fqn_to_module/x")]
    old = result(both, where="torch", version="2.1.0", torch="2.1.0")
    only = results.Selection(["swap_module"], "MUST", ["cpu"])
    new = result(both[:1], devices=["cpu"], selection=only, partial=True, seed=7)
    assert main(["compare", *map(str, written(tmp_path, old=old, new=new))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "verdict: conforms → conforms (judged: swap_module only; MUST only)"
    for line in (
        "implementation: torch → ours.sparsity",
        "version: 2.1.0 → 1.0",
        "torch: 2.1.0 → 2.13.0+cpu",
        "devices: cpu, meta → cpu",
        "requested: all requirements → swap_module (MUST only) on cpu",
        "seed: 0 → 7",
        "  fqn_to_module/x (MUST): passed (new result: not requested in this run)",
        "nothing got worse",
    ):
        assert line in lines, line


def test_what_was_not_run_is_counted_and_failures_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [f"swap_module/x{number}" for number in range(5)]
    whole = result([judged(id) for id in ids])
    part = result([judged(id, "not run", message="the run was interrupted") for id in ids])
    main(["compare", *map(str, written(tmp_path, old=whole, new=part))])
    assert "\n  5 requirements: passed → not run\n    the run was interrupted\n" in capsys.readouterr().out
    main(["compare", *map(str, written(tmp_path, old=part, new=result([judged(id, "failed") for id in ids])))])
    assert ", ".join(f"{id} (MUST)" for id in ids[:2]) in capsys.readouterr().out


def test_devices_that_were_not_judged_are_named_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = result([judged("swap_module/x", device=device) for device in ("cpu", "a", "b")])
    new = result([judged("swap_module/x", device="cpu")], devices=["cpu"])
    main(["compare", *map(str, written(tmp_path, old=old, new=new))])
    assert "  swap_module/x (MUST) on a, b: passed (new result: not judged there)\n" in capsys.readouterr().out


@pytest.fixture
def worse(tmp_path: Path) -> list[str]:
    message = "raised ValueError: `a` | <script>\n\x1b[31mred"
    old = result([judged(f"swap_module/x{number}", "passed", device) for number in range(5) for device in ("a", "b")])
    failing = [judged("swap_module/x0", "failed", device, message=message) for device in ("a", "b")]
    blocked = [judged(f"swap_module/x{number}", "blocked", "a", message="missing") for number in (1, 2)]
    appeared = [judged(f"swap_module/y{number}") for number in range(6)]
    new = result([*failing, *blocked, *appeared], name="ours\nverdict: conforms")
    return list(map(str, written(tmp_path, old=old, new=new)))


def test_as_text(worse: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *worse]) == 1
    said = capsys.readouterr().out
    assert said.startswith("verdict: conforms → does not conform\n")
    assert said.endswith("\ngot worse: 4 newly failing, the verdict was conforms\n")
    assert "\nunchanged: 0 (a requirement counts once for each device)\n" in said
    assert "\nverdict" not in said
    assert "\x1b" not in said and "\\x1b[31mred" in said
    assert "\n  swap_module/x0 (MUST) on a, b: passed → failed\n    raised ValueError" in said
    assert "\n  swap_module/x1 (MUST), swap_module/x2 (MUST) on a: passed → blocked\n    missing\n" in said
    assert "\n  6 requirements: passed (old result: specification 0.2.0 does not have it)\n" in said


def test_a_long_message_is_not_cut_between_expected_and_got(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = [f"{place}:\n    expected 1\n    got      2" for place in "abc"]
    new = result([judged("swap_module/x", "failed", message="\n".join(places))])
    files = written(tmp_path, old=result([judged("swap_module/x")]), new=new)
    main(["compare", *map(str, files)])
    kept = indent("\n".join([*places[:2], "… (and 3 more)"]), "    ")
    assert f"passed → failed\n{kept}\n\n" in capsys.readouterr().out


def test_as_json(worse: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--json", *worse]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["worse"] is True and document["format_version"] == 1
    assert document["old"]["verdict"] == "conforms" and document["new"]["verdict"] == "does not conform"
    assert [(each["id"], each["device"], each["old"], each["new"]) for each in document["newly_failing"]][:2] == [
        ("swap_module/x0", "a", "passed", "failed"),
        ("swap_module/x0", "b", "passed", "failed"),
    ]
    assert len(document["appeared"]) == 6 and len(document["disappeared"]) == 6 and document["unchanged"] == 0


def test_as_markdown(worse: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *worse, "--markdown"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("**verdict: conforms → does not conform**\n\ngot worse: 4 newly failing")
    assert (
        "\n- `swap_module/x0` (MUST) on a, b: passed → failed\n\n  ```text\n  raised ValueError: `a` | <script>" in said
    )
    assert "\n- 6 requirements: passed" in said
    assert said.endswith("\nUnchanged: 0 (a requirement counts once for each device).\n")


def test_what_is_no_result_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (good,) = written(tmp_path, good=result())
    (tmp_path / "newer.json").write_text(good.read_text().replace('"format_version": ', '"format_version": 9'))
    (tmp_path / "half.json").write_text(good.read_text()[:200])
    assert main(["compare", str(tmp_path / "half.json"), str(tmp_path / "newer.json")]) == 2
    said = capsys.readouterr()
    first, second = said.err.splitlines()
    assert "half.json is not a" in first and "newer.json has format version 9" in second and said.out == ""
    assert main(["compare", str(good)]) == 2
    assert main(["compare", str(good), str(good), "--json", "--markdown"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
