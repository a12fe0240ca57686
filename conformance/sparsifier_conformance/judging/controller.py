"""One run of the suite in this process as controller, with workers that judge: pytest and pytest-xdist do the work."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest

from ..results.records import Result, Verdict
from .recorder import Recorder
from .session import SUITE_FOLDER

#: More workers than this import torch longer than they judge.
MOST_WORKERS = 8
EXIT_STATUS = {
    Verdict.CONFORMS: 0,
    Verdict.CONFORMS_IN_FULL: 0,
    Verdict.DOES_NOT_CONFORM: 1,
    Verdict.INCOMPLETE: 3,
}


@dataclass(frozen=True)
class Ending:
    """How a run ended: its result if there is one, or what was wrong with the way it was called."""

    result: Result | None
    complaint: str | None


class _Keeper:
    """Keeps the result of a session beyond its end."""

    result: Result | None = None
    complaint: str | None = None
    _introduced = False

    @pytest.hookimpl(hookwrapper=True)
    def pytest_cmdline_main(self) -> Generator[None, Any, None]:
        """Take a complaint before pytest prints it."""
        outcome = yield
        if outcome.excinfo is not None and isinstance(outcome.excinfo[1], pytest.UsageError):
            self.complaint = str(outcome.excinfo[1])
            outcome.force_result(pytest.ExitCode.USAGE_ERROR)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Silence what pytest-xdist says of its workers."""
        distribution = session.config.pluginmanager.get_plugin("terminaldistreporter")
        if distribution is not None:
            distribution.write_line = distribution.rewrite = lambda *args, **kwargs: None

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        """Say what is being judged, once a worker has it, and checks for it."""
        if ids and not self._introduced:
            self._introduced = True
            reporter = node.config.pluginmanager.get_plugin("terminalreporter")
            reporter.write_line(f"judging {node.config.getoption('--sparsifier-implementation')}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        recorder = session.config.pluginmanager.get_plugin("sparsifier-recorder")
        if isinstance(recorder, Recorder):
            self.result = recorder.result


def run(options: Sequence[str], *, workers: int | None = None, timeout: float = 60, output: bool = True) -> Ending:
    """Run the suite apart from whatever configuration of pytest the current folder and the environment hold.

    Parameters:
        options: options of the plugin, and of pytest.
        workers: the number of processes that judge; None for one for each core, up to ``MOST_WORKERS``.
        timeout: the time limit of each check, in seconds.
        output: whether to print what is judged, and the summary.

    Returns:
        The result, or a complaint.
    """
    keeper = _Keeper()
    # Always in a worker, for code that is judged may end its process, and the result must outlive that.
    processes = max(1, min(_cores(), MOST_WORKERS) if workers is None else workers)
    arguments = [
        *("-c", str(Path(__file__).with_name("pytest.ini"))),
        *(f"--rootdir={SUITE_FOLDER.parent}", f"--confcutdir={SUITE_FOLDER}"),
        *("-p", "xdist", "-p", "sparsifier_conformance.judging.plugin", "-p", "no:cacheprovider", "-p", "no:warnings"),
        *("-p", "pytest_timeout", f"--timeout={timeout}", "--timeout-method=thread", "-p", "no:faulthandler"),
        *("-n", str(processes), "--max-worker-restart=100000", "-p", "sparsifier_conformance.judging.distribution"),
        # Which collect garbage five times over at the end of every process: as long as half an import of torch.
        *("-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "sparsifier_conformance.judging.garbage"),
        # Nor what looks at every module that is imported, torch's too, and at every line that is logged.
        *("--assert=plain", "-p", "no:logging"),
        *("-qq", "--tb=no", "-rN", "--no-header"),
        *options,
        str(SUITE_FOLDER),
    ]
    printed = io.StringIO()
    with _environment(), ExitStack() as stack:
        if not output:
            stack.enter_context(redirect_stdout(printed))
            stack.enter_context(redirect_stderr(printed))
        status = pytest.main(arguments, plugins=[keeper])
    if status == pytest.ExitCode.USAGE_ERROR:
        return Ending(None, keeper.complaint or printed.getvalue().strip() or "pytest was called wrongly")
    if keeper.result is not None and status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return Ending(msgspec.structs.replace(keeper.result, verdict=Verdict.INCOMPLETE), None)
    return Ending(keeper.result, None)


def _cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _environment() -> Generator[None, None, None]:
    """Run with an environment of our own, and leave this process as it was."""
    before, path = dict(os.environ), list(sys.path)
    with TemporaryDirectory() as storage:
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONOPTIMIZE", "PYTHONWARNINGS"):
            os.environ.pop(name, None)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = storage
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        if str(Path.cwd()) not in sys.path and "" not in sys.path:
            sys.path.append(str(Path.cwd()))  # last, so that nothing here hides what is installed
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            sys.path[:] = path
