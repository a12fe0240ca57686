"""One run of the suite in this process as controller, with workers that judge: pytest and pytest-xdist do the work."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest

from ...files import write_whole
from ...implementations.finding import ImplementationError, look_up
from ...results.records import Result, Verdict
from ...text import counted
from ..items import SUITE_FOLDER
from ..options import IMPLEMENTATION, TABLE
from ..outputs import not_written
from ..recorder import Recorder
from .in_process import APART
from .interrupts import handlers_restored, ignore_further, interrupt_once

#: More workers than this import torch longer than they judge.
MOST_WORKERS = 8


@dataclass(frozen=True)
class Ending:
    """How a run ended: its result if there is one, what was wrong with the way it was called, what was not written.

    ``signal`` is the number of the one that interrupted it, if one did.
    """

    result: Result | None
    complaint: str | None = None
    not_written: tuple[str, ...] = ()
    signal: int | None = None


class _Keeper:
    """Keeps the result of a session beyond its end.

    Parameters:
        junit: where the JUnit file goes, if one is requested.
        made_by_pytest: where pytest writes it.
    """

    result: Result | None = None
    complaint: str | None = None
    not_written: tuple[str, ...] = ()
    signals: Sequence[int] = ()
    _introduced = False
    _distribution: Any = None

    def __init__(self, junit: Path | None, made_by_pytest: Path) -> None:
        self.junit, self.made_by_pytest = junit, made_by_pytest

    @pytest.hookimpl(hookwrapper=True)
    def pytest_cmdline_main(self) -> Generator[None, Any, None]:
        """Take a complaint before pytest prints it."""
        outcome = yield
        if outcome.excinfo is not None and isinstance(outcome.excinfo[1], pytest.UsageError):
            self.complaint = str(outcome.excinfo[1])
            outcome.force_result(pytest.ExitCode.USAGE_ERROR)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Silence what pytest-xdist says of its workers, and pytest of interrupts; show what takes so long now."""
        plugins = session.config.pluginmanager
        distribution = plugins.get_plugin("terminaldistreporter")
        reporter: Any = plugins.get_plugin("terminalreporter")
        if distribution is not None:
            distribution.write_line = distribution.rewrite = lambda *args, **kwargs: None
        reporter._report_keyboardinterrupt = lambda: None
        reporter.write_line(f"importing {session.config.getoption(IMPLEMENTATION)} …")
        self._distribution = plugins.get_plugin("dsession")
        self._distribution.terminal = None  # where it would print a blank line

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Let interrupts through: from now on the session has an end that writes what was requested."""
        self.signals = interrupt_once()

    def pytest_keyboard_interrupt(self) -> None:
        """Let workers end soon: what they are at is lost anyway."""
        manager: Any = getattr(self._distribution, "nodemanager", None)
        if manager is not None:
            manager.EXIT_TIMEOUT = 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        """Show what is being judged, once a worker has it, and checks for it, and what the signs of progress mean."""
        if ids and not self._introduced:
            self._introduced = True
            reporter = node.config.pluginmanager.get_plugin("terminalreporter")
            what = f"judging {node.config.getoption(IMPLEMENTATION)} by {counted(len(ids), 'check')}"
            reporter.write_line(
                f"{what} (. passed, F failed, x failed: SHOULD or expected, s blocked or not applicable)"
            )

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, None]:
        """Keep the result, and put the JUnit file, which pytest may have failed to write, in its place."""
        ignore_further()
        if session.exitstatus == pytest.ExitCode.USAGE_ERROR:  # a complaint of one line follows, without blank ones
            reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
            reporter.ensure_newline = reporter._tw.line = lambda *args, **kwargs: None
        outcome = yield
        recorder = session.config.pluginmanager.get_plugin("sparsifier-recorder")
        assert isinstance(recorder, Recorder)
        if self.junit is not None:
            try:
                outcome.get_result()
                write_whole(self.junit, self.made_by_pytest.read_bytes())
            except OSError as error:
                recorder.not_written.append(not_written(self.junit, error))
                outcome.force_result([])
        self.result, self.not_written = recorder.result, tuple(recorder.not_written)


def run(where: str, values: Mapping[str, Any], *, workers: int | None = None, output: bool = True) -> Ending:
    """Run the suite apart from whatever configuration of pytest the current folder and the environment hold.

    Parameters:
        where: the implementation.
        values: those of the options, by name, as ``options.Option.value`` returns them.
        workers: the number of processes that judge; None for one for each core, up to ``MOST_WORKERS``.
        output: whether to print what is judged, and the summary.

    Returns:
        The result, or a complaint.
    """
    # Always in a worker, for code that is judged may end its process, and the result must outlive that.
    processes = max(1, min(cores(), MOST_WORKERS) if workers is None else workers)
    arguments = [
        *APART,
        *("-p", "xdist", "-p", "sparsifier_conformance.judging.plugin", "--no-header"),
        *("-p", "pytest_timeout", f"--timeout={values['timeout']}", "--timeout-method=thread", "-p", "no:faulthandler"),
        *("-n", str(processes), "--max-worker-restart=100000"),
        *("-p", "sparsifier_conformance.judging.processes.workers"),
        # In small portions, for a worker does what it was given.
        *("--maxschedchunk=1" for _ in range(values["fail-fast"])),
        f"{IMPLEMENTATION}={where}",
        *_of_plugin(values),
        str(SUITE_FOLDER),
    ]
    printed = io.StringIO()
    with handlers_restored(), environment() as storage, ExitStack() as stack:
        try:
            look_up(where)
        except ImplementationError as error:
            return Ending(None, str(error))
        keeper = _Keeper(Path(values["junit"]).absolute() if values["junit"] else None, Path(storage, "junit.xml"))
        if keeper.junit is not None:
            arguments.append(f"--junit-xml={keeper.made_by_pytest}")
        if not output:
            stack.enter_context(redirect_stdout(printed))
            stack.enter_context(redirect_stderr(printed))
        status = pytest.main(arguments, plugins=[keeper])
    signal = next(iter(keeper.signals), None)
    if status == pytest.ExitCode.USAGE_ERROR:
        complaint = keeper.complaint or printed.getvalue().strip() or "pytest was called wrongly"
        return Ending(None, complaint, signal=signal)
    broke_off = status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not keeper.not_written
    if keeper.result is not None and broke_off:
        return Ending(msgspec.structs.replace(keeper.result, verdict=Verdict.INCOMPLETE), signal=signal)
    return Ending(keeper.result, not_written=keeper.not_written, signal=signal)


def _of_plugin(values: Mapping[str, Any]) -> Iterator[str]:
    """Return the options of the plugin that stand for some values."""
    for option in TABLE:
        value = values[option.name]
        if not option.in_plugin or value is None or value is False:
            continue
        flag = f"--sparsifier-{option.name}"
        if value is True:
            yield flag
        elif option.writes is not None:
            yield f"{flag}={Path(value).absolute()}"
        else:
            yield from (f"{flag}={each}" for each in (value if option.default == () else [value]))


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def environment() -> Generator[str, None, None]:
    """Run with an environment and a folder of our own, which is returned, and leave this process as it was."""
    before, path = dict(os.environ), list(sys.path)
    with TemporaryDirectory() as storage:
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONOPTIMIZE", "PYTHONWARNINGS"):
            os.environ.pop(name, None)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ["PYTHONSAFEPATH"] = "1"  # from Python 3.11 on; a worker imports from the current folder last, too
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = storage
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        if str(Path.cwd()) not in sys.path and "" not in sys.path:
            sys.path.append(str(Path.cwd()))  # last, so that nothing here hides what is installed
        try:
            yield storage
        finally:
            os.environ.clear()
            os.environ.update(before)
            sys.path[:] = path
