"""Collecting checks: which there are, for which devices and models, and what is left out, set up and put in order."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..items import SUITE, SUITE_FOLDER, check_of, device_name_of, is_check, requirement_of
from ..processes.importing import limited_import, time_limit
from ..processes.last_inputs import NO_LIMIT
from ..processes.workers import arrange

if TYPE_CHECKING:
    from .material import Material

#: The parameter by which a check takes a model of the user's.
OWN_MODEL = "own_model"


class Collecting:
    """The hooks of pytest that are called while checks are collected."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.requested = material.requested
        self.config = material.config
        #: Why nothing can be judged.
        self.error: str | None = None

    def pytest_collect_file(self, file_path: Path) -> None:
        """Import torch before the first check does, with warnings off: they may be errors in this session."""
        if SUITE_FOLDER in file_path.parents:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from ...checking.models import strategies  # noqa: F401

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
        return [] if is_ours and not self.material.own_models else None

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Let ``-k`` select a check by the id of its requirement."""
        if is_check(item):
            item.extra_keyword_matches.add(requirement_of(item))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a check on each device, with each model of the user's, or with every small model, as it takes them."""
        if not is_check(metafunc):
            return
        if "modules" in metafunc.fixturenames:
            metafunc.parametrize("modules", [self.requested.exhaustive])
        if OWN_MODEL in metafunc.fixturenames:
            metafunc.parametrize(OWN_MODEL, self.material.own_models, ids=str)
        if "device" in metafunc.fixturenames:
            from ...devices.registry import UnknownDevice

            try:
                metafunc.parametrize("device", self._devices_for(metafunc.fixturenames))
            except UnknownDevice as error:
                self.error = str(error)
                metafunc.parametrize("device", ["cpu"])

    def _devices_for(self, names: Collection[str]) -> list[str]:
        """Return the devices that a check is called for, by the names of its parameters.

        One that takes a model of the user's, which is on a device already, is called for one: a real one if there is.
        """
        from ...devices.registry import device

        devices = self.material.devices
        return sorted(devices, key=lambda name: device(name).is_limited)[:1] if OWN_MODEL in names else devices

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what was not requested, load the implementation, and set the properties up."""
        from .properties import set_up

        if not any(map(is_check, items)):
            return
        self._leave_out_what_was_not_requested(items)
        checks = list(filter(is_check, items))
        self.error = self.error or self._why_not_loaded() or self._why_not_expected(checks)
        if self.error is not None:
            if not hasattr(self.config, "workeroutput"):
                raise pytest.UsageError(self.error)
            # A worker cannot say so itself: the recorder, in the process that the user sees, does.
            self.config.workeroutput["sparsifier_error"] = self.error
            items.clear()
            return
        for item in checks:
            expected = self.material.expectations.of(requirement_of(item), device_name_of(item))
            set_up(item, self.requested, shrink=not expected)
        arrange(
            items,
            lambda item: self.material.requirement(requirement_of(item)) if is_check(item) else None,
            fail_fast=self.requested.fail_fast,
        )

    def _leave_out_what_was_not_requested(self, items: list[pytest.Item]) -> None:
        wanted = self.requested
        left_out = {item for item in filter(is_check, items) if requirement_of(item) not in wanted.requirements}
        if len(left_out) == sum(map(is_check, items)):
            selection = ", ".join(wanted.only or ["every requirement"]) + (
                ", MUST only" if wanted.level == "MUST" else ""
            )
            self.error = f"none of the checks that pytest collected is for what was requested: {selection}"
        elif left_out:
            self.config.hook.pytest_deselected(items=list(left_out))
            items[:] = [item for item in items if item not in left_out]

    def _why_not_loaded(self) -> str | None:
        from ...implementations.finding import ImplementationError
        from ...implementations.names import JUDGED, WITHOUT_ASSERTS, Names

        if __debug__ is False:
            return "checks mean nothing under python -O, which removes their assertions; run without it"
        try:
            self.config.stash[JUDGED] = Names(self.material.found.target, self.requested.names)
            self.config.stash[WITHOUT_ASSERTS] = self.material.without_asserts
        except ImplementationError as error:
            return str(error)
        return self._why_no_model()

    def _why_no_model(self) -> str | None:
        from ...own_models import ModelError

        for own_model in self.material.own_models:
            cannot = f"model {own_model.where!r} cannot be built"
            try:
                with warnings.catch_warnings(), limited_import(self.config, cannot):
                    warnings.simplefilter("ignore")
                    own_model.examine(time_limit(self.config) or NO_LIMIT)
            except ModelError as error:
                return str(error)
        return None

    def _why_not_expected(self, checks: list[pytest.Item]) -> str | None:
        judged = [(requirement_of(item), device_name_of(item)) for item in checks]
        return "\n".join(self.material.expectations.without_device(judged)) or None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which checks are selected, by whatever means: the first report brings the list along."""
        self.material.checks = [check_of(item) for item in filter(is_check, session.items)]
