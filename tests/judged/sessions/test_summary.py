"""What the summary and the result say of a session in which not everything was judged, or something was expected."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from running import write_implementation
from sparsifier_conformance.judging.processes.in_process import arguments_for
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results import file as results
from sparsifier_conformance.results.records import FORMAT_VERSION, Result, Verdict
from sparsifier_conformance.specification import load

FEW = ("examples=1", "exhaustive=1")


class Judging:
    """Judges in this process, and keeps what is printed and written."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.file = folder / "result.json"
        self.capfd = capfd

    def __call__(self, where: str | Path, *options: str) -> tuple[int, str, Result]:
        """Return the exit status, what is printed, and the result."""
        given = (f"--sparsifier-{each}" for each in (*options, f"json={self.file}"))
        status = pytest.main(arguments_for(where, *given))
        return int(status), self.capfd.readouterr().out, results.read(self.file)


@pytest.fixture
def judging(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Judging:
    return Judging(tmp_path, capfd)


def test_a_subset_says_so(judging: Judging) -> None:
    status, output, result = judging("torch", "only=fqn_to_module", "level=must", *FEW)
    assert (status, output.splitlines()[-1]) == (0, "verdict: conforms (judged: fqn_to_module only; MUST only)")
    assert result.partial and {each.level for each in result.requirements} == {"MUST"}
    ids = [id for id, each in load().requirements.items() if each.utility == "fqn_to_module" and each.level == "MUST"]
    assert [each.id for each in result.requirements] == ids


def test_a_device_that_is_missing_leaves_the_run_incomplete(judging: Judging) -> None:
    only = "only=swap_module/no-tensors-no-move"
    _, output, result = judging("reference", "device=cpu", "device=hpu", "device=xpu:7", only)
    assert result.verdict is Verdict.INCOMPLETE
    said = "hpu was requested, and is not available: torch "
    before, numbered, verdict = output.splitlines()[-3:]
    assert before.startswith(said) and verdict.startswith("verdict: incomplete")
    assert numbered.startswith("xpu:7 was requested, and is not available: torch ")
    begin, summary = output.split("judged    ", 1)
    assert begin.startswith(said, begin.index("hpu"))  # with the first check, when there is time to stop
    assert summary.count("finds no hpu device here") == 1
    outcomes = {each.device: each.outcome for each in result.requirements}
    assert outcomes == {"cpu": Outcome.PASSED, "hpu:0": Outcome.NOT_APPLICABLE, "xpu:7": Outcome.NOT_APPLICABLE}


def test_the_plainest_device_comes_first(judging: Judging) -> None:
    devices = ("fake:cuda", "hpu:0", "meta", "cpu")
    *_, result = judging("reference", *(f"device={each}" for each in devices), "only=swap_module/no-tensors-no-move")
    assert [each.device for each in result.requirements] == ["cpu", "hpu:0", "meta", "fake:cuda"]


def test_a_missing_name_is_one_failure_and_blocks_the_rest(judging: Judging, tmp_path: Path) -> None:
    ours = write_implementation(tmp_path / "ours.py", names=("swap_module",))
    only = ("only=interface", "only=swap_module", "only=module_to_fqn")
    status, output, result = judging(ours, *only, "device=cpu", *FEW)
    outcomes = {each.id: each.outcome for each in result.requirements}
    assert status == 1
    assert {id for id, outcome in outcomes.items() if outcome is Outcome.FAILED} == {"interface/names"}
    blocked = {id for id, outcome in outcomes.items() if outcome is Outcome.BLOCKED}
    assert blocked >= {id for id in outcomes if id.startswith("swap_module/")}
    assert blocked <= {id for id in outcomes if id.startswith(("swap_module/", "interface/"))}
    assert "swap_module:" in output and "got      'missing'" in output
    assert "missing: swap_module; to judge only what is there: --only module_to_fqn" in output


def test_a_run_that_is_blocked_alone_fails(judging: Judging, tmp_path: Path) -> None:
    ours = write_implementation(tmp_path / "ours.py", names=("module_contains_param",))
    status, output, _ = judging(ours, "only=module_contains_param")
    assert status == 1 and "verdict: does not conform" in output


def test_a_file_without_effect_and_a_link_are_in_the_summary(judging: Judging, tmp_path: Path) -> None:
    body = "def module_contains_param(module, parametrization):\n    return None\n"
    ours = write_implementation(tmp_path / "wrong.py", body)
    known = '[[expected]]\nid = "{}"\nreason = "known"\nlink = "https://example.org/1"\n'
    for name, id in (("known", "module_contains_param"), ("stale", "swap_module/kwargs-hooks")):
        (tmp_path / f"{name}.toml").write_text(known.format(id))
    expect = [f"expect={tmp_path / name}.toml" for name in ("known", "stale")]
    _, output, _ = judging(ours, "only=module_contains_param", "device=cpu", *expect)
    said = " ".join(output.split())
    assert "known (https://example.org/1)" in said
    assert "stale.toml has no effect: no entry of it holds for what was judged here" in said
    assert "known.toml has no effect" not in said


@pytest.mark.parametrize(
    ("body", "unfinished", "said"), [("return None", 0, "of up to 2 modules"), ("raise ValueError", 3, "1 example")]
)
def test_small_models_count_where_checks_finished(
    judging: Judging, tmp_path: Path, body: str, unfinished: int, said: str
) -> None:
    """However an error is worded."""
    body = body.replace("ValueError", "ValueError('in\\ntwo lines')")
    wrong = write_implementation(tmp_path / "wrong.py", f"def module_to_fqn(model, module, prefix=''):\n    {body}\n")
    _, output, result = judging(wrong, "only=module_to_fqn", "device=cpu", "examples=1", "exhaustive=2")
    (line,) = re.findall("^inputs .*", output, re.MULTILINE)
    assert line.endswith(said)
    assert result.small_models is not None and result.small_models.checks == 3
    assert len(result.small_models.unfinished) == unfinished


def test_small_models_that_were_not_reached_do_not_count(judging: Judging, tmp_path: Path) -> None:
    wrong = write_implementation(tmp_path / "wrong.py", "def module_to_fqn(model, module, prefix=''):\n    return 1\n")
    _, output, result = judging(wrong, "only=module_to_fqn", "fail-fast", *FEW)
    assert result.small_models is not None and len(result.small_models.unfinished) == 3
    assert "all " not in "".join(re.findall("^inputs .*", output, re.MULTILINE))


def test_the_result_file_is_json_that_others_can_read(judging: Judging) -> None:
    judging("reference", "only=module_contains_param/returns-bool")
    document = json.loads(judging.file.read_text(encoding="utf-8"))
    assert document["format_version"] == FORMAT_VERSION and document["verdict"] == "conforms"
    assert document["environment"]["devices"][:2] == ["cpu", "meta"]
