"""The scripts that the action and the workflows call, run as they call them."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from running import ROOT, run
from sparsifier_conformance.results.records import FORMAT_VERSION
from workflows import load

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="bash is another one there")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which our command is, and `python` is this one."""
    (tmp_path / "bin").mkdir()
    _program(tmp_path / "bin" / "python", f'exec "{sys.executable}" "$@"')
    _program(tmp_path / "bin" / "sparsifier-conformance", f'exec "{sys.executable}" -m sparsifier_conformance "$@"')
    return f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"


def _program(file: Path, script: str) -> None:
    file.write_text(f"#!/usr/bin/env bash\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def _judge(folder: Path, path: str, **variables: str) -> tuple[int, dict[str, str], str]:
    """Run the action's script, and give its status, the step's outputs, and its summary."""
    output, summary = folder / "output", folder / "summary"
    env = {"PATH": path, "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "FOLDER": str(folder / "r")}
    ended = run("bash", ROOT / ".ci" / "judge", cwd=folder, env={**env, "NAME": "ours", **variables})
    pairs = (line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
    return ended.returncode, dict(pairs), summary.read_text(encoding="utf-8") if summary.exists() else ""


def test_the_action_judges_and_shows_it(tmp_path: Path, path: str) -> None:
    status, outputs, summary = _judge(
        tmp_path, path, IMPLEMENTATION="reference", ONLY="interface/names interface/parameters"
    )
    result = json.loads((tmp_path / "r" / "ours.json").read_text(encoding="utf-8"))
    assert status == 0
    assert outputs == {"status": "0", "verdict": result["verdict"], "result": str(tmp_path / "r" / "ours.json")}
    assert "interface" in summary
    assert {"ours.json", "ours.xml", "index.html", "table.md", "badge.json"} <= {
        f.name for f in (tmp_path / "r").iterdir()
    }


def test_what_cannot_be_judged_is_no_success(tmp_path: Path, path: str) -> None:
    status, outputs, summary = _judge(tmp_path, path, IMPLEMENTATION="--level=no; touch run")
    assert (status, outputs) == (2, {"status": "2"})
    assert summary.startswith("`--level=no; touch run` was not judged (exit status 2): sparsifier-conformance: ")
    assert not (tmp_path / "run").exists()


def test_what_is_given_is_handed_on(tmp_path: Path, path: str) -> None:
    _program(tmp_path / "bin" / "sparsifier-conformance", """printf '%s\\n' "$@" >asked; exit 3""")
    given = {"DEVICES": "cpu  meta\n", "ONLY": "swap_module", "EXPECT": "torch\nour failures.toml\n"}
    given |= {"LEVEL": "must", "EXAMPLES": "7", "SEED": "0", "TIMEOUT": "30"}
    status, outputs, summary = _judge(tmp_path, path, IMPLEMENTATION="*", **given)
    options = ["--device", "cpu", "--device", "meta", "--only", "swap_module"]
    options += ["--expect", "torch", "--expect", "our failures.toml"]
    options += ["--level", "must", "--examples", "7", "--seed", "0", "--timeout", "30"]
    files = ["--json", str(tmp_path / "r" / "ours.json"), "--junit", str(tmp_path / "r" / "ours.xml")]
    files += ["--reproducers", str(tmp_path / "r" / "reproducers")]
    assert summary == "`*` was not judged (exit status 3): nothing was judged; the log says more\n"
    assert (tmp_path / "asked").read_text(encoding="utf-8").splitlines() == ["run", *options, *files, "--", "*"]
    assert (status, outputs) == (3, {"status": "3"})


def test_the_action_installs_the_suite_and_what_is_asked_for(tmp_path: Path, path: str) -> None:
    _program(tmp_path / "bin" / "python", """printf '%s\\n' "$@" """)
    script = ROOT / ".ci" / "install"
    plain = run("bash", script, cwd=tmp_path, env={"PATH": path})
    assert plain.stdout.splitlines() == ["-m", "pip", "install", str(ROOT)]
    asked = {"TORCH": "2.13", "TORCH_INDEX": "an-index", "INSTALL": ".[all]\n-r  more.txt *"}
    full = run("bash", script, cwd=tmp_path, env={"PATH": path, **asked})
    expected = ["torch==2.13.*", "--extra-index-url", "an-index", ".[all]", "-r", "more.txt", "*"]
    assert full.stdout.splitlines()[4:] == expected


@pytest.mark.skipif(shutil.which("jq") is None, reason="these steps need jq, as the machines that they run on have it")
@pytest.mark.parametrize(
    ("workflow", "job", "variables", "status", "said"),
    [
        ("judge.yml", "versions", {"TORCH": " 2.10 2.4.1\n"}, 0, 'torch=["2.10","2.4.1"]\n'),
        ("judge.yml", "versions", {"TORCH": ""}, 0, 'torch=[""]\n'),
        ("gpu.yml", "runners", {"GPU_RUNNERS": '["a", ["b", "c"]]'}, 0, '"runner": ["b", "c"]'),
        ("gpu.yml", "runners", {}, 1, ""),
        ("gpu.yml", "runners", {"GPU_RUNNERS": "a"}, 1, ""),
        ("gpu.yml", "runners", {"GPU_RUNNERS": '["a'}, 1, ""),
        ("gpu.yml", "runners", {"GPU_RUNNERS": "[]"}, 1, ""),
    ],
)
def test_a_matrix_is_read_from_a_variable(
    tmp_path: Path, workflow: str, job: str, variables: dict[str, str], status: int, said: str
) -> None:
    steps = load(ROOT / ".github" / "workflows" / workflow)["jobs"][job]["steps"]
    script = next(step["run"] for step in steps if "run" in step)
    (tmp_path / "output").touch()
    runners = dict.fromkeys(("GPU_RUNNERS", "GPU_PAIR_RUNNERS", "ROCM_RUNNERS", "XPU_RUNNERS"), "")
    env = {**runners, **variables, "GITHUB_OUTPUT": str(tmp_path / "output")}
    ended = run("bash", "-e", "-c", script, cwd=ROOT, env=env)
    assert ended.returncode == status, ended.stderr
    output = (tmp_path / "output").read_text(encoding="utf-8")
    assert said in output and bool(said) == bool(output)


#: Of the result of a run, all that a page and a comparison need.
RESULT = {
    "format_version": FORMAT_VERSION,
    "suite_version": "0.3.0",
    "specification_version": "0.3.0",
    "verdict": "conforms",
    "partial": False,
    "implementation": {"where": "a.b", "name": "a.b", "version": "1.0", "file": "a/b.py"},
    "environment": {"torch": "2.13.0", "python": "3.11.7", "platform": "Linux", "devices": ["cpu"]},
    "selection": {"only": [], "level": "SHOULD", "devices": []},
    "seed": 0,
    "examples": 50,
    "exhaustive": 3,
    "started": "2026-11-24T11:18:45+00:00",
    "duration": 1.0,
    "requirements": [],
}


def _write_result(file: Path, *, verdict: str, level: str, outcome: str) -> None:
    requirement = {"id": "swap_module/some", "level": level, "sentence": "It MUST.", "device": None, "duration": 0.1}
    result = {**RESULT, "verdict": verdict, "requirements": [{**requirement, "outcome": outcome}]}
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(result), encoding="utf-8")


@pytest.mark.parametrize(
    ("earlier", "later", "status"),
    [
        (("conforms", "SHOULD", "failed"), ("conforms", "SHOULD", "failed"), 0),
        (("conforms in full", "MUST", "passed"), ("does not conform", "MUST", "failed"), 1),
        # Better is another verdict too.
        (("conforms", "SHOULD", "failed"), ("conforms in full", "SHOULD", "passed"), 1),
        (None, ("conforms", "SHOULD", "failed"), 0),
    ],
    ids=["same", "worse", "better", "first"],
)
def test_a_changed_verdict_fails(
    tmp_path: Path, path: str, earlier: tuple[str, str, str] | None, later: tuple[str, str, str], status: int
) -> None:
    for folder, what in (("stored", earlier), ("results", later)):
        if what is not None:
            verdict, level, outcome = what
            _write_result(tmp_path / folder / "py311.json", verdict=verdict, level=level, outcome=outcome)
    env = {"PATH": path, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    ended = run("bash", ROOT / ".ci" / "compare", "stored", "results", cwd=tmp_path, env=env)
    assert ended.returncode == status, ended.stdout + ended.stderr
    if status:
        assert "swap_module/some" in ended.stdout
        assert "swap_module/some" in (tmp_path / "summary").read_text(encoding="utf-8")


def test_a_failed_must_is_an_annotation(tmp_path: Path) -> None:
    (tmp_path / "ours.py").write_text("import torch\n\n\ndef swap_module(mod, mapping):\n    ...\n", encoding="utf-8")
    common = {"level": "MUST", "sentence": "It MUST.", "message": "expected 1: 100 %\ngot 2", "device": "cpu"}
    failed = {**common, "id": "swap_module/some", "outcome": "failed"}
    requirements = [
        failed,
        {**failed, "device": "cuda:0"},
        {**failed, "id": "swap_module/other", "message": "raised KeyError: 1 (ours.py, line 5)"},
        {**common, "id": "interface/names", "outcome": "passed"},
        {**common, "id": "module_to_fqn/some", "level": "SHOULD", "outcome": "failed"},
        {**common, "id": "module_to_fqn/other", "level": "SHOULD", "outcome": "unexpected pass", "message": None},
    ]
    result = {"implementation": {"file": str(tmp_path / "ours.py")}, "requirements": requirements}
    (tmp_path / "result.json").write_text(json.dumps(result), encoding="utf-8")
    script, env = ROOT / ".ci" / "annotate.py", {"GITHUB_WORKSPACE": str(tmp_path)}
    assert run(sys.executable, script, "result.json", cwd=tmp_path, env=env).stdout.splitlines() == [
        "::error file=ours.py,line=4,title=swap_module/some (MUST) failed on cpu%2C cuda%3A0"
        "::It MUST.%0Aexpected 1: 100 %25%0Agot 2",
        "::error file=ours.py,line=5,title=swap_module/other (MUST) failed on cpu"
        "::It MUST.%0Araised KeyError: 1 (ours.py, line 5)",
        "::error file=ours.py,title=module_to_fqn/other (SHOULD) unexpected pass on cpu::It MUST.",
    ]
    elsewhere = run(sys.executable, script, "result.json", cwd=tmp_path, env={"GITHUB_WORKSPACE": str(ROOT)}).stdout
    assert elsewhere.startswith("::error title=swap_module/some")


def test_a_build_that_was_not_requested_is_an_error_and_one_device_a_warning(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text(
        "from types import SimpleNamespace as Made\n"
        "__version__ = '2.13.1+rocm6.3'\n"
        "version = Made(cuda=None, hip='6.3.42', xpu=None)\n"
        "cuda = Made(device_count=lambda: 1, get_device_name=lambda index: 'some GPU')\n"
    )
    env = {"PYTHONPATH": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    script = ROOT / ".ci" / "devices.py"
    right = run(sys.executable, script, "2.13", "rocm6.3", "cuda", cwd=tmp_path, env=env)
    assert right.returncode == 0, right.stderr
    assert "::warning::1 cuda device:" in right.stdout and "cuda:0: some GPU" in right.stdout
    assert "- torch 2.13.1+rocm6.3, built for rocm6.3" in (tmp_path / "summary").read_text(encoding="utf-8")
    for requested in (("2.1", "rocm6.3"), ("2.13", "cu126")):
        wrong = run(sys.executable, script, *requested, "cuda", cwd=tmp_path, env=env)
        assert wrong.returncode == 1 and "::error::torch" in wrong.stdout


def test_a_page_takes_no_more_than_its_workflow_installs(tmp_path: Path) -> None:
    workflow = (ROOT / ".github" / "workflows" / "page.yml").read_text(encoding="utf-8")
    installed = re.search(r"pip install -c constraints\.txt ([\w ]+)$", workflow, re.MULTILINE)
    assert installed is not None
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    assert block is not None
    named = {name.replace("-", "_").lower() for name in re.findall(r'^ *"([\w-]+)', block[1], re.MULTILINE)}
    missing = named - set(installed[1].split()) | {"xdist"}
    assert "torch" in missing
    _write_result(tmp_path / "r" / "py311.json", verdict="conforms", level="MUST", outcome="passed")
    script = f"import sys; sys.modules.update(dict.fromkeys({sorted(missing)}))\n" + (
        "from sparsifier_conformance.cli.main import main\n"
        "sys.exit(main(['matrix', 'r/py311.json', '--html', 'page.html', '--markdown', 'table.md']))"
    )
    ended = run(sys.executable, "-c", script, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "page.html").stat().st_size > 1000
