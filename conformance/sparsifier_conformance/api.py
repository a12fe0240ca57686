"""Judge from Python, in a notebook for instance: what the command does is made of this."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Literal

import pytest

from .judging.controller import run
from .judging.options import check_writable
from .reports.scripts import why_no_folder
from .results.records import Result

Names = str | Iterable[str]
File = str | PathLike[str]


class WrongUsage(ValueError):
    """An argument makes no sense, or the implementation cannot be imported; the message says which way out."""


class NothingRan(RuntimeError):
    """There is no result, for no check ran; the message says what is known of why."""


def judge(
    where: File,
    *,
    only: Names = (),
    level: Literal["must", "should"] = "should",
    devices: Names = (),
    examples: int = 40,
    seed: int = 0,
    expect: File | Iterable[File] = (),
    workers: int | None = None,
    timeout: float = 60,
    json: File | None = None,
    junit: File | None = None,
    write_expected: File | None = None,
    reproducers: File | None = None,
    fail_fast: bool = False,
    output: bool = False,
) -> Result:
    """Judge an implementation, in processes of their own: nothing of it is imported here.

    Parameters:
        where: ``package.module``, ``package.module:attribute``, ``path/to/file.py[:attribute]``, or a registered
            name: ``reference``, ``torch``.
        only: utilities and ids of requirements; all if empty.
        level: judge MUST only, or SHOULD too.
        devices: ``cpu``, ``meta``, an accelerator such as ``cuda`` or ``cuda:1``, or ``all``, which none stands for.
        examples: inputs tried for each property.
        seed: seed of the inputs.
        expect: files of expected failures, or names of those that come with this package; later ones override.
        workers: processes that judge; by default one for each core, at most 8.
        timeout: time limit of each check, in seconds.
        json: a file to write the result to.
        junit: a file to write pytest's own JUnit XML to.
        write_expected: a new file to write what fails to, as expected failures.
        reproducers: a folder to write a script for each failed requirement to, which needs nothing of ours.
        fail_fast: whether to stop at the first failed MUST; the rest is ``not run``.
        output: whether to print what the command prints.

    Returns:
        The result. If the run was interrupted, its verdict is ``incomplete``.

    Raises:
        WrongUsage: if an argument makes no sense, or the implementation cannot be imported.
        NothingRan: if no check ran.
    """
    if level not in ("must", "should"):
        raise WrongUsage(f"level is {level!r}; it may be 'must' or 'should'")
    if not fspath(where):
        raise WrongUsage("which implementation is to be judged? Its name is empty")
    for name, value, least in (("examples", examples, 1), ("seed", seed, 0), ("workers", workers or 0, 0)):
        if not isinstance(value, int) or value < least:
            raise WrongUsage(f"{name} is {value!r}; it must be a whole number, {least} or more")
    if not timeout > 0:
        raise WrongUsage(f"timeout is {timeout!r}; it must be a number of seconds above 0")
    try:
        for file in (json, junit, write_expected):
            if file is not None:
                check_writable(Path(file), new=file is write_expected)
        if reproducers is not None and (reason := why_no_folder(Path(reproducers))) is not None:
            raise WrongUsage(reason)
    except pytest.UsageError as error:
        raise WrongUsage(str(error)) from None
    options = [
        f"--sparsifier-implementation={fspath(where)}",
        *(f"--sparsifier-only={name}" for name in _list(only)),
        f"--sparsifier-level={level}",
        *(f"--sparsifier-device={name}" for name in _list(devices)),
        f"--sparsifier-examples={examples}",
        f"--sparsifier-seed={seed}",
        *(f"--sparsifier-expect={fspath(file)}" for file in _list(expect)),
    ]
    if fail_fast:  # in small portions, for a worker does what it was given
        options += ["--sparsifier-fail-fast", "--maxschedchunk=1"]
    files = {"sparsifier-json": json, "junit-xml": junit, "sparsifier-write-expected": write_expected}
    files["sparsifier-reproducers"] = reproducers
    options += [f"--{name}={Path(file).absolute()}" for name, file in files.items() if file is not None]
    ending = run(options, workers=workers, timeout=timeout, output=output)
    if ending.complaint is not None:
        raise WrongUsage(ending.complaint)
    if ending.result is None:
        raise NothingRan("nothing ran, so there is no result")
    return ending.result


def _list(names: File | Iterable[File]) -> list[File]:
    """Take one name for a list of one."""
    return [names] if isinstance(names, (str, PathLike)) else list(names)
