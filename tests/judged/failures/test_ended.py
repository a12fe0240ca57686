"""What is reported of a check whose process ended: the input that it had reached, and its script."""

from __future__ import annotations

from pathlib import Path

from reproducing import ending_of, imported_by
from sparsifier_conformance.implementations.finding import load
from sparsifier_conformance.judging.introduction import Check, introduction
from sparsifier_conformance.judging.processes.ended import told
from sparsifier_conformance.judging.processes.last_inputs import Notebook, last_of
from sparsifier_conformance.outcomes.judged import Judged
from sparsifier_conformance.outcomes.outcome import Outcome

ID = "module_contains_param/own-tensors-only"
NODE = "suite/module_contains_param/test_tensors.py::test_own_tensors_only"
CHECK = Check(
    NODE, "sparsifier_conformance.suite.module_contains_param.test_tensors:test_own_tensors_only", ID, None, False
)
ENDED = Judged(ID, None, Outcome.CRASHED, "the process of the check ended")


def _told(folder: Path, check: Check = CHECK) -> Judged:
    Notebook(str(folder), "gw0").note(NODE, {"chains": {}})
    note = last_of(str(folder), "gw0", NODE, limit=None)
    assert note is not None
    return told(ENDED, check, note, 10.0, introduction(load("reference"), ("cpu",), [check]))


def test_it_has_the_input_and_a_script_of_it(tmp_path: Path) -> None:
    judged = _told(tmp_path)
    assert (judged.outcome, judged.message) == (ENDED.outcome, ENDED.message)
    assert judged.smallest_input == "chains = {}"
    script = judged.reproducer
    assert script is not None and imported_by(script) <= {"torch"}
    assert "# The input at which the process ended.\nchains = {}\n" in script and "timeout=20)" in script
    # What comes after the process that the script would start.
    alone = script.replace('"IN_ITS_OWN_PROCESS" not in os.environ', "False")
    assert alone != script and ending_of(alone, "sparsifier_reference") == "the end"


def test_it_has_the_input_where_there_can_be_no_script(tmp_path: Path) -> None:
    unknown = Check(NODE, CHECK.function, "module_contains_param/no-such", None, False)
    judged = _told(tmp_path, unknown)
    assert judged.smallest_input == "chains = {}" and judged.reproducer is None
