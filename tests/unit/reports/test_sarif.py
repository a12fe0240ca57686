"""A result as SARIF, for code scanning."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
import pytest

from records import judged, result
from sparsifier_conformance.reports.sarif import document
from sparsifier_conformance.results.records import Implementation, Result, Verdict

CODE = "import torch\n\n\ndef swap_module(mod, mapping):\n    ...\n"
JUDGEMENTS = (
    judged("swap_module/some", "failed", "cpu", message="expected 1\ngot      2", smallest_input="x = 1"),
    judged("swap_module/some", "failed", "meta", message="expected 1\ngot      2"),
    judged("swap_module/other", "failed", message="raised KeyError: 1 (our code.py, line 5)"),
    judged("interface/names", "passed"),
    judged("module_to_fqn/x", "blocked", level="SHOULD"),
    judged("module_to_fqn/y", "unexpected pass", level="SHOULD"),
    judged("module_to_fqn/z", "expected failure"),
)


@pytest.fixture
def ours(tmp_path: Path) -> Result:
    """The result of a file in a folder."""
    (tmp_path / "our code.py").write_text(CODE, encoding="utf-8")
    where = str(tmp_path / "our code.py")
    return msgspec.structs.replace(result(JUDGEMENTS), implementation=Implementation(where, where, None, where))


def _run(result: Result, root: Path) -> dict[str, Any]:
    made = document(result, root)
    assert made["version"] == "2.1.0" and made["$schema"].endswith("/sarif-schema-2.1.0.json")
    (run,) = made["runs"]
    return dict(run)


def test_what_counts_against_an_implementation_stands_at_its_line(ours: Result, tmp_path: Path) -> None:
    told = _run(ours, tmp_path)["results"]
    lines = [[place["physicalLocation"]["region"]["startLine"] for place in each["locations"]] for each in told]
    assert [(each["ruleId"], each["level"], *line) for each, line in zip(told, lines, strict=True)] == [
        ("swap_module/some", "error", 4),
        ("swap_module/other", "error", 5),
        ("module_to_fqn/x", "warning", 1),
        ("module_to_fqn/y", "error", 1),
    ]
    assert told[0]["message"]["text"] == "MUST failed on cpu, meta\nexpected 1\ngot      2\nsmallest input:\nx = 1"
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in told}
    assert uris == {"our%20code.py"}


def test_each_requirement_is_a_rule(ours: Result, tmp_path: Path) -> None:
    rules = {each["id"]: each["shortDescription"]["text"] for each in _run(ours, tmp_path)["tool"]["driver"]["rules"]}
    assert rules == {each.id: each.sentence for each in JUDGEMENTS}


def test_what_is_elsewhere_has_an_absolute_address(ours: Result, tmp_path: Path) -> None:
    told = [each["locations"][0]["physicalLocation"] for each in _run(ours, tmp_path / "other")["results"]]
    (uri,) = {each["artifactLocation"]["uri"] for each in told}
    assert uri.startswith("file:///") and uri.endswith("/our%20code.py")
    assert Path(url2pathname(urlsplit(uri).path)) == (tmp_path / "our code.py").resolve()
    assert [each["region"]["startLine"] for each in told] == [4, 5, 1, 1]


def test_what_is_nowhere_has_no_place(ours: Result, tmp_path: Path) -> None:
    (tmp_path / "our code.py").unlink()
    for each in (ours, result(JUDGEMENTS)):
        assert not any(told["locations"] for told in _run(each, tmp_path)["results"])


def test_an_incomplete_run_does_not_look_as_if_all_were_well(tmp_path: Path) -> None:
    runs = [_run(result(verdict=verdict), tmp_path) for verdict in (Verdict.INCOMPLETE, Verdict.CONFORMS)]
    assert [each["invocations"] for each in runs] == [[{"executionSuccessful": whole}] for whole in (False, True)]
    assert not any(each["results"] for each in runs)
