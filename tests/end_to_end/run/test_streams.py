"""Whatever becomes of its output, or whoever interrupts it: the command loses no result, and changes no verdict."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.metadata import version
from itertools import product
from pathlib import Path

import pytest

from records import result, written
from running import TIME_LIMIT, command, interrupted, run, write_implementation
from sparsifier_conformance.results import file
from sparsifier_conformance.results.records import Verdict
from sparsifier_conformance.specification import load

WRONG = "def module_contains_param(module, parametrization):\n    return None\n"
SLOW = """
def module_contains_param(module, parametrization):
    import pathlib, time
    pathlib.Path("reached").touch()
    time.sleep(1000)
"""
SLOW_TO_IMPORT = """
import pathlib, time
pathlib.Path("reached").touch()
time.sleep(1000)
"""
#: Begins the command, and interrupts it when the module NAME is imported.
INTERRUPTING = """
import os, signal, sys

def interrupt(event, arguments):
    if event == "import" and arguments[0] == "NAME":
        os.kill(os.getpid(), signal.KIND)

sys.addaudithook(interrupt)
from sparsifier_conformance.__main__ import main
sys.exit(main())
"""
#: Interrupts the process that judges, and the one that the user sees, when the report of the first check is made.
INTERRUPTS = """
import os, signal, sys

def interrupt(event, arguments):
    if event == "import" and arguments[0] == "sparsifier_conformance.outcomes.reproducer.writing":
        for process in os.getppid(), os.getpid():
            os.kill(process, signal.SIGINT)

sys.addaudithook(interrupt)
"""
RUN = "run wrong.py --only module_contains_param --device cpu --json r.json"
#: What others show in another way.
EXHAUSTIVE = pytest.mark.exhaustive

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shells and signals are others there")


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell, in which PROGRAM is the command."""
    line = line.replace("PROGRAM", f'"{sys.executable}" -m sparsifier_conformance')
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=TIME_LIMIT
    )


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=EXHAUSTIVE)])
def test_a_reader_that_goes_away_changes_nothing(tmp_path: Path, workers: int) -> None:
    write_implementation(tmp_path / "wrong.py", WRONG)
    ended = shell(f"PROGRAM {RUN} -n {workers} 2>errors | head -1; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "importing wrong.py …\n")
    assert file.read(tmp_path / "r.json").verdict is Verdict.DOES_NOT_CONFORM
    assert "Broken" not in (tmp_path / "errors").read_text()


@pytest.mark.parametrize("arguments", ["spec", "compare r.json r.json", "matrix r.json"])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, arguments: str) -> None:
    written(tmp_path, r=result())
    ended = shell(f"PROGRAM {arguments} | head -1; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "") and len(ended.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "status"), [(f"{RUN} -n 1", 3), ("spec", 3), ("run absent.py", 2), ("run wrong.py --only x", 2)]
)
def test_nothing_that_can_be_written_changes_no_status(tmp_path: Path, arguments: str, status: int) -> None:
    write_implementation(tmp_path / "wrong.py", WRONG)
    assert shell(f"PROGRAM {arguments} >/dev/full 2>/dev/full", tmp_path).returncode == status
    if arguments.startswith(RUN):
        assert file.read(tmp_path / "r.json").verdict is Verdict.DOES_NOT_CONFORM


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (f"{RUN} -n 1", ">&-"),
        pytest.param(f"{RUN} -n 1", ">/dev/full", marks=EXHAUSTIVE),
        *product(("spec", "compare r.json r.json", "matrix r.json", "mutate -h"), (">/dev/full", ">&-")),
    ],
)
def test_output_that_cannot_be_written_is_named(tmp_path: Path, arguments: str, where: str) -> None:
    write_implementation(tmp_path / "wrong.py", WRONG)
    written(tmp_path, r=result())
    ended = shell(f"PROGRAM {arguments} {where}", tmp_path)
    assert ended.returncode == 3 and ended.stdout == "" and "Traceback" not in ended.stderr
    *shown, last = ended.stderr.splitlines()
    why = "it is closed" if where == ">&-" else "No space left on device"
    assert last == f"sparsifier-conformance: standard output could not be written: {why}"
    if arguments.startswith(RUN):
        assert shown[-1].startswith("verdict: does not conform")
        assert file.read(tmp_path / "r.json").verdict is Verdict.DOES_NOT_CONFORM


@pytest.mark.parametrize(
    "output",
    [
        "--json /dev/full",
        pytest.param("--junit /dev/full", marks=EXHAUSTIVE),
        pytest.param("--sarif /dev/full", marks=EXHAUSTIVE),
    ],
)
def test_an_output_that_cannot_be_written_has_its_line(tmp_path: Path, output: str) -> None:
    write_implementation(tmp_path / "wrong.py", WRONG)
    ended = shell(f"PROGRAM {RUN} -n1 {output} --write-expected e.toml", tmp_path)
    lines = ended.stdout.splitlines()
    assert ended.returncode == 3 and lines[-1].startswith("verdict: does not conform"), ended.stdout + ended.stderr
    assert "/dev/full could not be written: No space left on device" in lines
    assert (tmp_path / "e.toml").exists() and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_only_what_an_encoding_lacks_is_escaped(tmp_path: Path, encoding: str) -> None:
    for arguments in (("run", "--help"), ("spec",)):
        lines = [
            command(*arguments, cwd=tmp_path, env={"PYTHONIOENCODING": each}).stdout.count("\n")
            for each in (encoding, "utf-8")
        ]
        assert lines[0] == lines[1] > 10


@pytest.mark.parametrize(
    ("body", "number", "kind", "of_group", "workers"),
    [
        pytest.param(SLOW, 1, "SIGINT", True, "1", marks=EXHAUSTIVE),  # as in test_command.py
        (SLOW, 3, "SIGINT", True, "2"),
        (SLOW, 1, "SIGTERM", False, "1"),
        pytest.param(SLOW_TO_IMPORT, 1, "SIGINT", True, "1", marks=EXHAUSTIVE),
        (SLOW_TO_IMPORT, 1, "SIGTERM", False, "1"),
    ],
)
def test_an_interrupt_leaves_a_whole_result(
    tmp_path: Path, body: str, number: int, kind: str, of_group: bool, workers: str
) -> None:
    write_implementation(tmp_path / "slow.py", body)
    only = ["--only", "module_contains_param", "--device", "cpu", "-n", workers, "--json", "r.json"]
    ended = interrupted(tmp_path, "run", "slow.py", *only, kind=signal.Signals[kind], times=number, of_group=of_group)
    output = ended.stdout + ended.stderr
    assert ended.returncode == 3 and "Traceback" not in output, output
    assert output.splitlines()[-1].startswith("verdict: incomplete"), output
    left = file.read(tmp_path / "r.json")
    assert left.verdict is Verdict.INCOMPLETE and left.environment.torch == version("torch")
    ids = [id for id, each in load().requirements.items() if each.utility == "module_contains_param"]
    assert [each.id for each in left.requirements] == ids


@pytest.mark.parametrize("kind", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("name", ["sparsifier_conformance.cli.main", "sparsifier_conformance.judging.session"])
def test_an_interrupt_that_comes_early_waits_until_it_leaves_a_result(tmp_path: Path, name: str, kind: str) -> None:
    """For as long as the command alone is imported, which needs no second, and from its first line on."""
    program = INTERRUPTING.replace("NAME", name).replace("KIND", kind)
    arguments = ("run", "reference", "--only", "module_contains_param", "-n1", "--json", "r.json")
    ended = run(sys.executable, "-c", program, *arguments, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (3, ""), ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("verdict: incomplete")
    assert file.read(tmp_path / "r.json").verdict is Verdict.INCOMPLETE


@EXHAUSTIVE
def test_an_interrupt_between_two_checks_leaves_standard_error_empty(tmp_path: Path) -> None:
    """Where pytest's hooks are at work, of which pluggy warns if one raises."""
    write_implementation(tmp_path / "interrupts.py", INTERRUPTS)
    ended = shell("PROGRAM run interrupts.py --only module_contains_param --device cpu -n1", tmp_path)
    assert (ended.returncode, ended.stderr) == (3, ""), ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("verdict: incomplete")


@EXHAUSTIVE
def test_a_process_that_ends_leaves_standard_error_empty(tmp_path: Path) -> None:
    """Though this one imports torch then, which warns where there is no NumPy."""
    write_implementation(tmp_path / "wrong.py", "import os\n" + WRONG.replace("return None", "os._exit(1)"))
    ended = shell("PROGRAM run wrong.py --only module_contains_param/returns-bool --device cpu -n1", tmp_path)
    assert (ended.returncode, ended.stderr) == (1, ""), ended.stderr


def test_results_as_other_programs_leave_them(tmp_path: Path) -> None:
    (path,) = written(tmp_path, good=result())
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / f"{encoding}.json").write_text(path.read_text(encoding="utf-8"), encoding=encoding)
    (tmp_path / "empty.json").touch()
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "self").symlink_to(tmp_path)
    ended = command("matrix", ".", cwd=tmp_path)
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    empty, loop = ended.stderr.splitlines()
    assert empty.endswith("empty.json is not a result file: it is empty") and "loop.json cannot be read" in loop
    assert ended.stdout.count("| ours") == 3
