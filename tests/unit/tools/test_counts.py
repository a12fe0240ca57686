"""The documents say what is there: numbers, versions, and the files that they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import counts
import rooms
from counts import documents, updated
from sources import ROOT, read
from sparsifier_conformance import __version__ as version

DOCUMENTS = documents()
#: A file or folder of the repository, as the documents name it: alone, or in a command.
NAMED = re.compile(r"[` ]((?:conformance|docs|reference|tests|\.ci|\.github)/[\w./-]*\w/?)[` ]")
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


@each_document
def test_a_document_says_what_is_counted(path: Path) -> None:
    assert updated(read(path)) == read(path), "run `python tests/tools/counts.py`"


@each_document
def test_a_mark_begins_no_line_of_text(path: Path) -> None:
    """There it would begin a block of HTML, and the rest of the line would not be read as Markdown."""
    assert re.search(r"^<!-- .*? -->.", read(path), re.MULTILINE) is None


@each_document
def test_what_a_document_names_exists(path: Path) -> None:
    text = read(path)
    links = re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []
    assert [name for name in NAMED.findall(text) if not (ROOT / name).exists()] == []


def test_the_readme_links_to_every_document() -> None:
    links = re.findall(r"\]\((docs/\w[\w-]*\.md)\)", read(ROOT / "README.md"))
    assert set(links) == {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}


def test_the_page_about_moving_has_a_heading_for_every_difference() -> None:
    headings = re.findall(r"^## (.*)$", read(ROOT / "docs" / "moving-from-torchao.md"), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+/[\w-]+)`", " ".join(headings))) == sorted(counts.moving())


def test_a_number_that_is_not_right_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "README.md"
    document.write_text("<!-- numbers: package-version -->9<!-- end -->, uses: o/sparsifier-conformance@v9.9.9\n")
    monkeypatch.setattr(counts, "ROOT", tmp_path)
    monkeypatch.setattr(counts, "documents", lambda: [document])
    assert counts.main(["--check"]) == 1 and "README.md: differs" in capsys.readouterr().out
    assert counts.main([]) == 0 and counts.main(["--check"]) == 0
    assert read(document) == (
        f"<!-- numbers: package-version -->{version}<!-- end -->, uses: o/sparsifier-conformance@v{version}\n"
    )


def test_the_tables_of_releases_are_written_on_request_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document, table = tmp_path / "releases.md", tmp_path / "matrix.md"
    document.write_text("<!-- numbers: releases -->\n| old |\n<!-- end -->\n")
    table.write_text("| new |\n| --- |\n")
    monkeypatch.setattr(counts, "ROOT", tmp_path)
    monkeypatch.setattr(counts, "documents", lambda: [document])
    assert counts.main(["--check"]) == 0 and "| old |" in read(document)
    assert counts.main(["--releases", str(table)]) == 0
    assert read(document) == "<!-- numbers: releases -->\n| new |\n| --- |\n<!-- end -->\n"


def test_a_room_that_imports_a_later_one_stands_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "!" not in counts.BLOCKS["imports"]()
    monkeypatch.setattr(rooms, "imported_rooms", lambda name: {"cli"} if name == "devices" else set())
    assert re.search(r"devices .*!$", counts.BLOCKS["imports"](), re.MULTILINE)
