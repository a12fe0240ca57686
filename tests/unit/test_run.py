"""The command ``run``: what it was given reaches the run, and what leads nowhere does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from records import result, written
from sparsifier_conformance import api
from sparsifier_conformance.cli import run as command
from sparsifier_conformance.cli.main import main
from sparsifier_conformance.judging.options import BY_NAME, TABLE, Option
from sparsifier_conformance.judging.processes.controller import Ending
from sparsifier_conformance.mutation import trying


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, Any]:
    """Return what a run would be given by the command."""
    seen: dict[str, Any] = {}

    def run(where: str, values: Mapping[str, Any], *, workers: int | None, output: bool) -> Ending:
        seen.update(values, where=where, workers=workers)
        return Ending(result())

    monkeypatch.setattr(api, "run", run)
    assert main(["run", "torch", *arguments]) == 0
    return seen


def test_every_option_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = _run(monkeypatch)
    expected = {each.name: [] if each.default == () else each.default for each in TABLE}
    assert seen == {**expected, "where": "torch", "workers": None}


def test_every_option_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["-n", "3", "--device", "meta", "--only", "swap_module", "--level", "must", "--examples", "7"]
    options += ["--seed", "8", "--exhaustive", "2", "--timeout", "9", "--fail-fast"]
    seen = _run(monkeypatch, *options)
    assert seen["workers"] == 3 and seen["fail-fast"] is True and seen["level"] == "must"
    assert (seen["device"], seen["only"]) == (["meta"], ["swap_module"])
    assert [seen[name] for name in ("examples", "seed", "exhaustive", "timeout")] == [7, 8, 2, 9]


def test_a_new_row_of_the_table_is_an_option_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Option("made-up", "a number", default=5, least=1)
    monkeypatch.setattr(command, "TABLE", (*TABLE, row))
    monkeypatch.setitem(BY_NAME, row.name, row)
    assert [_run(monkeypatch, *given)["made-up"] for given in ([], ["--made-up", "7"])] == [5, 7]


@pytest.mark.parametrize("command", ["run", "mutate"])
@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        ("absent", "no module named 'absent'"),
        ("absent.inner:attribute", "no module named 'absent'"),
        ("referense", "did you mean 'reference'?"),
        ("absent.py:attribute", "there is no such file"),
        ("two words", "is neither package.module"),
        (".", "is a folder"),
        pytest.param("a" * 5000, "File name too long", id="long"),
    ],
)
def test_what_leads_nowhere_is_refused_before_torch_is_imported(
    command: str,
    where: str,
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (tmp_path / "there.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pytest, "main", _Started.start)
    monkeypatch.setattr(trying, "_import_once", _Started.start)
    assert main([command, where]) == 2
    assert complaint in capsys.readouterr().err
    for which in ("there", "there.py", "there:attribute", "reference", "xml.absent", "torch:absent"):
        with pytest.raises(_Started):  # what could be there is looked for by importing it
            main([command, which])


class _Started(Exception):
    """What would import torch was begun."""

    @classmethod
    def start(cls, *_: Any, **__: Any) -> None:
        raise cls


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["rnu", "torch"], "no command is called 'rnu'; did you mean run? ("),
        (["xyz"], "no command is called 'xyz'; there are run, spec, compare,"),
        (["--verison"], "unrecognized arguments: --verison; did you mean --version?"),
        (["--vresion", "run"], "unrecognized arguments: --vresion; did you mean --version?"),
        (["run", "--devce=cpu"], "unrecognized arguments: --devce=cpu; did you mean --device?"),
        (["run", "torch", "--", "--devce"], "unrecognized arguments: --devce; did you mean --device?"),
        (["run", "--xyz"], "unrecognized arguments: --xyz ("),
        ([], "the following arguments are required: COMMAND ("),
        (["run"], "the following arguments are required: WHERE ("),
    ],
)
def test_what_was_misspelled_is_named_before_what_is_missing(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output, errors = capsys.readouterr()
    assert complaint in errors and errors.count("\n") == 1 and not output


@pytest.mark.parametrize(
    ("name", "hint"), [("device", "; did you mean 'devices'?"), ("model", "; did you mean 'models'?"), ("xyz", "")]
)
def test_a_parameter_that_is_none_is_met_with_the_one_that_was_meant(name: str, hint: str) -> None:
    given: dict[str, Any] = {name: "cpu"}
    with pytest.raises(api.WrongUsage) as caught:
        api.judge("torch", **given)
    assert str(caught.value) == f"judge has no {name!r}{hint}"


@pytest.mark.parametrize(
    "arguments",
    [
        *(["run", "torch", f"--{option.name}"] for option in TABLE if option.writes),
        ["mutate", "torch", "--json"],
        *(["matrix", "r.json", f"--{form}"] for form in ("html", "markdown", "badge")),
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[-1]}",
)
def test_a_dash_is_no_file_and_no_output(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    written(tmp_path, r=result())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pytest, "main", _Started.start)
    monkeypatch.setattr(trying, "_import_once", _Started.start)
    assert main([*arguments, "-"]) == 2
    output, errors = capsys.readouterr()
    assert not output and errors.count("\n") == 1
    assert ": - does not stand for standard output here: give /dev/stdout" in errors or arguments[-1] == "--reproducers"
    assert [each.name for each in tmp_path.iterdir()] == ["r.json"]
