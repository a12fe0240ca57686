"""Judge many implementations in one process, as a project that embeds the suite does: torch is imported once."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from sparsifier_conformance.recorder import Recorder
from sparsifier_conformance.results import FAULTY, Result
from sparsifier_conformance.session import SUITE_FOLDER

EMPTY_CONFIGURATION = SUITE_FOLDER.with_name("command.ini")


class _Keeper:
    result: Result | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        recorder = session.config.pluginmanager.get_plugin("sparsifier-recorder")
        assert isinstance(recorder, Recorder)
        self.result = recorder.result


def judge(where: str | Path, *options: str, only: Sequence[str] = ()) -> Result:
    """Judge an implementation, and give the result.

    Parameters:
        where: the implementation, as for the command.
        options: further options of pytest or the plugin.
        only: utilities and ids to judge; all if empty.
    """
    keeper = _Keeper()
    arguments = [
        *("-c", str(EMPTY_CONFIGURATION), f"--rootdir={SUITE_FOLDER.parent}", f"--confcutdir={SUITE_FOLDER}"),
        *("-p", "no:cacheprovider", "-p", "no:warnings", "-p", "no:xdist", "-qq", "--tb=no", "-rN"),
        f"--sparsifier-implementation={where}",
        *(f"--sparsifier-only={name}" for name in only),
        *options,
        str(SUITE_FOLDER),
    ]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        status = pytest.main(arguments, plugins=[keeper])
    assert keeper.result is not None, f"no result, status {status}:\n{output.getvalue()}"
    return keeper.result


def failed(result: Result) -> set[str]:
    """Give the ids of the requirements that an implementation does not meet, on whatever device."""
    return {judgement.id for judgement in result.requirements if judgement.outcome in FAULTY}
