"""A mutant judged in this very process, by the likeliest and quickest checks first, until one tells it."""

from __future__ import annotations

import signal
from collections.abc import Collection
from dataclasses import dataclass, field

import pytest

from ..judging.items import requirement_of
from ..judging.processes.in_process import arguments_for
from ..judging.session.properties import shrink_nothing
from ..judging.session.reporting import judged_of
from ..outcomes.outcome import FAULTY, Outcome

#: What tells a mutant, if no check does.
IMPORT, PROCESS = "its import", "the end of its process"
#: The id of a requirement, and a device.
Requirement = tuple[str, "str | None"]


@dataclass
class Seen:
    """What was seen of a mutant, or of the unmutated code.

    ``by`` is the requirement that tells the mutant from the original, or what else does. ``met`` and ``faulty`` are
    requirements, each with its device; ``checks`` gives each check's requirement, ``seconds`` how long it took.
    """

    by: str | None = IMPORT
    met: set[Requirement] = field(default_factory=set)
    faulty: set[Requirement] = field(default_factory=set)
    checks: dict[str, Requirement] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def requirements_met(self) -> set[str]:
        """The ids of the requirements that are met on whatever device."""
        return {id for id, _ in self.met} - {id for id, _ in self.faulty}


def judge(where: str, unmutated: Seen | None = None, utilities: Collection[str] = ()) -> Seen:
    """Judge an implementation on ``cpu`` and ``meta``: other devices say no more about Python code.

    Parameters:
        where: the implementation, as for the command.
        unmutated: what was seen of the unmutated code; None if this is it.
        utilities: those of the six names whose checks come first.
    """
    watch = _Watch(unmutated, utilities)
    plugin = ("-p", "sparsifier_conformance.judging.plugin")
    arguments = arguments_for(where, *plugin, "--sparsifier-device=cpu", "--sparsifier-device=meta")
    status = pytest.main(arguments, plugins=[watch])
    if watch.seen.by is None and status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        watch.seen.by = PROCESS  # pytest itself failed, for want of memory perhaps
    return watch.seen


class _Watch:
    """A pytest plugin that orders checks, and ends the session with the first that tells a mutant."""

    def __init__(self, unmutated: Seen | None, utilities: Collection[str]) -> None:
        self.unmutated = unmutated or Seen()
        self.is_mutant = unmutated is not None
        self.utilities = utilities
        self.seen = Seen()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Put checks in order, without those of requirements that the unmutated code does not meet either."""
        self.session = session
        self.seen.by = None
        items[:] = [item for item in items if self.unmutated.checks.get(item.nodeid) not in self.unmutated.faulty]
        items.sort(key=self._order)
        shrink_nothing(items)

    def _order(self, item: pytest.Item) -> tuple[bool, bool, float]:
        elsewhere = requirement_of(item).partition("/")[0] not in self.utilities
        # Late, since it may start a process under python -O, though another was first with the unmutated code.
        asks_python_O = "optimized" in getattr(item, "fixturenames", ())
        return elsewhere, asks_python_O, self.unmutated.seconds.get(item.nodeid, 0.0)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """End this process if a check takes much more time of the processor than with the unmutated code."""
        if self.is_mutant:
            signal.setitimer(signal.ITIMER_PROF, 10 * (1 + self.unmutated.seconds.get(nodeid, 0.0)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a check comes to."""
        judged = judged_of(report)
        if judged is None:
            return
        self.seen.seconds[report.nodeid] = self.seen.seconds.get(report.nodeid, 0.0) + report.duration
        self.seen.checks[report.nodeid] = requirement = (judged.requirement, judged.device)
        if judged.outcome is Outcome.PASSED and report.when == "call":
            self.seen.met.add(requirement)
        elif judged.outcome in FAULTY:
            self.seen.faulty.add(requirement)
            if self.is_mutant:
                self.seen.by = judged.requirement
                self.session.shouldstop = "told"
