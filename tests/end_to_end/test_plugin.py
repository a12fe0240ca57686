"""The plugin in somebody else's project: what it does there, and what it leaves alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from running import pytest_in, run, write_implementation
from sparsifier_conformance.judging.processes.in_process import arguments_for
from sparsifier_conformance.results.file import read
from sparsifier_conformance.results.records import Verdict

SUITE = ("--pyargs", "sparsifier_conformance.suite")
ONLY = "--sparsifier-only=module_contains_param"
STRICT = """\
[tool.pytest.ini_options]
testpaths = ["tests", "sparsifier_conformance.suite"]
addopts = "--pyargs --strict-markers --strict-config"
filterwarnings = ["error"]
markers = ["ours: a marker of the project"]
sparsifier_implementation = "ours"
sparsifier_only = ["module_contains_param/follows-removal", "FakeSparsity/product"]
sparsifier_device = ["cpu"]
sparsifier_examples = 5
"""
THEIR_TESTS = """\
import signal
import pytest
from hypothesis import given, settings, strategies as st

@pytest.fixture
def implementation():
    return "theirs"

@pytest.mark.ours
def test_fixture(implementation):
    assert implementation == "theirs"

def test_interrupts_come_through():
    if hasattr(signal, "pthread_sigmask"):
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])

@given(st.integers())
def test_property(number):
    assert settings.default.derandomize is False or settings.get_current_profile_name() == "ci"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with tests, strict settings and an implementation of its own."""
    write_implementation(tmp_path / "ours.py")
    (tmp_path / "pyproject.toml").write_text(STRICT + 'pythonpath = ["."]\n')
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_theirs.py").write_text(THEIR_TESTS)
    (tmp_path / "conftest.py").write_text(
        "import pytest\n\n@pytest.fixture(scope='session')\ndef implementation():\n    return 'of the conftest'\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    "more",
    [
        pytest.param((), marks=pytest.mark.exhaustive),
        ("-n", "1"),
        pytest.param(("--import-mode=importlib",), marks=pytest.mark.exhaustive),
    ],
)
def test_plain_pytest_runs_the_suite_beside_the_projects_tests(project: Path, more: tuple[str, ...]) -> None:
    ended = pytest_in(project, *more)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "passed" in ended.stdout and "failed" not in ended.stdout
    assert (
        "verdict: conforms (judged: module_contains_param/follows-removal, FakeSparsity/product only)" in ended.stdout
    )
    assert "warnings summary" not in ended.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_an_interrupt_while_workers_are_started_leaves_a_result(project: Path) -> None:
    """Which pytest alone would end before its session has begun, without a summary."""
    (project / "conftest.py").write_text(
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored\n"
        "def pytest_xdist_setupnodes():\n    signal.raise_signal(signal.SIGINT)\n"
    )
    ended = pytest_in(project, "-n1", "--sparsifier-json=r.json")
    assert ended.returncode == pytest.ExitCode.INTERRUPTED, ended.stdout + ended.stderr
    assert "\nnothing was judged: the run was interrupted\nverdict: incomplete; " in ended.stdout
    assert read(project / "r.json").verdict is Verdict.INCOMPLETE
    assert "Traceback" not in ended.stdout + ended.stderr and "INTERNALERROR" not in ended.stdout


def test_a_failure_is_told_once_in_the_words_of_the_requirement(project: Path) -> None:
    write_implementation(project / "ours.py", "def module_contains_param(module, parametrization):\n    return False\n")
    ended = pytest_in(project)
    assert ended.returncode == 1
    assert "module_contains_param/follows-removal (MUST)\n" in ended.stdout
    assert ended.stdout.count("alone:\n    expected True\n    got      False") == 1  # and not in the summary too
    hint = "\n\n--sparsifier-reproducers DIR writes a script of each failure\n"
    assert f"module_contains_param/follows-removal (MUST) failed{hint}" in ended.stdout
    assert "verdict: does not conform" in ended.stdout
    assert "hypothesis/core.py" not in ended.stdout


def test_checks_that_cannot_be_collected_are_missed(project: Path) -> None:
    """In workers, too, which go on without them."""
    hidden = "sparsifier_conformance.suite.module_contains_param.test_tensors"
    write_implementation(project / "ours.py", f"\nimport sys\nsys.modules[{hidden!r}] = None\n")
    ended = pytest_in(project, "-n1", "--sparsifier-only=module_contains_param")
    assert "\nthe checks of module_contains_param/test_tensors.py are missing: " in ended.stdout
    assert ended.returncode != 0 and "verdict: incomplete" in ended.stdout


def test_the_projects_own_tests_alone_do_not_load_the_implementation(project: Path) -> None:
    (project / "ours.py").write_text("raise SystemExit('imported')")
    ended = pytest_in(project, "tests")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict" not in ended.stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((), "no implementation is named"),
        (("--sparsifier-implementation=absent", "-n1"), "no module named 'absent'"),
        (("--sparsifier-implementation=ends.py", "-n1"), "it ends the process"),
        (("--sparsifier-implementation=reference", "--sparsifier-device=gpu", "-n1"), "no device is called 'gpu'"),
    ],
)
def test_wrong_usage_is_one_line(tmp_path: Path, options: tuple[str, ...], complaint: str) -> None:
    """As it is in process: see judged/sessions/test_usage.py."""
    (tmp_path / "ends.py").write_text("import os\nos._exit(7)\n")
    ended = pytest_in(tmp_path, *SUITE, "-p", "no:cacheprovider", *options)
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR, ended.stdout + ended.stderr
    errors = [line for line in ended.stderr.splitlines() if line]
    assert len(errors) == 1 and complaint in errors[0], ended.stderr
    assert "Traceback" not in ended.stdout


class _Providing:
    """Provides an implementation that is none, and says whether it was asked to."""

    asked = False

    def pytest_sparsifier_implementation(self) -> object:
        self.asked = True
        return None


def test_what_is_named_comes_before_what_a_hook_provides(capfd: pytest.CaptureFixture[str]) -> None:
    providing = _Providing()
    assert pytest.main(arguments_for("reference", ONLY, "--sparsifier-examples=1"), plugins=[providing]) == 0
    assert not providing.asked
    assert pytest.main(arguments_for("", ONLY), plugins=[providing]) == pytest.ExitCode.USAGE_ERROR
    assert providing.asked and "it must return the implementation" in capfd.readouterr().err


def test_the_suite_refuses_to_run_without_assertions(tmp_path: Path) -> None:
    ended = run(
        sys.executable, "-O", "-m", "pytest", *SUITE, "--sparsifier-implementation=reference", ONLY, cwd=tmp_path
    )
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert "checks mean nothing under python -O" in ended.stderr


def test_a_session_that_does_not_use_it_imports_nothing_for_it(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n\n"
        "def test_nothing():\n"
        "    heavy = {'torch', 'hypothesis', 'jinja2', 'msgspec', 'sparsifier_conformance.judging.session'}\n"
        "    assert 'sparsifier_conformance.judging.plugin' in sys.modules\n"
        "    assert not heavy & set(sys.modules)\n"
    )
    ended = pytest_in(tmp_path, "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
    assert ended.returncode == 0, ended.stdout


def test_every_option_and_key_begins_with_its_name(tmp_path: Path) -> None:
    with_plugin = pytest_in(tmp_path, "--help").stdout.split()
    without = pytest_in(tmp_path, "--help", "-p", "no:sparsifier").stdout.split()
    added = {word.split("=")[0] for word in set(with_plugin) - set(without) if word.startswith(("--", "sparsifier"))}
    assert added and all(
        word.startswith(("--sparsifier-", "sparsifier_")) or word in without for word in added - {"sparsifier"}
    )


def test_examples_and_seed_reach_the_properties(tmp_path: Path) -> None:
    path = tmp_path / "calls.txt"
    body = (
        "def get_arg_info_from_tensor_fqn(model, tensor_fqn, real=get_arg_info_from_tensor_fqn):\n"
        f"    with open({str(path)!r}, 'a', encoding='utf-8') as file:\n"
        "        file.write(tensor_fqn + chr(10))\n"
        "    return real(model, tensor_fqn)\n"
    )
    write_implementation(tmp_path / "ours.py", body)

    def calls(*options: str) -> list[str]:
        only = "--sparsifier-only=get_arg_info_from_tensor_fqn/root-tensor"
        assert pytest.main(arguments_for(tmp_path / "ours.py", only, *options)) == 0
        written = path.read_text(encoding="utf-8").split("\n")
        path.unlink()
        return written

    few, many = calls("--sparsifier-examples=5"), calls("--sparsifier-examples=20")
    assert len(few) < len(many)
    assert calls("--sparsifier-examples=20") == many
    assert calls("--sparsifier-examples=20", "--sparsifier-seed=1") != many
