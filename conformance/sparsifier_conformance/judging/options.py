"""What a session was asked for, checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..files import why_not_writable
from ..reports.scripts import why_no_folder
from ..results.records import Selection
from ..specification import Level, Requirement, UnknownRequirement, load
from .plugin import is_named

if TYPE_CHECKING:
    from ..results.expectations import Expectations


@dataclass(frozen=True)
class Options:
    """The options of a session; ``requirements`` are those selected, by id."""

    where: str
    devices: tuple[str, ...]
    only: tuple[str, ...]
    level: Level
    examples: int
    seed: int
    json: Path | None
    requirements: dict[str, Requirement]
    expectations: Expectations
    write_expected: Path | None
    reproducers: Path | None
    fail_fast: bool

    @property
    def selection(self) -> Selection:
        """The part of the options that a result records."""
        return Selection(list(self.only), self.level, list(self.devices))

    @property
    def partial(self) -> bool:
        """Whether some requirements were left out."""
        return len(self.requirements) < len(load().requirements)


def from_config(config: pytest.Config) -> Options:
    """Read the options of a session, those of the command line before those of the configuration.

    Raises:
        pytest.UsageError: if one of them makes no sense.
    """
    level = str(_option(config, "level")).lower()
    if level not in ("must", "should"):
        raise pytest.UsageError(f"sparsifier_level is {level!r}; it may be must or should")
    only = tuple(_option(config, "only"))
    try:
        selected = load().select(only)
    except UnknownRequirement as error:
        raise pytest.UsageError(str(error)) from None
    requirements = {id: each for id, each in selected.items() if level == "should" or each.level == "MUST"}
    json = config.getoption("--sparsifier-json")
    if json:
        check_writable(Path(json))
    write_expected = config.getoption("--sparsifier-write-expected")
    if write_expected:
        check_writable(Path(write_expected), new=not hasattr(config, "workerinput"))
    fail_fast = bool(_option(config, "fail-fast"))
    if fail_fast and write_expected:
        raise pytest.UsageError(
            f"a run that stops at the first failure misses others for {write_expected}; run it whole"
        )
    reproducers = config.getoption("--sparsifier-reproducers")
    if reproducers and (reason := why_no_folder(Path(reproducers))) is not None:
        raise pytest.UsageError(reason)
    return Options(
        where=str(_option(config, "implementation")) if is_named(config) else _provider(config),
        devices=tuple(_option(config, "device")),
        only=only,
        level="MUST" if level == "must" else "SHOULD",
        examples=_number(config, "examples", least=1),
        seed=_number(config, "seed", least=0),
        json=Path(json).absolute() if json else None,
        requirements=requirements,
        expectations=_expectations(config),
        write_expected=Path(write_expected).absolute() if write_expected else None,
        reproducers=Path(reproducers).absolute() if reproducers else None,
        fail_fast=fail_fast,
    )


def _provider(config: pytest.Config) -> str:
    """Say where the hook stands that provides the implementation."""
    hook = config.hook.pytest_sparsifier_implementation
    return f"{hook.name} in {hook.get_hookimpls()[-1].plugin_name}"


def _expectations(config: pytest.Config) -> Expectations:
    from ..results.expected_files import ExpectedFileError, read

    # In the configuration, a path is relative to its file.
    given = config.getoption("--sparsifier-expect") is not None
    folder = None if given or config.inipath is None else config.inipath.parent
    try:
        return read(_option(config, "expect"), folder)
    except ExpectedFileError as error:
        raise pytest.UsageError(str(error)) from None


def check_writable(path: Path, *, new: bool = False) -> None:
    """Find out whether a file can be written before anything else is done.

    Parameters:
        path: the file.
        new: whether it must not be there yet.

    Raises:
        pytest.UsageError: if it cannot.
    """
    if new and path.exists():
        raise pytest.UsageError(f"{path} is there already, and its reasons would be lost; give another name")
    reason = why_not_writable(path)
    if reason is not None:
        raise pytest.UsageError(reason)


def _option(config: pytest.Config, name: str) -> Any:
    given = config.getoption(f"--sparsifier-{name}")
    return given if given is not None else config.getini(f"sparsifier_{name.replace('-', '_')}")


def _number(config: pytest.Config, name: str, least: int) -> int:
    value = _option(config, name)
    if not str(value).lstrip("-").isdigit() or int(str(value)) < least:
        raise pytest.UsageError(f"{name} is {value!r}; it must be a whole number, {least} or more")
    return int(str(value))
