"""The command ``run``: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest

from expecting import TORCHS_SHOULDS
from running import TIME_LIMIT, command, interrupted, write_implementation
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results import file as results
from sparsifier_conformance.results.known import known, named
from sparsifier_conformance.results.records import Verdict
from sparsifier_conformance.specification import load

#: What imports an implementation in a process of its own, and is refused in process by other tests, too.
EXHAUSTIVE = pytest.mark.exhaustive


def test_the_reference_conforms_in_full(tmp_path: Path) -> None:
    few = ("--examples=2", "--exhaustive=2", "--device=cpu", "-n1")
    ended = command("run", "reference", *few, "--json", "result.json", "--junit", "result.xml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    likeness, verdict = ended.stdout.splitlines()[-2:]
    assert likeness.startswith("behaves like the reference (") and verdict == "verdict: conforms in full"
    assert ended.stdout.startswith("importing reference …\njudging reference by ")
    assert ended.stderr == "" and "\x1b" not in ended.stdout
    result = results.read(tmp_path / "result.json")
    assert result.verdict is Verdict.CONFORMS_IN_FULL
    of_the_specification = {(id, each.level, each.sentence) for id, each in load().requirements.items()}
    assert {(each.id, each.level, each.sentence) for each in result.requirements} == of_the_specification
    assert not result.partial
    assert {each.outcome for each in result.requirements} <= {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    assert result.implementation.name == "sparsifier_reference" and result.implementation.version
    cases = ElementTree.parse(tmp_path / "result.xml").getroot().iter("testcase")
    named = {each.get("value") for case in cases for each in case.iter("property") if each.get("name") == "requirement"}
    assert named == set(load().requirements)


@EXHAUSTIVE
@pytest.mark.skipif(not version("torch").startswith("2.13.0"), reason="what this release of torch is known to do")
def test_torch_conforms_but_for_what_is_known(tmp_path: Path) -> None:
    ended = command("run", "torch", "--examples=10", "--json", "result.json", cwd=tmp_path)
    result = results.read(tmp_path / "result.json")
    assert (ended.returncode, result.verdict) == (0, Verdict.CONFORMS)
    assert {each.id for each in result.requirements if each.outcome is Outcome.FAILED} == TORCHS_SHOULDS
    codes = [each for each in known().codes if set(each.fails) == TORCHS_SHOULDS]
    assert ended.stdout.splitlines()[-2:] == [f"behaves like {named(codes)}", "verdict: conforms"]
    assert any("2.13" in each.releases["torch"] for each in codes)
    for id in TORCHS_SHOULDS:
        assert id in ended.stdout  # failures with one cause share a heading
    assert re.search(r"swap_module +(\d+) of \1 +1 of 4\n", ended.stdout)


def test_a_broken_copy_does_not_conform(tmp_path: Path) -> None:
    body = (
        "class FakeSparsity(FakeSparsity):\n"
        "    def forward(self, x):\n"
        "        return torch.where(self.mask.bool(), x, 0)\n"
    )
    path = write_implementation(tmp_path / "broken.py", body)
    only = ("--only", "FakeSparsity/product", "--device", "cpu", "-n1")
    ended = command("run", path, *only, "--sarif", "result.sarif", cwd=tmp_path)
    assert ended.returncode == 1
    assert "FakeSparsity/product (MUST) failed on cpu" in ended.stdout
    assert "mask = torch.tensor(" in ended.stdout and re.search(r"expected .*\n +got ", ended.stdout)
    assert ended.stdout.splitlines()[-1] == "verdict: does not conform (judged: FakeSparsity/product only)"
    (told,) = json.loads((tmp_path / "result.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    line = path.read_text(encoding="utf-8").splitlines().index("class FakeSparsity(FakeSparsity):") + 1
    place = {"artifactLocation": {"uri": "broken.py"}, "region": {"startLine": line}}
    assert (told["ruleId"], told["locations"]) == ("FakeSparsity/product", [{"physicalLocation": place}])


def test_the_run_is_independent_of_the_folders_pytest_configuration(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "conftest.py").write_text("raise SystemExit('the conftest was read')")
    env = {
        "PYTEST_ADDOPTS": "--another-one",
        "PYTEST_PLUGINS": "absent",
        "PYTHONOPTIMIZE": "1",
        "PYTHONWARNINGS": "error",
    }
    write_implementation(tmp_path / "ours.py")
    ended = command("run", "ours", "--only", "module_contains_param/returns-bool", "-n1", cwd=tmp_path, env=env)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict: conforms (judged: module_contains_param/returns-bool only)" in ended.stdout


@EXHAUSTIVE
def test_a_file_that_is_called_like_a_module_of_python_is_judged(tmp_path: Path) -> None:
    """From the folder that it is in, where Python looks first."""
    write_implementation(tmp_path / "copy.py")
    ended = command("run", "copy.py", "--only", "module_contains_param/returns-bool", "-n1", cwd=tmp_path)
    if sys.version_info >= (3, 11):
        assert ended.returncode == 0, ended.stdout + ended.stderr
    else:
        assert "copy.py here hides the standard library's module of that name: rename it" in ended.stderr
    ended = command("run", "copy", "-n1", cwd=tmp_path)
    assert "copy is a module of the standard library; the file here is called copy.py" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "required: COMMAND"),
        (("judge", "torch"), "no command is called 'judge'; there are run, spec, "),
        (("run",), "required: WHERE"),
        (("run", "reference", "--sead", "1"), "unrecognized arguments: --sead"),
        (("run", "reference", "--seed", "x"), "seed is 'x'; it must be a whole number, 0 or more"),
        (("run", "reference", "--examples", "0"), "examples is '0'; it must be a whole number, 1 or more"),
        (("run", "reference", "--level", "may"), "level is 'may'; it must be must or should"),
        (
            ("run", "reference", "--only", "swap"),
            "no requirement or utility is called 'swap'; did you mean swap_module",
        ),
        pytest.param(("run", "reference", "--device", "gpu"), "no device is called 'gpu'", marks=EXHAUSTIVE),
        (("run", "reference", "--devce", "cpu"), "unrecognized arguments: --devce; did you mean --device?"),
        (("run", "reference", "--level", "must", "--only", "swap_module/kwargs-hooks"), "kwargs-hooks is SHOULD"),
        (("run", "reference", "--json", "r.x", "--junit", "r.x"), "--json and --junit both name r.x"),
        (("run", "reference", "--json", "wrong.py", "--expect", "wrong.py"), "--json would overwrite wrong.py"),
        (("run", "fails.py", "--json", "fails.py"), "--json would overwrite fails.py"),
        pytest.param(
            ("run", "sparsifier_reference.swap_module"),
            "did you mean sparsifier_reference --only swap_module?",
            marks=EXHAUSTIVE,
        ),
        pytest.param(("run", "relative.py"), "it is part of a package, so name it package.module", marks=EXHAUSTIVE),
        (("run", "inside.module"), "it is in src, which is not on Python's path"),
        (("run", "endless.py", "--timeout", "2"), "no end within 2 seconds"),
        (("run", "reference", "--json", "absent/r.json"), "there is no folder"),
        (("run", "reference", "--json", "."), "is a folder"),
        (("run", "reference", "--junit", "absent/r.xml"), "there is no folder"),
        (("run", "absent"), "no module named 'absent'"),
        (("run", "src"), "'src' is a folder; name a module in it"),
        (("run", "absent.py"), "'absent.py' cannot be imported: there is no such file"),
        pytest.param(("run", "wrong.py"), "syntax error in", marks=EXHAUSTIVE),
        pytest.param(("run", "exits.py"), "it calls sys.exit(1) when imported", marks=EXHAUSTIVE),
        pytest.param(("run", "fails.py"), "ZeroDivisionError: division by zero", marks=EXHAUSTIVE),
        (("run", "ends.py"), "it ends the process"),
        pytest.param(("run", "wrong.py:attribute"), "syntax error in", marks=EXHAUSTIVE),
        pytest.param(("run", "sparsifier_reference:swap_modul"), "did you mean 'swap_module'", marks=EXHAUSTIVE),
    ],
)
def test_bad_input_gets_one_line_and_no_result(tmp_path: Path, arguments: tuple[str, ...], complaint: str) -> None:
    (tmp_path / "wrong.py").write_text("def f(:\n")
    (tmp_path / "exits.py").write_text("import sys\nsys.exit(1)\n")
    (tmp_path / "fails.py").write_text("1 / 0\n")
    (tmp_path / "ends.py").write_text("import os\nos._exit(7)\n")
    (tmp_path / "relative.py").write_text("from . import other\n")
    (tmp_path / "endless.py").write_text("import time\n\ntime.sleep(1000)\n")
    (tmp_path / "src" / "inside").mkdir(parents=True)
    before = {path.name for path in tmp_path.iterdir()}
    more = (
        ("--json", "result.json", "-n1")
        if arguments[1:] and "--json" not in arguments and arguments[0] == "run"
        else ()
    )
    ended = command(*arguments, *more, cwd=tmp_path)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    errors = [line for line in ended.stderr.splitlines() if line]
    assert len(errors) == 1 and complaint in errors[0], ended.stderr
    assert not ended.stdout or (ended.stdout.startswith("importing ") and ended.stdout.count("\n") == 1)
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == before


def test_an_interrupted_run_is_incomplete_and_loses_nothing(tmp_path: Path) -> None:
    body = (
        "def module_contains_param(module, parametrization):\n"
        "    import pathlib, time\n"
        "    pathlib.Path('reached').touch()\n"
        "    time.sleep(1000)\n"
    )
    write_implementation(tmp_path / "slow.py", body)
    only = ["--only", "module_contains_param", "--only", "fqn_to_module/submodules"]
    ended = interrupted(tmp_path, "run", "slow.py", *only, "-n", "1", "--json", "result.json")
    output = ended.stdout + ended.stderr
    assert ended.returncode == 3, output
    result = results.read(tmp_path / "result.json")
    assert result.verdict is Verdict.INCOMPLETE
    outcomes = {each.id: each.outcome for each in result.requirements}
    assert outcomes["fqn_to_module/submodules"] is Outcome.PASSED
    assert outcomes["module_contains_param/returns-bool"] is Outcome.NOT_RUN
    assert "\nthe run was interrupted\nverdict: incomplete" in output and "Traceback" not in output
    assert re.search(r"module_contains_param +- +-\n", output)  # and not 0 of those that were not reached


def test_colour_only_on_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    only = ["--only", "module_contains_param/returns-bool", "-n1"]
    arguments = [sys.executable, "-m", "sparsifier_conformance", "run", "reference", *only]
    receiving, sending = pty.openpty()
    process = subprocess.Popen(
        arguments, cwd=tmp_path, stdout=sending, stderr=sending, env={**os.environ, "TERM": "xterm"}
    )
    os.close(sending)
    output = b""
    while True:
        try:
            read = os.read(receiving, 65536)
        except OSError:
            break
        if not read:
            break
        output += read
    assert process.wait(timeout=TIME_LIMIT) == 0
    assert b"\x1b[1m" in output and b"verdict: conforms" in output


def test_help_and_version(tmp_path: Path) -> None:
    assert "exit status: 0 conforms" in command("run", "--help", cwd=tmp_path).stdout
    assert command("--version", cwd=tmp_path).stdout.startswith("sparsifier-conformance ")


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    line = f'"{sys.executable}" -m sparsifier_conformance spec | head -n 1'
    ended = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=TIME_LIMIT)
    assert ended.stdout.startswith("# Specification") and ended.stderr == ""
