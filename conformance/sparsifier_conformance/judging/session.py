"""A session that judges: which checks are collected, how they run, and what their reports say."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..results.records import Outcome, is_failed_must
from . import plugin
from .last_inputs import NO_LIMIT, Notebook, folder_of
from .options import Options, from_config
from .order import arrange

if TYPE_CHECKING:
    from ..implementations import Found
    from ..outcomes.failure import Capture
    from ..results.expectations import Expectations
    from ..specification import Requirement

SUITE_FOLDER = Path(__file__).parents[1] / "suite"


def take_part(config: pytest.Config) -> None:
    """Judge in this session: collect checks in this process, and record reports unless another process does."""
    from .recorder import Recorder

    options = from_config(config)
    session = Session(config, options)
    config.stash[plugin.SESSION] = session
    config.pluginmanager.register(session, "sparsifier-session")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config, options), "sparsifier-recorder")


def requirement_of(nodeid: str) -> str:
    """Give the id of the requirement that a check is for, from the check's own name.

    Parameters:
        nodeid: as pytest names it, ``…/test_<utility>.py::test_<slug>[…]``; what follows two underscores, in
            the name of the file or the function, tells several apart.
    """
    file, _, function = nodeid.partition("::")
    utility = Path(file).stem.removeprefix("test_").partition("__")[0]
    slug = function.partition("[")[0].removeprefix("test_").partition("__")[0]
    return f"{utility}/{slug.replace('_', '-')}"


class Session:
    """The part of the plugin that works where checks are collected and run."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config = config
        self.options = options
        self.error: str | None = None
        self.checks: list[str] = []
        self._introduced = False

    @cached_property
    def found(self) -> Found:
        """The implementation; imported when the first check is collected, and once."""
        from ..implementations import load, provided

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if plugin.is_named(self.config):
                return load(self.options.where)
            provide = self.config.hook.pytest_sparsifier_implementation
            return provided(self.options.where, lambda: provide(config=self.config))

    @cached_property
    def devices(self) -> list[str]:
        """The names of the devices that were asked for."""
        from ..devices.registry import resolve
        from ..implementations import ImplementationError

        with suppress(ImplementationError):  # which is told later
            _ = self.found  # to import it may be what makes a vendor's device known
        return resolve(self.options.devices)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the result says of the implementation and the environment, as plain data."""
        from .about import about

        return about(self.found, self.options.devices)

    @cached_property
    def expectations(self) -> Expectations:
        """What is expected to fail here."""
        import torch

        return self.options.expectations.here(str(torch.__version__), self.found.version)

    @cached_property
    def optimized(self) -> dict[str, dict[str, str]]:
        """What the implementation does under ``python -O``, by utility."""
        from ..checking.skips import not_applicable
        from .optimized import observe

        if not plugin.is_named(self.config):
            not_applicable("what a hook provides cannot be had under python -O, in a process of its own")
        return observe(self.options.where, self._seconds_left)

    @cached_property
    def notebook(self) -> Notebook | None:
        """Where the inputs of this process are noted, if it is a worker."""
        with suppress(OSError):  # a worker on another machine has no such folder
            folder = folder_of(self.config)
            return Notebook(folder, self.config.workerinput["workerid"]) if folder else None  # type: ignore[attr-defined]
        return None

    @property
    def _time_limit(self) -> float | None:
        """The time that pytest-timeout gives a check, in seconds, if it gives one."""
        limit = getattr(self.config.option, "timeout", None)
        return float(limit) if limit else None

    @property
    def _seconds_left(self) -> float:
        """The time that a process of our own may take: less than the check that waits for it."""
        return NO_LIMIT if self._time_limit is None else 0.8 * self._time_limit

    def is_check(self, item: pytest.Item) -> bool:
        """Tell whether an item of the session is one of our checks."""
        return item.path.parent == SUITE_FOLDER

    # What follows are hooks of pytest.

    def pytest_collect_file(self, file_path: Path) -> None:
        """Import torch before the first check does, with warnings off: they may be errors in this session."""
        if file_path.parent == SUITE_FOLDER:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from ..checking import strategies  # noqa: F401

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a check that takes a device on each."""
        if metafunc.definition.path.parent == SUITE_FOLDER and "device" in metafunc.fixturenames:
            from ..devices.registry import UnknownDevice

            try:
                metafunc.parametrize("device", self.devices)
            except UnknownDevice as error:
                self.error = str(error)
                metafunc.parametrize("device", ["cpu"])

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what was not asked for, load the implementation, and set the properties up."""
        if not any(map(self.is_check, items)):
            return
        from .properties import set_up

        left_out = [
            item
            for item in items
            if self.is_check(item) and requirement_of(item.nodeid) not in self.options.requirements
        ]
        if left_out:
            self.config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
        self._load()
        self._check_expectations(items)
        if self.error is not None:
            if not hasattr(self.config, "workeroutput"):
                raise pytest.UsageError(self.error)
            # A worker cannot say so itself: the recorder, in the process that the user sees, does.
            self.config.workeroutput["sparsifier_error"] = self.error
            items.clear()
        for item in filter(self.is_check, items):
            expected = self.expectations.of(requirement_of(item.nodeid), self._device_of(item))
            set_up(item, self.options, shrink=not expected)
        arrange(items, self._level_of, fail_fast=self.options.fail_fast)

    def _level_of(self, item: pytest.Item) -> str | None:
        return self.options.requirements[requirement_of(item.nodeid)].level if self.is_check(item) else None

    def _load(self) -> None:
        from ..implementations import ImplementationError

        if __debug__ is False:
            self.error = "checks mean nothing under python -O, which removes their assertions; run without it"
        try:
            _ = self.error or self.found
        except ImplementationError as error:
            self.error = str(error)

    def _check_expectations(self, items: list[pytest.Item]) -> None:
        judged = [(requirement_of(item.nodeid), self._device_of(item)) for item in items if self.is_check(item)]
        self.error = self.error or "\n".join(self.options.expectations.without_device(judged)) or None

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """End a check on a device that is not there."""
        if not self.is_check(item):
            return
        # On the item, where pytest's JUnit report looks for it.
        item.user_properties.append(("requirement", requirement_of(item.nodeid)))
        device = self._device_of(item)
        if device is not None:
            from ..checking.skips import not_applicable
            from ..devices.registry import missing

            if (reason := missing(device)) is not None:
                not_applicable(reason)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Run a check: warnings are not what is judged, and what it drew last is kept."""
        if not self.is_check(item):
            yield
            return
        from ..outcomes.failure import capturing

        with warnings.catch_warnings(), capturing(item, self.notebook) as capture:
            warnings.simplefilter("ignore")
            item.stash[_CAPTURE] = capture
            yield

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which checks were selected, by whatever means: the first report tells the recorder."""
        self.checks = [item.nodeid for item in filter(self.is_check, session.items)]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """Put the outcome on the report, and give it the words of the requirement."""
        outcome = yield
        if self.is_check(item) and call.when != "teardown":
            from ..outcomes.failure import judge

            report = outcome.get_result()
            requirement = self.options.requirements[requirement_of(item.nodeid)]
            device = self._device_of(item)
            capture = item.stash.get(_CAPTURE, None)
            judge(report, call, capture, requirement, device)
            told = report.sparsifier["outcome"] != Outcome.NOT_APPLICABLE.value
            if capture is not None and capture.error is not None and told:
                message = report.sparsifier["message"]
                report.sparsifier["reproducer"] = self._reproducer(capture, requirement, device, message)
            expected = self.expectations.of(requirement.id, device)
            if report.failed and expected:
                report.outcome, report.wasxfail = "skipped", requirement.id
            if (
                self.options.fail_fast
                and not expected
                and is_failed_must(requirement.level, Outcome(report.sparsifier["outcome"]))
            ):
                item.session.shouldfail = f"{requirement.id} failed"
            if not self._introduced:
                self._introduced = True
                report.sparsifier.update(about=self.about, checks=self.checks)

    def _reproducer(self, capture: Capture, requirement: Requirement, device: str | None, message: str) -> str | None:
        from ..outcomes.reproducer.writing import reproducer

        with suppress(Exception):  # a failure is told with or without one
            return reproducer(capture, device, requirement, message, self.about)
        return None

    def _device_of(self, item: pytest.Item) -> str | None:
        callspec = getattr(item, "callspec", None)
        return callspec.params.get("device") if callspec is not None else None


_CAPTURE: pytest.StashKey[Capture] = pytest.StashKey()
