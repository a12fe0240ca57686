"""Gather the reports of a session into a result: in the process that the user sees, wherever checks ran."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import suppress
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from .. import __version__
from ..devices.names import FAKE
from ..outcomes.wording import beyond
from ..reports.scripts import write_reproducers
from ..results.expected_files import write as write_expected
from ..results.records import (
    FORMAT_VERSION,
    Environment,
    Implementation,
    Judgement,
    Outcome,
    Result,
    Verdict,
    is_failed_must,
    verdict_of,
    worst,
    write,
)
from ..specification import load
from .ended import tell
from .last_inputs import FOLDER, keep
from .options import Options
from .session import requirement_of

if TYPE_CHECKING:
    from ..results.expectations import Expectations

Key = tuple[str, "str | None"]


class Recorder:
    """The part of the plugin that hears of every check, from this process or from workers."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config = config
        self.options = options
        self.result: Result | None = None
        self._selected: dict[str, None] = {}
        self._started: dict[str, float] = {}
        self._judged: dict[str, Judgement] = {}
        self._about: dict[str, Any] | None = None
        self._workers_ready = False
        self._used: set[str | None] = set()
        self._stopped = ""
        self._failures_written = 0
        self._begin = time.time()
        self._kept: dict[str, Path] = {}

    # What follows are hooks of pytest and of pytest-xdist.

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Note that a worker has come as far as this, so that importing the implementation did not end it."""
        self._workers_ready = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give each worker a place to note what it is about to try, which may end it."""
        node.workerinput[FOLDER] = self._notes.name

    def pytest_unconfigure(self) -> None:
        """Remove the notes: by now no worker is left."""
        if "_notes" in vars(self):
            self._notes.cleanup()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """End the session when a worker could not load the implementation."""
        message = getattr(node, "workeroutput", {}).get("sparsifier_error")
        if message is None and error is not None and not self._workers_ready:
            message = f"{self.options.where!r} cannot be imported: it ends the process ({_last_line(error)})"
        if message is not None:
            raise pytest.UsageError(message)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note when a check starts."""
        self._started[nodeid] = time.time()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, None, None]:
        """Take the judgement of a check from its report, before pytest counts failures."""
        self._take(report)
        yield

    def _take(self, report: pytest.TestReport) -> None:
        """Take the judgement of a check from its report, or make one for a check that ended its process."""
        said = getattr(report, "sparsifier", None)
        if said is not None:
            if "about" in said:
                self._about = said["about"]
                self._selected.update(dict.fromkeys(said["checks"]))
            if report.when == "call" or said["outcome"] != Outcome.PASSED.value:
                self._judged[report.nodeid] = self._judgement(said, report.duration)
            if report.when == "call":
                self._used.add(said["device"])
        elif report.nodeid in self._selected and report.when not in ("setup", "call", "teardown"):
            # What pytest-xdist makes up for a worker that is no more.
            judgement = self._judged[report.nodeid] = self._crashed(report)
            if judgement.outcome is Outcome.NOT_APPLICABLE:
                report.outcome, report.longrepr = "skipped", (str(report.fspath), 0, str(judgement.message))
            if self._expectations.of(judgement.id, judgement.device):
                report.outcome = "skipped"
                report.wasxfail = judgement.id
        if self.options.fail_fast and report.nodeid in self._judged:
            self._stop_at(self._expectations.apply(self._judged[report.nodeid]))

    def _stop_at(self, judgement: Judgement) -> None:
        """End the session if a MUST failed; a worker whose check failed ends itself, and this process the others."""
        if is_failed_must(judgement.level, judgement.outcome):
            self._stopped = f"{judgement.id} failed"
            distribution: Any = self.config.pluginmanager.get_plugin("dsession")
            if distribution is not None:
                distribution.shouldstop = self._stopped

    @cached_property
    def _notes(self) -> TemporaryDirectory[str]:
        """Where workers note what they are about to try."""
        return TemporaryDirectory(ignore_cleanup_errors=True)

    @cached_property
    def _expectations(self) -> Expectations:
        """What is expected to fail here; known when the first check has reported."""
        assert self._about is not None
        return self.options.expectations.here(
            self._about["environment"]["torch"], self._about["implementation"]["version"]
        )

    def _judgement(self, said: dict[str, Any], duration: float) -> Judgement:
        requirement = load().requirements[said["id"]]
        return Judgement(
            id=requirement.id,
            level=requirement.level,
            sentence=requirement.sentence,
            device=said["device"],
            outcome=Outcome(said["outcome"]),
            duration=round(max(0.0, duration), 3),
            message=said["message"],
            smallest_input=said["smallest_input"],
            reproducer=said["reproducer"],
        )

    def _crashed(self, report: pytest.TestReport) -> Judgement:
        seconds = time.time() - self._started.get(report.nodeid, time.time())
        limit = self._time_limit
        # pytest-timeout ends the process, which is all that this one sees of it.
        timed_out = limit > 0 and seconds >= 0.95 * limit
        outcome = Outcome.TIMED_OUT if timed_out else Outcome.CRASHED
        message = f"no end within {limit:g} seconds" if timed_out else "the process of the check ended"
        worker: Any = getattr(report, "node", None)
        if self._device_of(report.nodeid) == FAKE:
            # As torch's fake mode does when it is asked for what only a device can do.
            outcome, message = Outcome.NOT_APPLICABLE, beyond(FAKE, message)
        elif worker is not None:
            kept = keep(self._notes.name, worker.gateway.id, report.nodeid, limit if timed_out else None)
            if kept is not None:
                self._kept[report.nodeid] = kept
        report.user_properties.append(("requirement", requirement_of(report.nodeid)))
        return self._unreported(report.nodeid, outcome, message, seconds)

    @property
    def _time_limit(self) -> float:
        """The time that pytest-timeout gives a check, in seconds; 0 if it gives none."""
        return float(getattr(self.config.option, "timeout", None) or 0)

    def _learn(self) -> None:
        """Find out what checks were trying when their processes ended."""
        assert self._about is not None
        devices = {nodeid: self._judged[nodeid].device for nodeid in self._kept}
        for nodeid, told in tell(self._kept, devices, self._about, self._time_limit).items():
            self._judged[nodeid] = replace(self._judged[nodeid], **told)

    def _device_of(self, nodeid: str) -> str | None:
        """Find the device in the name of a check that gave no report."""
        parts = nodeid.partition("[")[2].rstrip("]").split("-")
        devices = (self._about or {}).get("environment", {}).get("devices", [])
        return next((part for part in parts if part in devices), None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Draw the verdict, write the result, and let the session fail where pytest would not."""
        if not self._selected or self._about is None:
            return
        if self._kept:
            with suppress(Exception):  # what ended is told with or without its input
                self._learn()
        self.result = self._make_result()
        if self.options.json is not None:
            write(self.result, self.options.json)
        if self.options.write_expected is not None:
            self._failures_written = write_expected(self.result, self.options.write_expected)
        if self.options.reproducers is not None:
            self._reproducers_written = write_reproducers(self.result, self.options.reproducers)
        ended = (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED) if self._stopped else (pytest.ExitCode.OK,)
        if self.result.verdict is Verdict.DOES_NOT_CONFORM and session.exitstatus in ended:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _make_result(self) -> Result:
        assert self._about is not None
        judgements = self._judgements()
        return Result(
            format_version=FORMAT_VERSION,
            suite_version=__version__,
            specification_version=load().version,
            verdict=verdict_of(
                judgements,
                missing_devices=bool(self._about["asked_for_in_vain"]),
                stopped_at_failure=bool(self._stopped),
            ),
            partial=self.options.partial or len({each.id for each in judgements}) < len(self.options.requirements),
            implementation=Implementation(**self._about["implementation"]),
            environment=self._environment(self._about),
            selection=self.options.selection,
            seed=self.options.seed,
            examples=self.options.examples,
            started=datetime.fromtimestamp(self._begin, timezone.utc).isoformat(timespec="seconds"),
            duration=round(time.time() - self._begin, 3),
            requirements=judgements,
        )

    def _environment(self, about: dict[str, Any]) -> Environment:
        """Say where it was judged: on which of the devices that were asked for checks ran, or could have."""
        asked = about["environment"]["devices"]
        there = [device for device in asked if device in about["there"] or device in self._used]
        return Environment(**{**about["environment"], "devices": there})

    def _judgements(self) -> list[Judgement]:
        """Give one judgement for each requirement and device, in the order of the specification."""
        grouped: dict[Key, list[Judgement]] = defaultdict(list)
        for nodeid in self._selected:
            judgement = self._judged.get(nodeid) or self._not_run(nodeid)
            grouped[judgement.id, judgement.device].append(judgement)
        order = list(load().requirements)
        judged = map(self._expectations.apply, map(worst, grouped.values()))
        return sorted(judged, key=lambda each: (order.index(each.id), each.device or ""))

    def _not_run(self, nodeid: str) -> Judgement:
        why = "the run stopped at the first failed MUST" if self._stopped else "the session ended before it"
        return self._unreported(nodeid, Outcome.NOT_RUN, why, 0.0)

    def _unreported(self, nodeid: str, outcome: Outcome, message: str, seconds: float) -> Judgement:
        """Make the judgement of a check of which no report says anything."""
        said = {"id": requirement_of(nodeid), "device": self._device_of(nodeid), "outcome": outcome.value}
        return self._judgement({**said, "message": message, "smallest_input": None, "reproducer": None}, seconds)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary."""
        from ..reports.terminal import summarize

        if self.result is not None:
            summarize(self.result, terminalreporter)
            for device, reason in (self._about or {}).get("asked_for_in_vain", {}).items():
                terminalreporter.write_line(f"{device} was asked for: {reason}")
            if self.options.write_expected is not None:
                terminalreporter.write_line(
                    f"entries written to {self.options.write_expected}: {self._failures_written}; give each a reason"
                )
            if self.options.reproducers is not None:
                terminalreporter.write_line(
                    f"reproducers written to {self.options.reproducers}: {self._reproducers_written}"
                )


def _last_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
