"""Judge many implementations in one process, as a project that embeds the suite does: torch is imported once."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Collection, Generator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis.internal.conjecture import providers

import under_O
from sparsifier_conformance.judging.items import SUITE_FOLDER
from sparsifier_conformance.judging.processes import optimized
from sparsifier_conformance.judging.processes.in_process import arguments_for
from sparsifier_conformance.judging.recorder import Recorder
from sparsifier_conformance.judging.session.properties import shrink_nothing
from sparsifier_conformance.outcomes.outcome import FAULTY
from sparsifier_conformance.outcomes.reproducer import writing
from sparsifier_conformance.results.records import Result

if TYPE_CHECKING:
    from faults.base import Fault


class _Judge:
    """Keeps the result of a session, and leaves checks out of it."""

    result: Result | None = None

    def __init__(self, names: Collection[str], properties_only: bool) -> None:
        self.names = names
        self.properties_only = properties_only

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._is_wanted(item)]
        shrink_nothing(items)

    def _is_wanted(self, item: pytest.Item) -> bool:
        if self.properties_only and not hasattr(getattr(item, "obj", None), "hypothesis"):
            return False
        return not self.names or any(_without_params(item.nodeid) in _checks_of(name) for name in self.names)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        recorder = session.config.pluginmanager.get_plugin("sparsifier-recorder")
        assert isinstance(recorder, Recorder)
        self.result = recorder.result


def judge(
    where: str | Path,
    *options: str,
    only: Collection[str] = (),
    names: Collection[str] = (),
    properties_only: bool = False,
    scripts: bool = True,
) -> Result:
    """Judge an implementation, and return the result.

    Parameters:
        where: the implementation, as for the command.
        options: further options of pytest or the plugin.
        only: judge these requirements or utilities alone; all if empty.
        names: judge by the checks alone that look at one of these of the six names; by all if empty.
        properties_only: judge by the checks alone whose inputs are drawn.
        scripts: whether failures get scripts, which takes a while where most checks fail.
    """
    keeper = _Judge(names, properties_only)
    arguments = arguments_for(
        where,
        *options,
        *(f"--sparsifier-only={each}" for each in only),
        modules=_modules_of(only, names),
    )
    _pretend()
    written = contextlib.nullcontext() if scripts else mock.patch.object(writing, "reproducer", lambda *_: None)
    with written, _quickly(), _whatever_is_imported(), contextlib.redirect_stdout(io.StringIO()) as output:
        status = pytest.main(arguments, plugins=[keeper])
    assert keeper.result is not None, f"no result, status {status}:\n{output.getvalue()}"
    return keeper.result


def _modules_of(only: Collection[str], names: Collection[str]) -> set[Path]:
    """Return the modules of the suite that have the checks of some requirements, or those that look at some names."""
    found = {path for each in only for path in _modules_for(each)}
    files = {check.partition("::")[0] for name in names for check in _checks_of(name)}
    return found or {SUITE_FOLDER.parent / file for file in files}


@cache
def _modules_for(selected: str) -> list[Path]:
    """Return the modules of the suite that have checks of a requirement or a utility: all others take time, too."""
    utility, _, requirement = selected.partition("/")
    check = f"def test_{requirement.replace('-', '_')}"
    return [path for path in SUITE_FOLDER.glob(f"{utility}/test_*.py") if check in path.read_text(encoding="utf-8")]


def failed(result: Result) -> set[str]:
    """Return the ids of the requirements that an implementation does not meet, on whatever device."""
    return {judgement.id for judgement in result.requirements if judgement.outcome in FAULTY}


def judge_fault(fault: type[Fault], *, quick: bool = False) -> Result:
    """Judge a fault by all checks that can see it, on the devices that show it; if one is missing, see ``missing``.

    Parameters:
        fault: the implementation.
        quick: whether to try few inputs, on one device.
    """
    devices = [f"--sparsifier-device={device}" for device in (fault.on[:1] if quick else fault.on)]
    return judge(fault.where(), *devices, *(["--sparsifier-examples=5"] if quick else []), names=fault.changed())


def missing_for(fault: type[Fault]) -> str | None:
    """Return why this torch has no device that shows a fault, or None if it has."""
    from sparsifier_conformance.devices.registry import device, resolve

    return next(filter(None, (device(name).missing() for name in resolve(fault.on))), None)


@lru_cache(maxsize=1)
def _pretend() -> None:
    """Register the pretended device before any gradient, as conftest.py does, for what runs without pytest."""
    from sparsifier_conformance.devices.registry import device

    device("pretend:0").missing()


@contextmanager
def _whatever_is_imported() -> Generator[None, None, None]:
    """Draw the same inputs in each test, whichever came before it.

    Hypothesis draws now and then a number that stands in the source of some module which is imported, unless it is
    installed: of an implementation in a file, too, but here of the tests that happen to run in the same process.
    """
    of_modules = "_get_local_constants"
    if not hasattr(providers, of_modules):
        yield
        return
    nothing = type(getattr(providers, of_modules)())()
    with mock.patch.object(providers, of_modules, lambda: nothing):
        providers.CONSTANTS_CACHE.cache.clear()
        yield
    providers.CONSTANTS_CACHE.cache.clear()


@contextmanager
def _quickly() -> Generator[None, None, None]:
    """Do but once what takes as long as a fault.

    The processes under ``python -O`` come from one that has imported torch already, and the names of the installed
    distributions are read for all sessions.
    """
    with mock.patch.object(metadata, "packages_distributions", _distributions):
        slowly = optimized.ask
        optimized.ask = under_O.ask if hasattr(os, "fork") else slowly
        try:
            yield
        finally:
            optimized.ask = slowly


_distributions = lru_cache(maxsize=1)(metadata.packages_distributions)


class Tracing:
    """The reference, which notes the check that looks at a name of it."""

    def __init__(self) -> None:
        self.seen: dict[str, set[str]] = {}

    def __getattr__(self, name: str) -> Any:
        import sparsifier_reference

        value = getattr(sparsifier_reference, name)
        check, _, phase = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")
        if phase == "(call)" and check.startswith(f"{SUITE_FOLDER.name}/"):  # and not the test that judges
            self.seen.setdefault(name, set()).add(_without_params(check))
        return value


TRACING = Tracing()


@lru_cache(maxsize=1)
def _checks_by_name() -> dict[str, set[str]]:
    judge("judging:TRACING", "--sparsifier-examples=1", "--sparsifier-device=cpu")
    return TRACING.seen


def _checks_of(name: str) -> set[str]:
    """Give the checks that look at a name: no other can tell one implementation of it from another."""
    return _checks_by_name()[name]


def _without_params(nodeid: str) -> str:
    return nodeid.partition("[")[0]
