"""The command ``mutate``: what it tells of a small implementation, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from running import TIME_LIMIT, command

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants are judged in forked processes")

#: One of the six names, in a module of a package: mutants that are told, that survive, and that cannot be imported.
TINY = """\
from torch.nn.utils.parametrize import is_parametrized

TABLE = {"any": any}["any"]


def module_contains_param(module, parametrization):
    spare = True
    return is_parametrized(module) and TABLE(
        isinstance(each, parametrization) for chain in module.parametrizations.values() for each in chain
    )
"""
EQUIVALENT = """\
[[equivalent]]
module = "tiny.code"
function = "module_contains_param"
before = "spare = True"
after = "spare = False"
reason = "Nobody reads it."
"""
#: Of which one mutant does not end.
SLOW = f"""\
import pathlib
import time
{TINY}

def pause():
    return 0


if pause() != 0:
    pathlib.Path("reached").touch()
    time.sleep(1000)
"""


def test_what_is_told_survives_and_is_equivalent(tmp_path: Path) -> None:
    package = tmp_path / "tiny"
    package.mkdir()
    (package / "__init__.py").write_text("from .code import module_contains_param\n")
    (package / "code.py").write_text(TINY)
    (package / "never_imported.py").write_text("spare = 1\n")
    (tmp_path / "list.toml").write_text(EQUIVALENT)
    arguments = ("mutate", "tiny", "--jobs", "2", "--equivalents", "list.toml", "--json", "m.json")
    ended = command(*arguments, cwd=tmp_path, env={"PYTHONPATH": "."})
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    found = json.loads((tmp_path / "m.json").read_text())
    fates = [each["fate"] for each in found["tried"]]
    assert {each["module"] for each in found["tried"]} == {"tiny.code"} and found["made"] == len(fates)
    assert fates.count("equivalent") == 1 and fates.count("broken") == 2 and fates.count("told") == len(fates) - 3
    by = {each["by"] for each in found["tried"] if each["fate"] == "told"}
    assert all(each.startswith("module_contains_param/") for each in by)
    first, second, *_, last = ended.stdout.splitlines()
    assert first == "importing tiny …" and second.startswith("mutating tiny, which meets ")
    told = len(fates) - 3
    assert last == f"{told} of {told + 1} mutants are told, {100 * told // (told + 1)} %, 1 equivalent"
    assert "(constant): Nobody reads it." in ended.stdout


def test_survivors_of_a_file_are_shown_and_a_reader_that_goes_away_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(TINY.replace("import is_parametrized", "import is_parametrized\nimport beside"))
    (tmp_path / "beside.py").touch()
    line = f'"{sys.executable}" -W ignore -m sparsifier_conformance mutate own.py --jobs 2 --json m.json'
    ended = subprocess.run(
        ["bash", "-c", f"{line} | tee all | head -1; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIME_LIMIT,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "importing own.py …\n", "")
    (survivor,) = [each for each in json.loads((tmp_path / "m.json").read_text())["tried"] if each["by"] is None]
    assert survivor["diff"].splitlines()[-3:] == [
        "-    spare = True",
        "+    spare = False",
        "     return is_parametrized(module) and TABLE(",
    ]


def test_an_interrupt_leaves_what_is_known(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    only = ["--only=module_contains_param", "--only=pause", "--json=m.json"]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "sparsifier_conformance", "mutate", "slow.py", "--jobs=1", *only],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    limit = time.monotonic() + TIME_LIMIT
    while not (tmp_path / "reached").exists() and time.monotonic() < limit:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=TIME_LIMIT)
    assert (process.returncode, errors) == (3, "")
    found = json.loads((tmp_path / "m.json").read_text())
    assert found["interrupted"] and 0 < len(found["tried"]) < found["made"]
    assert output.splitlines()[-1].endswith(f"interrupted after {len(found['tried'])} of {found['made']}")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("absent",), "no module named 'absent' can be imported for 'absent'"),
        pytest.param(("none.py",), "'none.py' meets no requirement without any change", marks=pytest.mark.exhaustive),
        (("reference", "--jobs", "0"), "jobs is '0'; it must be a whole number, 1 or more"),
        (("reference", "--time-limit", "soon"), "time-limit is 'soon'; it must be a whole number, 1 or more"),
        (("reference", "--equivalents", "absent.toml"), "absent.toml cannot be read: No such file or directory"),
        (("reference", "--json", "."), ". is a folder; give the name of a file in it"),
        (("none.py", "--json", "none.py"), "--json would overwrite none.py, which is read; give another name"),
    ],
)
def test_wrong_usage_is_one_line(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    (tmp_path / "none.py").write_text("x = 1\n")
    ended = command("mutate", *arguments, cwd=tmp_path)
    (line,) = ended.stderr.splitlines()
    assert ended.returncode == 2 and why in line and line.startswith("sparsifier-conformance: ")
