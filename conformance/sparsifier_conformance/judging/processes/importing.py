"""A limit for the time that an implementation takes to be imported, for no check has begun that could have one."""

from __future__ import annotations

import faulthandler
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from .last_inputs import NO_LIMIT, folder_of


@contextmanager
def limited_import(config: pytest.Config, what: str) -> Generator[None, None, None]:
    """End this process if the body takes longer than a check may: it may wait for what never comes.

    A worker writes where it was to the folder of its notes, and any other process to standard error.

    Parameters:
        config: that of the session.
        what: what does not come about if the process ends, such as ``'package' cannot be imported``.
    """
    limit, folder = time_limit(config) or NO_LIMIT, folder_of(config)
    with suppress(OSError, ValueError):  # no such folder on another machine, or standard error without a descriptor
        where = sys.__stderr__ if folder is None else _note(folder, config).open("w", encoding="utf-8")
        assert where is not None
        if folder is not None:
            print(what, file=where, flush=True)
        faulthandler.dump_traceback_later(limit, exit=True, file=where)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        if folder is not None:
            _note(folder, config).unlink(missing_ok=True)


def time_limit(config: pytest.Config) -> float:
    """Return the time that pytest-timeout gives a check, in seconds; 0 if it gives none."""
    return float(getattr(config.option, "timeout", None) or 0)


def unfinished_import(folder: str, worker: str) -> tuple[str | None, str | None]:
    """Return what did not come about as a worker ended, and where it was if it took too long; None if not known."""
    with suppress(OSError):
        noted = Path(folder, f"{worker}.importing").read_text(encoding="utf-8")
        what, *threads = re.split(r"\n(?=Thread |Timeout )", noted)
        importing = next((each for each in threads if re.search(r"(finding|own_models)\.py", each)), "")
        frames = re.findall(r'File "(.*)", line ([0-9]+) in', importing)
        place = next((f"{file}, line {line}" for file, line in frames if not file.startswith("<frozen")), None)
        return what.strip(), place
    return None, None


def shadow(folder: Path) -> str:
    """Return what to do about a file in a folder that hides a module of the standard library; empty if there is none.

    Parameters:
        folder: the current one, which Python before 3.11 looks through first as a worker starts.
    """
    hiding = (path.name for path in sorted(folder.glob("*.py")) if path.stem in sys.stdlib_module_names)
    return next((f"; {name} here hides the standard library's module of that name: rename it" for name in hiding), "")


def _note(folder: str, config: pytest.Config) -> Path:
    return Path(folder, f"{config.workerinput['workerid']}.importing")  # type: ignore[attr-defined]
