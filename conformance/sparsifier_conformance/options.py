"""What a session was asked for, checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .files import why_not_writable
from .results import Selection
from .specification import Level, Requirement, UnknownRequirement, load


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
    return Options(
        where=str(_option(config, "implementation")),
        devices=tuple(_option(config, "device")),
        only=only,
        level="MUST" if level == "must" else "SHOULD",
        examples=_number(config, "examples", least=1),
        seed=_number(config, "seed", least=0),
        json=Path(json).absolute() if json else None,
        requirements=requirements,
    )


def check_writable(path: Path) -> None:
    """Find out whether a file can be written before anything else is done.

    Raises:
        pytest.UsageError: if it cannot.
    """
    reason = why_not_writable(path)
    if reason is not None:
        raise pytest.UsageError(reason)


def _option(config: pytest.Config, name: str) -> Any:
    given = config.getoption(f"--sparsifier-{name}")
    return given if given is not None else config.getini(f"sparsifier_{name}")


def _number(config: pytest.Config, name: str, least: int) -> int:
    value = _option(config, name)
    if not str(value).lstrip("-").isdigit() or int(str(value)) < least:
        raise pytest.UsageError(f"{name} is {value!r}; it must be a whole number, {least} or more")
    return int(str(value))
