"""The command ``mutate``: what it tells of a small implementation, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from running import TIME_LIMIT, command, interrupted
from sparsifier_conformance.mutation import forks, trying
from sparsifier_conformance.mutation.records import Fate, Mutation

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants are judged in forked processes")

#: One of the six names: its mutants are told, but for those of two spare lines; those of ``TABLE`` cannot be imported.
TINY = """\
from torch.nn.utils.parametrize import is_parametrized

TABLE = {"any": any}["any"]


def module_contains_param(module, parametrization):
    spare = True
    other = True
    if not is_parametrized(module):
        return False
    return TABLE(isinstance(one, parametrization) for chain in module.parametrizations.values() for one in chain)
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


if pause() == 1:
    pathlib.Path("reached").touch()
    time.sleep(1000)
"""


def never_ending() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0.1)
    while True:
        pass


@pytest.mark.parametrize(
    ("work", "time_limit", "ended"),
    [
        (lambda: time.sleep(1000), 2, "the time limit"),
        (never_ending, TIME_LIMIT, "the time limit"),
        (lambda: os._exit(0), TIME_LIMIT, "the end of its process"),
        (lambda: len(bytes(2 * forks.ROOM)), TIME_LIMIT, "the end of its process"),
    ],
)
def test_a_process_that_ends_without_a_result(work: Callable[[], object], time_limit: int, ended: str) -> None:
    with pytest.raises(forks.Ended, match=ended):
        forks.in_fork(work, time_limit)


def test_an_interrupt_within_a_fork_is_not_lost() -> None:
    """And what was forked does not stay."""
    os.register_at_fork(after_in_parent=lambda: signal.raise_signal(signal.SIGINT) if armed else None)
    armed, (end, begin) = [True], os.pipe()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell ignores in the background
    try:
        with pytest.raises(KeyboardInterrupt):
            forks.in_fork(lambda: time.sleep(1000), 2)
    finally:
        armed.clear()
        signal.signal(signal.SIGINT, before)
    os.close(begin)
    assert os.read(end, 1) == b""  # once nobody has the other end any more
    os.close(end)


def test_an_import_that_never_ends_is_ended(tmp_path: Path) -> None:
    (tmp_path / "never.py").write_text("import time\ntime.sleep(1000)\n")
    said = "cannot be imported within 2 seconds, which --time-limit sets: the time limit comes first"
    with pytest.raises(trying.Unusable, match=said):
        trying._find(str(tmp_path / "never.py"), 2)


def test_what_a_process_started_ends_with_it() -> None:
    end, begin = os.pipe()
    with pytest.raises(forks.Ended):
        forks.in_fork(lambda: subprocess.run(["sleep", "1000"], pass_fds=[begin]), 2)
    os.close(begin)
    assert os.read(end, 1) == b""  # once nobody has the other end any more
    os.close(end)


def test_a_process_prints_nothing_and_its_result_is_had(capfd: pytest.CaptureFixture[str]) -> None:
    assert forks.in_fork(lambda: os.write(1, b"noise") + os.write(2, b"noise"), TIME_LIMIT) == 10
    assert capfd.readouterr() == ("", "")


@pytest.mark.exhaustive
def test_what_is_told_survives_is_equivalent_and_is_broken(tmp_path: Path) -> None:
    package = tmp_path / "tiny"
    package.mkdir()
    (package / "__init__.py").write_text("from .code import module_contains_param\n")
    (package / "code.py").write_text(TINY)
    (package / "never_imported.py").write_text("spare = 1\n")
    (tmp_path / "list.toml").write_text(EQUIVALENT)
    command_line = f'"{sys.executable}" -W ignore -m sparsifier_conformance mutate tiny --jobs 2 --json m.json'
    ended = subprocess.run(  # a reader that goes away loses nothing
        ["bash", "-c", f"{command_line} --equivalents list.toml | head -1; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "importing tiny …\n", "")
    mutation = msgspec.json.decode((tmp_path / "m.json").read_bytes(), type=Mutation)
    assert {each.module for each in mutation.tried} == {"tiny.code"} and mutation.made == len(mutation.tried)
    told, broken = mutation.of(Fate.TOLD), mutation.of(Fate.BROKEN)
    assert all(str(each.by).startswith("module_contains_param/") for each in told)
    assert {each.before for each in broken} == {'TABLE = {"any": any}["any"]'}
    assert [each.after for each in mutation.of(Fate.EQUIVALENT)] == ["spare = False"]
    (survivor,) = mutation.of(Fate.SURVIVING)
    assert survivor.diff.splitlines()[3:-1] == ["     spare = True", "-    other = True", "+    other = False"]
    assert mutation.counted == len(told) + 2 and len(told) > 10


@pytest.mark.exhaustive
def test_an_interrupt_leaves_what_is_known(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    ended = interrupted(tmp_path, "mutate", "slow.py", "--jobs=1", "--only=pause", "--json=m.json")
    assert (ended.returncode, ended.stderr) == (3, "")
    assert ended.stdout.splitlines()[-1] == "0 of 1 mutant is told, 0 %, 1 surviving, interrupted after 1 of 3"
    mutation = msgspec.json.decode((tmp_path / "m.json").read_bytes(), type=Mutation)
    assert mutation.interrupted and [each.operator for each in mutation.tried] == ["None returned"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("absent",), "'absent' cannot be imported: no module named 'absent'"),
        pytest.param(
            ("none.py",),
            "'none.py' meets no requirement without any change",
            marks=pytest.mark.exhaustive,
        ),
        (("reference", "--jobs", "0"), "jobs is '0'; it must be a whole number, 1 or more"),
        (("reference", "--time-limit", "soon"), "time-limit is 'soon'; it must be a whole number, 1 or more"),
        (("reference", "--equivalents", "absent.toml"), "absent.toml cannot be read: No such file or directory"),
        (("reference", "--json", "."), ". is a folder; give the name of a file in it"),
        (("none.py", "--json", "none.py"), "--json would overwrite none.py, which is read; give another name"),
    ],
)
def test_wrong_usage_is_one_line(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    (tmp_path / "none.py").write_text("def fqn_to_module(model, path):\n    return model is path\n")
    ended = command("mutate", *arguments, cwd=tmp_path)
    (line,) = ended.stderr.splitlines()
    assert ended.returncode == 2 and why in line and line.startswith("sparsifier-conformance: ")
