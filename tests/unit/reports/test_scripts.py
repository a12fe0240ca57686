"""Which script is shown, where scripts are written, and what is noted for those of processes that ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparsifier_conformance.files import make_folder, why_not_writable
from sparsifier_conformance.judging.processes.last_inputs import Notebook, arguments_of, last_of
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.reports.scripts import most_telling
from sparsifier_conformance.results.records import Judgement
from sparsifier_conformance.specification import Level


def test_a_folder_is_left_as_it_is_by_the_question_whether_it_will_do(tmp_path: Path) -> None:
    assert make_folder(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "is a file" in str(make_folder(tmp_path / "file"))
    assert "make it first" in str(make_folder(tmp_path / "no" / "such"))


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="where the kernel makes the files there are no others")
def test_the_cause_is_the_true_one() -> None:
    """Whoever asks may write there, by its mode, and no file can be made all the same."""
    said = str(why_not_writable(Path("/proc/a.json")))
    assert said.startswith("/proc/a.json cannot be written: no file can be made in /proc (") and "denied" not in said
    assert str(make_folder(Path("/proc"))).startswith("/proc cannot be written to: ")
    assert "there is no folder" not in str(make_folder(Path("/proc/a")))


def test_only_the_input_at_which_a_process_ended_is_kept(tmp_path: Path) -> None:
    notebook = Notebook(str(tmp_path), "gw0")
    notebook.note("a.py::test_longer", {"drawn": list(range(100))})
    notebook.note("a.py::test", {"drawn": 1})
    # A check that was long at many inputs tells of none, nor does one that ended before its first.
    assert last_of(str(tmp_path), "gw0", "a.py::test", limit=60.0) is None
    assert last_of(str(tmp_path), "gw0", "a.py::test_other", limit=None) is None
    assert last_of(str(tmp_path), "gw1", "a.py::test", limit=None) is None
    note = last_of(str(tmp_path), "gw0", "a.py::test", limit=None)
    assert note is not None and arguments_of(note) == {"drawn": 1}


def test_a_note_that_cannot_be_pickled_leaves_none(tmp_path: Path) -> None:
    notebook = Notebook(str(tmp_path), "gw0")
    notebook.note("a.py::test", {"drawn": 1})
    notebook.note("a.py::test", {"drawn": lambda: None})
    assert last_of(str(tmp_path), "gw0", "a.py::test", limit=None) is None


def _failure(level: Level, script: str | None, outcome: Outcome = Outcome.FAILED) -> Judgement:
    return Judgement("utility/slug", level, "It MUST hold.", None, outcome, 1.0, "message", reproducer=script)


def test_the_most_telling_is_the_first_of_a_must_that_is_not_long() -> None:
    long, short, shorter = _failure("MUST", "a\n" * 100), _failure("MUST", "a\nb"), _failure("MUST", "a")
    should, expected = _failure("SHOULD", "a"), _failure("MUST", "a", Outcome.EXPECTED_FAILURE)
    assert most_telling([should, long, short, shorter, expected]) is short
    assert most_telling([should, long]) is long
    assert most_telling([should, expected, _failure("MUST", None)]) is None
