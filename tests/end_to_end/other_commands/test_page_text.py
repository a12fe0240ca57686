"""The page that ``matrix --html`` writes, as text: what it allows, where it leads, how a verdict is marked."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from pages import results, write
from records import judged, result
from sparsifier_conformance.results.records import SmallModels
from sparsifier_conformance.specification import load


def test_the_page_allows_nothing_but_its_own_script(tmp_path: Path) -> None:
    write(tmp_path / "page.html", results())
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None and policy[1].startswith("default-src 'none'; ")
    assert "unsafe-inline" not in policy[1].partition("script-src")[2] and "http" not in policy[1]
    assert text.count("<script") == 1 and "&lt;script&gt;" in text


def test_a_date_leads_to_its_result_and_a_specification_to_its_text(tmp_path: Path) -> None:
    of_today = result(specification=load().version)
    later = msgspec.structs.replace(of_today, started="2026-02-02T00:00:00+00:00", specification_version="0.0.1")
    path = tmp_path / "page.html"
    write(path, [of_today, of_today])
    text = path.read_text(encoding="utf-8")
    assert 'begun on <a href="#results">2026-01-01</a>' in text and text.count('id="results"') == 1
    assert f'against specification <a href="#specification">{load().version}</a>' in text
    write(path, [of_today, later])
    text = path.read_text(encoding="utf-8")
    assert '<a href="#r1">2026-01-01</a>' in text and '<a href="#r2">2026-02-02</a>' in text
    assert re.search(r'<li id="r2">.*1.json, begun on 2026-02-02T00:00:00.00:00, took 1.5 s', text)
    assert "<td>0.0.1</td>" in text  # of which the page does not have the text


def test_small_models_are_claimed_where_they_were_tried(tmp_path: Path) -> None:
    tried = [None, SmallModels(1, ["a/b"]), SmallModels(7, []), SmallModels(7, ["a/b"])]
    write(tmp_path / "page.html", [msgspec.structs.replace(result(), small_models=each) for each in tried])
    said = re.findall("small models that were tried: ([^<]*)<", (tmp_path / "page.html").read_text(encoding="utf-8"))
    every = "all 2321 models of up to 3 modules"
    part = f"{every} (a/b ended before the last)"
    assert said == ["not said", "none", every, part]


def test_a_verdict_that_rests_on_expectations_looks_so(tmp_path: Path) -> None:
    known = [judged("swap_module/x"), judged("swap_module/y", "expected failure")]
    path = tmp_path / "page.html"
    write(path, [result(known)])
    assert (
        '<span class="verdict conforms limited">conforms</span> <span class="quiet">except for 1 expected failure'
        in path.read_text(encoding="utf-8")
    )
    known[1] = judged("swap_module/y", "expected failure", level="SHOULD")
    write(path, [result(known)])
    assert '<span class="verdict conforms">' in path.read_text(encoding="utf-8")
