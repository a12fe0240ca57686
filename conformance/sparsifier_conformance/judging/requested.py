"""What a session was requested to do, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..files import make_folder, same_file, why_not_writable
from ..implementations.names import NAMES
from ..results.expectations import Expectations
from ..results.expected_files import ExpectedFileError, read
from ..results.records import Selection
from ..specification import Level, Requirement, UnknownRequirement, load
from .options import BY_NAME, IMPLEMENTATION, TABLE, given, is_named


@dataclass(frozen=True)
class Requested:
    """What a session was requested to do.

    ``where`` is the implementation as it was named; ``requirements`` are those selected, by id; ``outputs`` are the
    paths to write to, by the name of the option.
    """

    where: str
    devices: tuple[str, ...]
    only: tuple[str, ...]
    models: tuple[str, ...]
    level: Level
    examples: int
    exhaustive: int
    seed: int
    fail_fast: bool
    requirements: dict[str, Requirement]
    expectations: Expectations
    outputs: dict[str, Path]

    @property
    def selection(self) -> Selection:
        """The part that a result records."""
        return Selection(list(self.only), self.level, list(self.devices), list(self.models))

    @property
    def names(self) -> frozenset[str]:
        """Those of the six names that are judged: all of them where what holds for all of them is."""
        utilities = {each.utility for each in self.requirements.values()}
        return frozenset(NAMES if "interface" in utilities else utilities)

    @property
    def partial(self) -> bool:
        """Whether some requirements were left out."""
        return len(self.requirements) < len(load().requirements)


def requested(config: pytest.Config) -> Requested:
    """Read what a session was requested to do, on the command line and in the configuration.

    Raises:
        pytest.UsageError: if something of it makes no sense.
    """
    try:
        values = {option.name: given(config, option) for option in TABLE if option.in_plugin}
        outputs = {name: Path(values[name]) for name, option in BY_NAME.items() if option.writes and values.get(name)}
        if not hasattr(config, "workerinput"):
            check_outputs(outputs, values["expect"], values["fail-fast"])
        only = tuple(values["only"])
        selected = load().select(only)
        expectations = read(values["expect"], _folder_of_configuration(config))
    except (ValueError, UnknownRequirement, ExpectedFileError) as error:
        raise pytest.UsageError(str(error)) from None
    must_only = values["level"] == "must"
    requirements = {id: each for id, each in selected.items() if not must_only or each.level == "MUST"}
    if not requirements:
        raise pytest.UsageError(f"nothing is left to judge: {', '.join(only)} is SHOULD, which level must leaves out")
    return Requested(
        where=str(config.getoption(IMPLEMENTATION) or config.getini("sparsifier_implementation"))
        if is_named(config)
        else _provider(config),
        devices=tuple(values["device"]),
        only=only,
        models=tuple(dict.fromkeys(values["model"])),
        level="MUST" if must_only else "SHOULD",
        examples=values["examples"],
        exhaustive=values["exhaustive"],
        seed=values["seed"],
        fail_fast=bool(values["fail-fast"]),
        requirements=requirements,
        expectations=expectations,
        outputs={name: path.absolute() for name, path in outputs.items()},
    )


def check_outputs(outputs: Mapping[str, Path], inputs: Iterable[str | Path], fail_fast: bool) -> None:
    """Find out whether all that is to be written can be, before anything else is done.

    Parameters:
        outputs: paths by the name of the option.
        inputs: files that are read.
        fail_fast: whether the run stops at the first failed MUST.

    Raises:
        ValueError: if it cannot; the message is one line that names the path.
    """
    for name, path in outputs.items():
        twin = next((other for other in outputs if other != name and same_file(outputs[other], path)), None)
        if twin is not None:
            raise ValueError(f"--{name} and --{twin} both name {path}; give each a file of its own")
        if any(same_file(path, Path(each)) for each in inputs):
            raise ValueError(f"--{name} would overwrite {path}, which is read; give another name")
        kind = BY_NAME[name].writes
        if kind == "new file" and path.exists():
            raise ValueError(f"{path} is there already, and its reasons would be lost; give another name")
        reason = make_folder(path) if kind == "folder" else why_not_writable(path)
        if reason is not None:
            raise ValueError(reason)
    if fail_fast and "write-expected" in outputs:
        path = outputs["write-expected"]
        raise ValueError(f"a run that stops at the first failure misses others for {path}; run it whole")


def _provider(config: pytest.Config) -> str:
    """Return where the hook stands that provides the implementation."""
    hook = config.hook.pytest_sparsifier_implementation
    return f"{hook.name} in {hook.get_hookimpls()[-1].plugin_name}"


def _folder_of_configuration(config: pytest.Config) -> Path | None:
    """Return what paths of expected failures are relative to: the configuration's folder, if they stand there."""
    is_option: Any = config.getoption("--sparsifier-expect")
    return None if is_option is not None or config.inipath is None else config.inipath.parent
