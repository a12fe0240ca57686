"""The mutation testing of the suite: what it makes of code, of the suite's answers, and of its list."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from mutants import Equivalent, Key, Mutant, Unusable, find_sources, make_mutants, read_equivalents
from mutation import IMPORT, PROCESS, TIME, Seen, report
from running import ROOT, run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="mutation testing needs os.fork")

#: One of the six names, with five mutants: three that the suite must kill, and two that nobody can tell.
TINY = """\
from torch.nn.utils.parametrize import is_parametrized

def module_contains_param(module: "Module | None", parametrization: "type[object] | None") -> "bool | None":
    spare: "int | None" = 1
    if not is_parametrized(module):
        return False
    chains = module.parametrizations.values()
    return any(isinstance(each, parametrization) for chain in chains for each in chain)
"""
SPARE: Key = ("tiny", "module_contains_param", 'spare: "int | None" = 1', 'spare: "int | None" = 2')


def mutation(folder: Path, *arguments: str) -> CompletedProcess[str]:
    script = ROOT / "tests" / "tools" / "mutation.py"
    return run(sys.executable, script, *arguments, cwd=folder, env={"PYTHONPATH": str(folder)})


def listing(folder: Path, *keys: Key) -> Path:
    names = ("module", "function", "before", "after")
    entries = ["".join(f"{name} = '{text}'\n" for name, text in zip(names, key, strict=True)) for key in keys]
    path = folder / "equivalent.toml"
    path.write_text("".join(f"[[equivalent]]\n{entry}reason = 'Nobody reads it.'\n" for entry in entries))
    return path


def mutants_of(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> list[Mutant]:
    (folder / "tiny.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    return make_mutants(find_sources("tiny")[0])[0]


@pytest.mark.exhaustive
def test_the_suite_kills_what_it_can_and_the_rest_survives(tmp_path: Path) -> None:
    package = tmp_path / "tiny"
    package.mkdir()
    (package / "__init__.py").write_text("from .code import module_contains_param\n")
    (package / "code.py").write_text(TINY)
    (package / "never_imported.py").write_text("spare = 1\n")
    path = listing(tmp_path, ("tiny.code", *SPARE[1:]))
    ended = mutation(tmp_path, "tiny", "--jobs=2", "--list", f"--equivalent={path}")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.count("is killed by module_contains_param/") == 3
    assert '-    spare: "int | None" = 1\n+    spare: "int | None" = 0\n' in ended.stdout.replace("=  ", "= ")
    assert "mutants 5: killed 3 (3 by a check), equivalent 1, survivors 1" in ended.stdout


@pytest.mark.parametrize("name", ["absent", "absent.module", "no module", "sys"])
def test_a_module_that_is_not_there_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    ended = mutation(tmp_path, name)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1 and repr(name) in ended.stderr


@pytest.mark.parametrize(
    ("killer", "said", "status"),
    [
        (None, "killed 0 (), equivalent 1, survivors 0", 0),
        ("swap_module/exact-type", "lists what is killed by swap_module/exact-type", 1),
        (TIME, "lists what is killed by the time limit", 1),
    ],
)
def test_a_listed_mutant_must_survive(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    killer: str | None,
    said: str,
    status: int,
) -> None:
    mutant = next(each for each in mutants_of(tmp_path, monkeypatch, TINY) if each.key == SPARE)
    path = listing(tmp_path, SPARE)
    assert report({mutant: Seen(killer)}, read_equivalents(path), path) == status
    assert said in capsys.readouterr().out


def test_a_listed_mutant_must_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = listing(tmp_path, SPARE)
    assert report({}, read_equivalents(path), path) == 1
    assert f"lists what is no mutant any more: {' | '.join(SPARE)}" in capsys.readouterr().out


def test_each_way_to_be_killed_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    killers = (IMPORT, PROCESS, TIME, "swap_module/exact-type", None)
    mutants = mutants_of(tmp_path, monkeypatch, TINY)
    seen = {mutant: Seen(killer) for mutant, killer in zip(mutants, killers, strict=True)}
    assert report(seen, [], tmp_path) == 1
    said = capsys.readouterr().out
    assert "mutants 5: killed 4 (" in said and "survivors 1" in said
    assert all(f"1 by {way}" in said for way in (IMPORT, PROCESS, TIME, "a check"))
    assert f"survivor {mutants[-1]}" in said and f"timed out {mutants[2]}" in said


def test_annotations_are_not_mutated_and_their_values_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "x: int | None = 1\ndef f(a: int | None = 2, *b: int | None) -> int | None:\n    y: 1 | 2\n    return 1 | 2\n"
    )
    mutants = mutants_of(tmp_path, monkeypatch, text)
    unchanged = ("x: int | None =", "def f(a: int | None =", "y: 1 | 2", "return ")
    assert all(mutant.after.startswith(unchanged) for mutant in mutants)
    assert all("*b: int | None) -> int | None:" in mutant.after for mutant in mutants if "def" in mutant.after)
    assert {mutant.before.partition(" ")[0] for mutant in mutants} == {"x:", "def", "return"}


def test_edits_elsewhere_leave_ids_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = mutants_of(tmp_path, monkeypatch, TINY)
    after = mutants_of(tmp_path, monkeypatch, f"import math\n\n{TINY}\ndef other() -> int:\n    return math.floor(1)\n")
    assert [each.id for each in before] == [each.id for each in after if each.function != "other"]
    assert len({each.id for each in after}) == len(after) > len(before)


def test_a_package_gives_the_code_of_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "a_package" / "inner"
    package.mkdir(parents=True)
    for path in (
        package.parent / "__init__.py",
        package.parent / "one.py",
        package / "__init__.py",
        package / "two.py",
    ):
        path.write_text("raise ImportError('nobody imports this')\n")
    monkeypatch.syspath_prepend(tmp_path)
    names = [source.name for source in find_sources("a_package")]
    assert sorted(names) == ["a_package", "a_package.inner", "a_package.inner.two", "a_package.one"]


@pytest.mark.parametrize(
    "text", ["[[equivalent]]\nmodule = 'm'\n", "[[equivalent]\n", "other = 1\n", "[[equivalent]]\nmodule = 1\n"]
)
def test_a_list_that_is_not_one_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "equivalent.toml"
    path.write_text(text)
    with pytest.raises(Unusable, match=r"equivalent\.toml"):
        read_equivalents(path)
    with pytest.raises(Unusable, match="twice"):
        read_equivalents(listing(tmp_path, SPARE, SPARE))


def test_every_reason_is_given() -> None:
    listed: list[Equivalent] = read_equivalents(ROOT / "tests" / "tools" / "equivalent_mutants.toml")
    assert all(entry.reason.strip().endswith(".") for entry in listed)
