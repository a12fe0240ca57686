"""Gather the reports of a session into a result: in the process that the user sees, wherever checks ran."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from .. import __version__
from ..devices.names import plainness
from ..outcomes.judged import Judged
from ..outcomes.outcome import Outcome, stops_run
from ..results.records import FORMAT_VERSION, Judgement, Result, SmallModels, Verdict, judged_nothing, worst
from ..results.verdict import verdict_of
from ..specification import load
from .ended_checks import EndedChecks
from .introduction import Introduction, without_import
from .items import ENDLESS, MOST_TIME_OUTS, not_collected
from .options import IMPLEMENTATION
from .outputs import write_all
from .processes.in_process import CONFIGURATION
from .processes.last_inputs import FOLDER
from .requested import Requested
from .session.reporting import introduction_of, judged_of, present

if TYPE_CHECKING:
    from ..results.expectations import Expectations
    from .introduction import Check

Key = tuple[str, "str | None"]
INTERRUPTED = "the run was interrupted"
SELECTED = "pytest selected checks one by one, so a requirement may have been judged by some of its checks only"


class Recorder:
    """The part of the plugin that hears of every check, from this process or from workers."""

    def __init__(self, config: pytest.Config, wanted: Requested) -> None:
        self.config = config
        self.requested = wanted
        self.result: Result | None = None
        #: A line for each output that could not be written.
        self.not_written: list[str] = []
        self._written: list[str] = []
        #: A line for each module of the suite that could not be imported.
        self._not_collected: list[str] = []
        self._introduction: Introduction | None = None
        self._checks: dict[str, Check] = {}
        self._judged: dict[str, Judged] = {}
        self._durations: dict[str, float] = {}
        self._ended = EndedChecks(config)
        #: The workers that could import the implementation, and why the run ends where a later one could not.
        self._workers_ready: set[str] = set()
        self._broke_off: str | None = None
        self._stopped = False
        self._interrupted = False
        self._nothing_judged = False
        self._begin = time.time()

    # What follows are hooks of pytest and of pytest-xdist.

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any) -> None:
        """Note that a worker has come as far as this, so that importing the implementation did not end it."""
        self._workers_ready.add(node.gateway.id)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give each worker a place to note what it is about to try, which may end it, and say what is not worth it."""
        node.workerinput[FOLDER] = self._ended.notes
        judged = (self._expectations.apply(self._judgement(nodeid)) for nodeid in self._judged)
        node.workerinput[ENDLESS] = endless(judged)

    def pytest_unconfigure(self) -> None:
        """Remove the notes: by now no worker is left."""
        self._ended.remove_notes()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """End the session when a worker could not load the implementation: another one could not, either."""
        message = getattr(node, "workeroutput", {}).get("sparsifier_error")
        if message is None and error is not None and node.gateway.id not in self._workers_ready:
            message = self._ended.while_importing(self.requested.where, node.gateway.id, error)
        if message is not None and not self._judged:
            raise pytest.UsageError(message)
        if message is not None:
            self._broke_off = f"the run ended early: {message}"
            raise pytest.Session.Interrupted(message)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note which modules of the suite could not be imported: workers go on without their checks."""
        if line := not_collected(report, self.config.rootpath):
            self._not_collected.append(line)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note when a check starts."""
        self._ended.started(nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, None, None]:
        """Take what a check comes to from its report, before pytest counts failures."""
        self._take(report)
        yield

    def _take(self, report: pytest.TestReport) -> None:
        introduction = introduction_of(report)
        if introduction is not None:
            is_first = self._introduction is None  # of several workers, which say the same
            self._introduction = introduction
            self._checks.update({check.nodeid: check for check in introduction.checks})
            reporter: Any = self.config.pluginmanager.get_plugin("terminalreporter")
            for line in self._not_available() if is_first and reporter is not None else ():
                reporter.write_line(line)
        judged = judged_of(report)
        if judged is not None:
            self._judged[report.nodeid] = judged
            self._durations[report.nodeid] = max(0.0, report.duration)
        elif report.nodeid in self._checks and report.when not in ("setup", "call", "teardown"):
            # What pytest-xdist makes up for a worker that is no more.
            check = self._checks[report.nodeid]
            self._judged[report.nodeid], self._durations[report.nodeid] = self._ended.judged(report, check)
            is_expected = self._expectations.of(check.requirement, check.device) is not None
            present(report, self._judged[report.nodeid], expected=is_expected)
        if self.requested.fail_fast and report.nodeid in self._judged:
            self._stop_at(self._expectations.apply(self._judgement(report.nodeid)))

    def _stop_at(self, judgement: Judgement) -> None:
        """End the session if a MUST failed; a worker whose check failed ends itself, and this process the others."""
        if stops_run(judgement.level, judgement.outcome):
            self._stopped = True
            distribution: Any = self.config.pluginmanager.get_plugin("dsession")
            if distribution is not None:
                distribution.shouldstop = f"{judgement.id} failed"

    @cached_property
    def _expectations(self) -> Expectations:
        """What is expected to fail here; known when the first check has reported."""
        assert self._introduction is not None
        judged = self._introduction
        return self.requested.expectations.here(judged.environment.torch, judged.implementation.version)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Draw the verdict, write what was requested, and let the session fail where pytest would not."""
        # Who names an implementation on the command line wants it judged; in a configuration it is there for all.
        is_wanted = bool(self.config.getoption(IMPLEMENTATION) or self.requested.outputs)
        if self._introduction is None and is_wanted and session.exitstatus == pytest.ExitCode.INTERRUPTED:
            wanted = self.requested
            self._introduction = without_import(wanted.where, wanted.devices, wanted.requirements)
            self._checks = {check.nodeid: check for check in self._introduction.checks}
        if self._introduction is None:
            nothing = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
            if is_wanted and not self.config.option.collectonly and session.exitstatus in nothing:
                session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
                self._nothing_judged = True
            return
        is_ours = self._stopped or self._broke_off is not None
        self._interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED and not is_ours
        self._judged |= self._ended.with_inputs(self._judged, self._checks, self._introduction)
        self.result = self._make_result(self._introduction)
        self._written, self.not_written = write_all(self.result, self.requested.outputs)
        ended = (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED) if self._stopped else (pytest.ExitCode.OK,)
        if self.result.verdict is Verdict.DOES_NOT_CONFORM and session.exitstatus in ended:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self.not_written and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def _make_result(self, introduction: Introduction) -> Result:
        judgements = self._judgements()
        # Whether or not their checks were reached.
        known = {*introduction.available, *(check.device for check in self._checks.values())}
        return Result(
            format_version=FORMAT_VERSION,
            suite_version=__version__,
            specification_version=load().version,
            verdict=verdict_of(
                judgements,
                missing=bool(introduction.not_available or self._not_collected or self._broke_off),
                stopped_at_failure=self._stopped,
            ),
            partial=self.requested.partial or len({each.id for each in judgements}) < len(self.requested.requirements),
            implementation=introduction.implementation,
            environment=msgspec.structs.replace(
                introduction.environment,
                devices=[each for each in introduction.environment.devices if each in known],
            ),
            selection=self.requested.selection,
            seed=self.requested.seed,
            examples=self.requested.examples,
            exhaustive=self.requested.exhaustive,
            started=datetime.fromtimestamp(self._begin, timezone.utc).isoformat(timespec="seconds"),
            duration=round(time.time() - self._begin, 3),
            requirements=judgements,
            small_models=self._small_models(),
        )

    def _judgements(self) -> list[Judgement]:
        """Return one judgement for each requirement, in the specification's order, and device, the plainest first."""
        grouped: dict[Key, list[Judgement]] = defaultdict(list)
        # Of several that failed the first counts, so their order may not be that in which they ran. The plainest check
        # is called after the requirement alone.
        for nodeid, check in sorted(self._checks.items(), key=lambda each: ("__" in each[1].function, each[0])):
            grouped[check.requirement, check.device].append(self._judgement(nodeid))
        order = list(load().requirements)
        judged = (self._expectations.apply(worst(each)) for each in grouped.values())
        return sorted(judged, key=lambda each: (order.index(each.id), plainness(each.device), each.device or ""))

    def _judgement(self, nodeid: str) -> Judgement:
        """Return the judgement that a check makes, or that it was not run; what is expected is not applied yet."""
        check = self._checks[nodeid]
        why = "the run stopped at the first failed MUST" if self._stopped else "the session ended before it"
        why = INTERRUPTED if self._interrupted else self._broke_off or why
        judged = self._judged.get(nodeid) or Judged(check.requirement, check.device, Outcome.NOT_RUN, why)
        requirement = load().requirements[judged.requirement]
        return Judgement(
            id=requirement.id,
            level=requirement.level,
            sentence=requirement.sentence,
            device=judged.device,
            outcome=judged.outcome,
            duration=round(self._durations.get(nodeid, 0.0), 3),
            message=judged.message,
            smallest_input=judged.smallest_input,
            reproducer=judged.reproducer,
        )

    def _not_available(self) -> list[str]:
        """Return a line for each device that was requested and is not available, by the name it was requested by."""
        missing = {} if self._introduction is None else self._introduction.not_available
        asked = {each: each if each in self.requested.devices else each.partition(":")[0] for each in missing}
        return [f"{asked[each]} was requested, and is not available: {reason}" for each, reason in missing.items()]

    def _selected_by_pytest(self) -> bool:
        """Return whether checks were selected one by one, and not by requirement."""
        option = self.config.option
        return bool(
            option.keyword or option.markexpr or option.deselect or any("::" in each for each in self.config.args)
        )

    def _small_models(self) -> SmallModels:
        """Return how many checks that go through every small model were selected, and which of them did not finish."""
        small = {nodeid: check.requirement for nodeid, check in self._checks.items() if check.tries_small_models}
        finished = {nodeid for nodeid in small if nodeid in self._judged and self._judged[nodeid].finished}
        return SmallModels(len(small), [small[nodeid] for nodeid in small if nodeid not in finished])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary."""
        from ..reports.terminal import summarize

        if self._nothing_judged:
            terminalreporter.write_line(
                "nothing was judged: no check was selected (give pytest `--pyargs sparsifier_conformance.suite`)",
                red=True,
            )
        if self.result is None or self._introduction is None:
            return
        judged = [(each.id, each.device) for each in self.result.requirements]
        without_effect = [
            f"{file} has no effect: no entry of it holds for what was judged here"
            for file in dict.fromkeys(each.file for each in self.requested.expectations.entries)
            if file not in {each.file for each in self._expectations.about(judged)}
        ]
        notes = [*self._not_collected, *self._not_available(), *without_effect, *self._written, *self.not_written]
        notes += [INTERRUPTED] if self._interrupted and not judged_nothing(self.result) else []
        notes += [self._broke_off] if self._broke_off is not None else []
        notes += [SELECTED] if self._selected_by_pytest() else []
        summarize(
            self.result,
            terminalreporter,
            notes,
            not_available=self._introduction.not_available,
            prefix="--" if self.config.inipath == CONFIGURATION else "--sparsifier-",
            scripts="reproducers" in self.requested.outputs,
            are_told=self.config.option.tbstyle not in ("no", "line"),
        )


def endless(judgements: Iterable[Judgement]) -> list[str]:
    """Return the utilities of which so many checks timed out that the others would only take as long.

    Parameters:
        judgements: one for each check; only failed MUSTs count, for nothing that is left out then changes the verdict.
    """
    timed_out = (each.id for each in judgements if (each.level, each.outcome) == ("MUST", Outcome.TIMED_OUT))
    counts = Counter(id.partition("/")[0] for id in timed_out)
    return [utility for utility, count in counts.items() if count >= MOST_TIME_OUTS]
