"""What an item of a pytest session is to us: whether it is a check, for which requirement, on which device.

The plugin imports this module in every pytest session of an environment, so it imports nothing but pytest.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..devices.base import Device
    from .introduction import Check

SUITE = "sparsifier_conformance.suite"
SUITE_FOLDER = Path(__file__).parents[1] / "suite"
#: The name of the plugin that judges, in the sessions that do.
SESSION = "sparsifier-session"
#: Where pytest-xdist hands a worker the utilities of which so many checks timed out that no more are tried.
ENDLESS = "sparsifier_endless"
MOST_TIME_OUTS = 3


def is_check(item: Any) -> bool:
    """Return whether an item, or what it is made from, is one of our checks, however pytest came to collect it."""
    return getattr(getattr(item, "module", None), "__name__", "").startswith(f"{SUITE}.")


def requirement_of(item: Any) -> str:
    """Return the id of the requirement that a check is for, from the names of its folder and its function.

    What follows two underscores in the latter tells several checks of one requirement apart.

    Parameters:
        item: the check.
    """
    utility = item.module.__name__.split(".")[-2]
    slug = item.function.__name__.removeprefix("test_").partition("__")[0]
    return f"{utility}/{slug.replace('_', '-')}"


def device_name_of(item: Any) -> str | None:
    """Return the name of the device that a check runs on, as it was requested, or None if none plays a part."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("device") if callspec is not None else None


def device_of(item: pytest.Item) -> Device | None:
    """Return the device that a check runs on, or None if none plays a part."""
    from ..devices.registry import device  # which imports torch

    name = device_name_of(item)
    return None if name is None else device(name)


def not_collected(report: pytest.CollectReport, root: Path) -> str | None:
    """Return a line about a module of the suite that could not be imported, or None if a report is of anything else.

    Parameters:
        report: of what was collected.
        root: the folder that names of files are relative to.
    """
    name = report.nodeid.partition("::")[0]
    # Outside of the root folder a module goes by its dotted name, as pytest is given it.
    dotted = name.removeprefix(f"{SUITE}.") if name.startswith(f"{SUITE}.") else None
    file = root.joinpath(name) if dotted is None else SUITE_FOLDER.joinpath(*dotted.split(".")).with_suffix(".py")
    if not report.failed or SUITE_FOLDER not in file.parents:
        return None
    why = (str(report.longrepr).strip().splitlines() or ["it could not be imported"])[-1].removeprefix("E").strip()
    return f"the checks of {file.relative_to(SUITE_FOLDER)} are missing: {why}"


def check_of(item: Any) -> Check:
    """Return what a process that judges says first of a check."""
    from .introduction import Check

    device = device_of(item)
    return Check(
        nodeid=item.nodeid,
        function=f"{item.module.__name__}:{item.function.__name__}",
        requirement=requirement_of(item),
        device=None if device is None else device.name,
        is_limited=device is not None and device.is_limited,
        tries_small_models="modules" in item.fixturenames,
    )
