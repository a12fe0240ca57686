"""What a session refuses before it judges, in one line: as end_to_end/test_plugin.py does in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparsifier_conformance.judging.items import SUITE_FOLDER
from sparsifier_conformance.judging.processes.in_process import arguments_for


@pytest.mark.parametrize(
    ("where", "options", "complaint"),
    [
        ("", (), "no implementation is named"),
        ("absent", (), "no module named 'absent'"),
        ("reference", ("device=gpu",), "no device is called 'gpu'"),
        ("reference", ("only=swap",), "no requirement or utility is called"),
        ("reference", ("examples=0",), "must be a whole number, 1 or more"),
        ("reference", ("exhaustive=5",), "it must be 4 or less"),
        ("reference", ("seed=-1",), "must be a whole number, 0 or more"),
        ("reference", ("json=absent/x.json",), "there is no folder"),
        (
            "reference",
            ("fail-fast", "write-expected=known.toml"),
            "a run that stops at the first failure misses others",
        ),
    ],
)
def test_wrong_usage_is_one_line(
    where: str,
    options: tuple[str, ...],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    status = pytest.main(arguments_for(where, *(f"--sparsifier-{each}" for each in options)))
    output, errors = capfd.readouterr()
    assert status == pytest.ExitCode.USAGE_ERROR, output + errors
    (line,) = filter(None, errors.splitlines())
    assert complaint in line and "Traceback" not in output


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("-k", "theirs"), pytest.ExitCode.NO_TESTS_COLLECTED),  # which passes
        (("-k", "absent"), pytest.ExitCode.NO_TESTS_COLLECTED),
        (("--collect-only",), pytest.ExitCode.OK),  # which was not to judge
    ],
)
def test_a_session_that_judges_nothing_fails_and_says_why(
    options: tuple[str, ...], status: pytest.ExitCode, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "test_theirs.py"
    theirs.write_text("def test_theirs():\n    pass\n")
    modules = {SUITE_FOLDER / "module_to_fqn" / "test_cost.py", theirs}
    arguments = arguments_for("reference", "--import-mode=importlib", *options, modules=modules)
    assert pytest.main(arguments) == status
    says_so = "nothing was judged: no check was selected" in capfd.readouterr().out
    assert says_so == (status is not pytest.ExitCode.OK)


@pytest.mark.parametrize(
    ("options", "place", "selects"), [(("-k", "cost"), "", True), ((), "::test_linear_cost", True), ((), "", False)]
)
def test_that_checks_were_selected_one_by_one_is_told(
    options: tuple[str, ...], place: str, selects: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    module = SUITE_FOLDER / "module_to_fqn" / "test_cost.py"
    pytest.main([*arguments_for("reference", *options)[:-1], f"{module}{place}"])
    assert ("a requirement may have been judged by some of its checks only\n" in capfd.readouterr().out) == selects
