"""The command ``matrix``: the table in Markdown, the badge, the files that are refused, and what is imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from records import judged, result, written
from sparsifier_conformance.cli.main import main
from sparsifier_conformance.reports import badge, markdown, table
from sparsifier_conformance.reports.columns import Name, columns, joint
from sparsifier_conformance.results import records as results
from sparsifier_conformance.results.records import Result, Verdict

VERSION = results.FORMAT_VERSION


def shown(*several: Result) -> str:
    return markdown.page(table.make([(Path(f"{number}.json"), each) for number, each in enumerate(several)]))


def named(*several: Result) -> list[str]:
    made = columns([(Path(f"{number}.json"), each) for number, each in enumerate(several)])
    return [str(column.name) for column in made]


def test_a_name_says_what_distinguishes_results() -> None:
    torch: dict[str, Any] = {"where": "torch", "name": "torch.ao.pruning.sparsifier.utils"}
    ours: dict[str, Any] = {"where": "ours.sparsity", "version": "1.0+local"}
    one, other = result(**torch, version="2.1.0+cpu", torch="2.1.0+cpu"), result(**torch, version="2.13.0")
    assert named(other, one, result(**ours)) == ["torch 2.1.0", "torch 2.13.0", "ours 1.0"]
    assert named(one, result(**ours), result(**ours, torch="2.1.0")) == [
        "torch 2.1.0",
        "ours 1.0 (torch 2.1.0)",
        "ours 1.0 (torch 2.13.0)",
    ]
    assert named(result(**ours), result(**ours)) == ["ours 1.0 (0.json)", "ours 1.0 (1.json)"]
    assert named(result(where="ours.a"), result(where="ours.b")) == ["ours 1.0 (0.json)", "ours 1.0 (1.json)"]
    assert named(result(where="some/where.py:Ours", version=None)) == ["where.py:Ours"]
    assert named(result(where="ours.sparsity:Other", version=None)) == ["ours:Other"]


def test_a_joint_name_has_each_implementation_once() -> None:
    names = [Name("ours", "1.0 (torch 2.1)"), Name("ours", "1.0 (torch 2.2)"), Name("file.py", ""), Name("ours", "2.0")]
    assert joint(names) == "ours 1.0 (torch 2.1), 1.0 (torch 2.2), 2.0; file.py"


def test_the_link_of_an_expected_failure_is_there() -> None:
    known = judged("swap_module/x", "expected failure", reason="it_recurses (https://example.org/a_b)")
    assert "- `swap_module/x`: it_recurses (<https://example.org/a_b>)" in shown(result([known]))


def test_a_table_for_a_readme() -> None:
    always = [judged("fqn_to_module/same", "passed", "cpu"), judged("fqn_to_module/same", "not applicable", "meta")]
    always.append(judged("fqn_to_module/never", "failed"))
    last, first = judged("swap_module/last"), judged("swap_module/first", level="SHOULD")
    known = [judged(f"swap_module/known-{number}", "expected failure", level="SHOULD") for number in range(3)]
    blocked = [judged(f"swap_module/x{number}", "blocked") for number in range(4)]
    there = [judged(f"swap_module/x{number}") for number in range(4)]
    good = [judged(each.id, level="SHOULD") for each in known]
    torch: dict[str, Any] = {"where": "torch", "name": "torch"}
    old = result([*always, last, first, *blocked, *good], **torch, version="2.0.1")
    same = result([*always, last, first, *blocked, *good], **torch, version="1.13.1")
    mixed = [judged("swap_module/last", "failed", "meta"), judged("swap_module/last", "passed", "cpu")]
    new = result([*always, *mixed, first, *there, *known], **torch, version="2.10.0")
    fine = result([*always, last, judged(first.id, "failed", level="SHOULD"), *there, *good], **torch, version="2.9.0")
    text = shown(old, new, same, fine)
    lines = text.splitlines()
    assert lines[2] == "| torch 1.13.1 | **does not conform** | 2 of 7 | 4 of 4 |"
    head = lines.index("| requirement |  | torch 1.13.1, 2.0.1 | torch 2.9.0 | torch 2.10.0 |")
    assert lines[head + 2 :] == [
        "| **swap_module** |  |  |  |  |",
        "| `last` | MUST | passed | passed | **failed on meta** |",
        "| 4 requirements | MUST | **blocked** | passed | passed |",
        "| `first` | SHOULD | passed | **failed** | passed |",
        *(f"| `known-{number}` | SHOULD | passed | passed | expected failure |" for number in range(3)),
        "",
        "1 requirement: passed everywhere",
        "",
        "1 requirement: failed everywhere (`fqn_to_module/never` MUST)",
    ]


def test_what_was_not_judged_is_no_difference() -> None:
    whole = result([judged("swap_module/x"), judged("fqn_to_module/y", "failed")])
    only = results.Selection(["swap_module"], "SHOULD", [])
    part = result([judged("swap_module/x")], selection=only, partial=True, where="part")
    other = result([judged("swap_module/x")], where="other", specification="0.1.0")
    made = table.make([(Path("a"), whole), (Path("b"), part), (Path("c"), other)])
    row = next(row for row in made.rows if row.id == "fqn_to_module/y")
    assert [cell.reason for cell in row.cells] == [
        "",
        "not requested in this run",
        "specification 0.1.0 does not have it",
    ]
    assert not row.differs and not row.everywhere
    text = shown(whole, part, other)
    assert "1 requirement: failed wherever judged (`fqn_to_module/y` MUST)" in text
    assert "follow different specifications (0.1.0, 0.2.0); 1 requirement is not in all of them" in text


def test_whatever_a_file_holds_stays_text_in_markdown() -> None:
    id = "swap_module/a|b` <script>\x1b"
    hostile = result([judged(id, "failed")], where="<img src=x> | *_x_* [a](b)\n\u202e", version="1\x1b")
    text = shown(hostile, result([judged(id)]))
    assert "&lt;img src=x&gt; \\| \\*\\_x\\_\\* \\[a\\](b) \\\\u202e" in text
    assert "<img" not in text and "\x1b" not in text and "\u202e" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in rows[-4:]}) == 1
    assert "`` a\\|b` <script>\\x1b ``" in text


def test_the_badge_never_says_more_than_the_worst() -> None:
    fine, wrong = result(), result([judged("swap_module/x", "failed")])
    part = result(partial=True)
    incomplete = result(verdict=Verdict.INCOMPLETE)

    def message(*several: Result, refused: int = 0) -> tuple[str, str]:
        document = json.loads(badge.endpoint(several, refused))
        assert document["schemaVersion"] == 1 and document["label"] == "sparsifier conformance"
        return document["message"], document["color"]

    green, yellow, red = "1a7f37", "8a6100", "b3261e"
    assert message(fine) == ("conforms", green)
    assert message(wrong) == ("does not conform", red)
    assert message(incomplete) == ("incomplete", yellow)
    assert message(part) == ("conforms (in part)", green)
    assert message(fine, fine) == ("conforms", green)
    assert message(fine, wrong, incomplete) == ("1 of 3 conform", red)
    assert message(fine, incomplete) == ("1 of 2 conform", yellow)
    assert message(fine, refused=1) == ("1 of 2 conform", yellow)
    known = result([judged("swap_module/x", "expected failure"), judged("swap_module/y")])
    assert message(known) == ("conforms (except for expected failures)", yellow)
    assert message(result([judged("swap_module/x", "expected failure", level="SHOULD")])) == ("conforms", green)


def test_files_that_are_no_results_are_refused_and_the_others_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (good,) = written(tmp_path, good=result())
    text = good.read_text()
    (tmp_path / "half.json").write_text(text[: len(text) // 2])
    (tmp_path / "newer.json").write_text(
        text.replace(f'"format_version": {VERSION}', f'"format_version": {VERSION + 1}')
    )
    (tmp_path / "deep.json").write_text(f'{{"format_version": {VERSION}, "x": ' + "[" * 100_000)
    refused = ["half.json", "newer.json", "deep.json", "absent.json"]
    paths = [str(tmp_path / name) for name in ["good.json", *refused, "good.json"]]
    made = tmp_path / "page.html", tmp_path / "table.md", tmp_path / "badge.json"
    options = ["--html", str(made[0]), "--markdown", str(made[1]), "--badge", str(made[2])]
    assert main(["matrix", *paths, *options]) == 1
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert [next(name for name in refused if name in line) for line in lines] == refused
    assert said.out == f"1 result written to {', '.join(map(str, made))}\n"
    assert f"format version {VERSION + 1}" in made[0].read_text() and "Not shown:" in made[1].read_text()
    assert "1 of 5 conform" in made[2].read_text()
    assert made[1].read_text().count("| ours 1.0 |") == 1
    for path in made:
        path.unlink()
    assert main(["matrix", *paths[1:-1], *options]) == 2
    assert not any(path.exists() for path in made)


def test_a_folder_stands_for_the_results_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, good=result())
    (tmp_path / "page.html").touch()
    assert main(["matrix", str(tmp_path)]) == 0
    assert "ours" in capsys.readouterr().out
    (tmp_path / "empty").mkdir()
    assert main(["matrix", str(tmp_path / "empty")]) == 2
    assert "empty is a folder without .json files" in capsys.readouterr().err


def test_a_badge_among_the_results_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, good=result())
    for _ in range(2):  # and it can be written anew
        assert main(["matrix", ".", "--badge", "badge.json"]) == 0
    assert main(["matrix", "good.json", "badge.json"]) == 0
    assert capsys.readouterr().err == ""
    (tmp_path / "theirs.json").write_text('{"schemaVersion": 1, "label": "theirs"}')
    assert main(["matrix", "."]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "theirs.json is not a result file" in said
    assert main(["matrix", "badge.json"]) == 2
    assert "there is nothing but a badge; give the results" in capsys.readouterr().err


def test_without_a_file_to_write_the_markdown_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", str(written(tmp_path, a=result())[0])]) == 0
    assert capsys.readouterr().out.startswith("| result | verdict | MUST passed |")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((), "required: RESULT"),
        (("a.json", "--badge", "badge.svg"), "badge.svg: --badge writes JSON"),
        (("a.json", "--html", "absent/page.html"), "there is no folder"),
        (("a.json", "--markdown", "."), "is a folder"),
        (("a.json", "--badge", "a.json"), "a.json is one of the results"),
        (("a.json", "--html", "x.md", "--markdown", "x.md"), "need a file each"),
    ],
)
def test_wrong_usage_gets_one_line_and_writes_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = written(tmp_path, a=result())[0].read_bytes()
    assert main(["matrix", *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"] and (tmp_path / "a.json").read_bytes() == before


def test_each_failure_is_named_however_many_there_are() -> None:
    ids = [f"swap_module/{number}" for number in range(6)]
    text = shown(result([judged(id, "failed") for id in ids]), result([judged(id) for id in ids]))
    for number in range(6):
        assert f"| `{number}` | MUST | **failed** | passed |" in text
