"""A session that judges, where checks are collected and run: in the user's own process, or in each worker."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Generator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ..outcomes.outcome import Outcome, stops_run
from .importing import limited_import, time_limit
from .items import (
    ENDLESS,
    MOST_TIME_OUTS,
    SESSION,
    SUITE,
    check_of,
    device_name_of,
    device_of,
    is_check,
    requirement_of,
)
from .last_inputs import NO_LIMIT, Notebook, folder_of
from .options import is_named
from .requested import Requested, requested
from .workers import arrange

if TYPE_CHECKING:
    from ..implementations import Found
    from ..outcomes.judged import Judged
    from ..own_models import OwnModel
    from ..results.expectations import Expectations
    from ..specification import Requirement
    from .capturing import Capture
    from .introduction import Check, Introduction

#: The parameter by which a check takes a model of the user's.
OWN_MODEL = "own_model"
SUITE_FOLDER = Path(__file__).parents[1] / "suite"


def take_part(config: pytest.Config) -> None:
    """Judge in this session: collect checks in this process, and record reports unless another process does."""
    from .recorder import Recorder

    wanted = requested(config)
    session = JudgingSession(config, wanted)
    config.pluginmanager.register(session, SESSION)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config, wanted), "sparsifier-recorder")


class JudgingSession:
    """The part of the plugin that works where checks are collected and run."""

    def __init__(self, config: pytest.Config, wanted: Requested) -> None:
        self.config = config
        self.requested = wanted
        self.error: str | None = None
        self.checks: list[Check] = []
        self._introduced = False

    @cached_property
    def found(self) -> Found:
        """The implementation; imported when the first check is collected, and once."""
        import torch  # noqa: F401 - whose import is not what is limited

        from ..implementations import load, provided

        with warnings.catch_warnings(), limited_import(self.config, f"{self.requested.where!r} cannot be imported"):
            warnings.simplefilter("ignore")
            if is_named(self.config):
                return load(self.requested.where)
            provide = self.config.hook.pytest_sparsifier_implementation
            return provided(self.requested.where, lambda: provide(config=self.config))

    @cached_property
    def devices(self) -> list[str]:
        """The names of the devices that were requested."""
        from ..devices.registry import resolve
        from ..implementations import ImplementationError

        with suppress(ImplementationError):  # which is reported later
            _ = self.found  # to import it may be what makes a vendor's device known
        return resolve(self.requested.devices)

    @cached_property
    def own_models(self) -> list[OwnModel]:
        """The user's own models."""
        from ..own_models import OwnModel

        return [OwnModel(where) for where in self.requested.models]

    def devices_for(self, names: Collection[str]) -> list[str]:
        """Return the devices that a check is called for, by the names of its parameters.

        One that takes a model of the user's, which is on a device already, is called for one: a real one if there is.
        """
        from ..devices.registry import device

        if OWN_MODEL not in names:
            return self.devices
        return sorted(self.devices, key=lambda name: device(name).is_limited)[:1]

    @cached_property
    def introduction(self) -> Introduction:
        """What the first report brings along."""
        from .introduction import introduction

        return introduction(self.found, self.requested.devices, self.checks)

    @cached_property
    def expectations(self) -> Expectations:
        """What is expected to fail here."""
        import torch

        return self.requested.expectations.here(str(torch.__version__), self.found.version)

    def without_asserts(self, name: str) -> dict[str, str]:
        """Return what is seen of one of the six names without its asserts."""
        from ..checking.under_O import LOOKS
        from .optimized import stripped

        value = stripped(getattr(self.found.target, name))
        return self._under_O[name] if value is None else LOOKS[name](SimpleNamespace(**{name: value}))

    @cached_property
    def _under_O(self) -> dict[str, dict[str, str]]:
        from ..checking.skips import not_applicable
        from .optimized import ask

        if not is_named(self.config):
            not_applicable("what a hook provides cannot be had under python -O, in a process of its own")
        # Less than the check that waits for it may take.
        return ask(self.requested.where, 0.8 * time_limit(self.config) or NO_LIMIT)

    @cached_property
    def notebook(self) -> Notebook | None:
        """Where the inputs of this process are noted, if it is a worker."""
        with suppress(OSError):  # a worker on another machine has no such folder
            folder = folder_of(self.config)
            return Notebook(folder, self.config.workerinput["workerid"]) if folder else None  # type: ignore[attr-defined]
        return None

    def _requirement(self, item: pytest.Item) -> Requirement:
        return self.requested.requirements[requirement_of(item)]

    # What follows are hooks of pytest.

    def pytest_collect_file(self, file_path: Path) -> None:
        """Import torch before the first check does, with warnings off: they may be errors in this session."""
        if SUITE_FOLDER in file_path.parents:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from ..checking import strategies  # noqa: F401

    def pytest_pycollect_makemodule(self, module_path: Path, parent: Any) -> pytest.Module | None:
        """Name the checks of a module so that their node ids can be given to pytest again, with ``--pyargs``.

        Where the suite is not below the root folder, pytest itself has no name for its modules.
        """
        if SUITE_FOLDER not in module_path.parents or SUITE_FOLDER.is_relative_to(self.config.rootpath):
            return None
        nodeid = f"{SUITE}.{module_path.parent.name}.{module_path.stem}"
        module: pytest.Module = pytest.Module.from_parent(parent, path=module_path, nodeid=nodeid)
        return module

    def pytest_pycollect_makeitem(self, name: str, obj: Any) -> list[pytest.Item] | None:
        """Collect no check that takes a model of the user's where there is none."""
        code = getattr(obj, "__code__", None)
        takes_one = code is not None and OWN_MODEL in code.co_varnames[: code.co_argcount]
        is_ours = takes_one and name.startswith("test_") and obj.__module__.startswith(f"{SUITE}.")
        return [] if is_ours and not self.own_models else None

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Let ``-k`` select a check by the id of its requirement."""
        if is_check(item):
            item.extra_keyword_matches.add(requirement_of(item))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a check on each device, with each model of the user's, or with every small model, as it takes them."""
        if is_check(metafunc) and "modules" in metafunc.fixturenames:
            metafunc.parametrize("modules", [self.requested.exhaustive])
        if is_check(metafunc) and OWN_MODEL in metafunc.fixturenames:
            metafunc.parametrize(OWN_MODEL, self.own_models, ids=str)
        if is_check(metafunc) and "device" in metafunc.fixturenames:
            from ..devices.registry import UnknownDevice

            try:
                metafunc.parametrize("device", self.devices_for(metafunc.fixturenames))
            except UnknownDevice as error:
                self.error = str(error)
                metafunc.parametrize("device", ["cpu"])

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what was not requested, load the implementation, and set the properties up."""
        from .properties import set_up

        checks = list(filter(is_check, items))
        if not checks:
            return
        left_out = {item for item in checks if requirement_of(item) not in self.requested.requirements}
        if len(left_out) == len(checks):
            self.error = f"none of the checks that pytest collected is for what was requested: {self._selection()}"
        elif left_out:
            self.config.hook.pytest_deselected(items=list(left_out))
            items[:] = [item for item in items if item not in left_out]
            checks = [item for item in checks if item not in left_out]
        if self.error is None:
            self._load()
        if self.error is None:
            judged = [(requirement_of(item), device_name_of(item)) for item in checks]
            self.error = "\n".join(self.expectations.without_device(judged)) or None
        if self.error is not None:
            if not hasattr(self.config, "workeroutput"):
                raise pytest.UsageError(self.error)
            # A worker cannot say so itself: the recorder, in the process that the user sees, does.
            self.config.workeroutput["sparsifier_error"] = self.error
            items.clear()
            return
        for item in checks:
            expected = self.expectations.of(requirement_of(item), device_name_of(item))
            set_up(item, self.requested, shrink=not expected)
        arrange(
            items,
            lambda item: self._requirement(item).level if is_check(item) else None,
            fail_fast=self.requested.fail_fast,
        )

    def _selection(self) -> str:
        wanted = self.requested
        return ", ".join(wanted.only or ["every requirement"]) + (", MUST only" if wanted.level == "MUST" else "")

    def _load(self) -> None:
        from ..implementations import JUDGED, WITHOUT_ASSERTS, ImplementationError, Names

        if __debug__ is False:
            self.error = "checks mean nothing under python -O, which removes their assertions; run without it"
            return
        try:
            self.config.stash[JUDGED] = Names(self.found.target, self.requested.names)
            self.config.stash[WITHOUT_ASSERTS] = self.without_asserts
        except ImplementationError as error:
            self.error = str(error)
            return
        if self.own_models:
            self._examine_models()

    def _examine_models(self) -> None:
        from ..own_models import ModelError

        for own_model in self.own_models:
            cannot = f"model {own_model.where!r} cannot be built"
            try:
                with warnings.catch_warnings(), limited_import(self.config, cannot):
                    warnings.simplefilter("ignore")
                    own_model.examine(time_limit(self.config) or NO_LIMIT)
            except ModelError as error:
                self.error = str(error)
                return

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which checks are selected, by whatever means: the first report brings the list along."""
        self.checks = [check_of(item) for item in filter(is_check, session.items)]

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """End a check on a device that is not available, or one more of a utility whose checks do not end."""
        if not is_check(item):
            return
        # On the item, where pytest's JUnit report looks for it.
        item.user_properties.append(("requirement", requirement_of(item)))
        utility = self._requirement(item).utility
        if utility in getattr(self.config, "workerinput", {}).get(ENDLESS, []):
            from ..checking.skips import Blocked

            raise Blocked(f"{MOST_TIME_OUTS} checks of {utility}, or more, timed out, so the others were not tried")
        device = device_of(item)
        if device is not None and (reason := device.missing()) is not None:
            from ..checking.skips import not_applicable

            not_applicable(reason)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Run a check: warnings are not what is judged, and its last failure is kept."""
        if not is_check(item):
            yield
            return
        from .capturing import capturing

        with warnings.catch_warnings(), capturing(item, self.notebook) as capture:
            warnings.simplefilter("ignore")
            item.stash[_CAPTURE] = capture
            yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """Put what the check comes to on the report, and give it the words of the requirement."""
        outcome = yield
        if not is_check(item) or call.when == "teardown":
            return
        from .reporting import attach, introduce, present

        report = outcome.get_result()
        judged = self._judged(item, call)
        expected = self.expectations.of(judged.requirement, judged.device)
        attach(report, judged)
        present(report, judged, expected=expected is not None)
        if not self._introduced:
            self._introduced = True
            introduce(report, self.introduction)
        decides = stops_run(self._requirement(item).level, judged.outcome) and not expected
        if self.requested.fail_fast and decides:
            item.session.shouldfail = f"{judged.requirement} failed"

    def _judged(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Judged:
        """Return what a check comes to, with the script of its failure."""
        from ..outcomes.failure import judged
        from ..outcomes.reproducer.writing import reproducer

        capture = item.stash.get(_CAPTURE, None)
        failure, device = capture.failure if capture else None, device_of(item)
        if failure is not None:
            failure.file = self.found.file
        error = call.excinfo.value if call.excinfo is not None else None
        result = judged(requirement_of(item), device, error, failure, called=call.when == "call")
        if result.outcome is Outcome.PASSED and capture is not None and capture.noticed:
            return msgspec.structs.replace(result, message="; ".join(capture.noticed))
        if failure is None or result.outcome not in (Outcome.FAILED, Outcome.TIMED_OUT):
            return result
        with suppress(Exception):  # a failure is reported with or without a script
            loading, seen_with = self.introduction.loading, self.introduction.seen_with
            script = reproducer(failure, device, self._requirement(item), loading, seen_with)
            return msgspec.structs.replace(result, reproducer=script)
        return result


_CAPTURE: pytest.StashKey[Capture] = pytest.StashKey()
