"""Judge an implementation from Python, for example in a notebook. The command is built on this."""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from os import PathLike, fspath
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, ParamSpec

from .judging.options import BY_NAME, Option
from .judging.processes.controller import Ending, run
from .judging.requested import check_outputs
from .results.records import Result
from .text import did_you_mean

Names = str | Iterable[str]
File = str | PathLike[str]
P = ParamSpec("P")


class WrongUsage(ValueError):
    """An argument makes no sense, or the implementation cannot be imported; the message, one line, says what to do."""


class NotWritten(OSError):
    """The run has a result, but something that was requested could not be written; the message says what.

    Parameters:
        message: one line.
        result: the result of the run, which is kept as the attribute ``result``.
    """

    def __init__(self, message: str, result: Result) -> None:
        super().__init__(message)
        self.result = result


class NothingRan(RuntimeError):
    """There is no result, since no check ran; the message says why, as far as that is known."""


def _known_only(call: Callable[P, Result]) -> Callable[P, Result]:
    """Return a function that meets a parameter it does not have with the one that was meant."""

    @wraps(call)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Result:
        names = list(signature(call).parameters)
        unknown = next((name for name in kwargs if name not in names), None)
        if unknown is not None:
            raise WrongUsage(f"judge has no {unknown!r}{did_you_mean(unknown, names)}")
        return call(*args, **kwargs)

    return checked


@_known_only
def judge(
    where: File | object,
    *,
    only: Names = (),
    models: File | Iterable[File] = (),
    level: Literal["must", "should"] = "should",
    devices: Names = (),
    examples: int = 10,
    exhaustive: int = 3,
    seed: int = 0,
    expect: File | Iterable[File] = (),
    workers: int | None = None,
    timeout: float = 60,
    json: File | None = None,
    junit: File | None = None,
    sarif: File | None = None,
    write_expected: File | None = None,
    reproducers: File | None = None,
    fail_fast: bool = False,
    output: bool = False,
) -> Result:
    """Return the result of judging an implementation.

    Checks run in separate processes, so this process imports neither the implementation nor torch, and nothing is
    printed unless ``output`` is true.

    Parameters:
        where: the name of an implementation: ``package.module``, ``package.module:attribute``,
            ``path/to/file.py[:attribute]``, or a registered name, such as ``reference`` and ``torch``. Or a module, or
            an object that other processes can import by its own name.
        only: utilities and ids of requirements to judge; all if empty.
        models: your own models, beside those that are drawn: ``package.module:callable`` or
            ``path/to/file.py:callable``, where the callable builds one.
        level: ``"must"`` to judge MUST only, ``"should"`` to judge SHOULD as well.
        devices: ``cpu``, ``meta``, an accelerator such as ``cuda`` or ``cuda:1``, ``fake:cuda``, ``pretend``,
            ``pretend:no-float64``, ``pretend:no-complex``, or ``all``, which is what an empty list means.
        examples: number of inputs tried for each property.
        exhaustive: the look-ups are tried on every model of up to so many modules.
        seed: seed of the inputs.
        expect: files of expected failures, or ``torch`` and ``torchao`` for those that come with this package; later
            ones override earlier ones.
        workers: number of processes that judge; by default one for each core, at most 8.
        timeout: time limit of each check, in seconds.
        json: file to write the result to.
        junit: file to write pytest's own JUnit XML to.
        sarif: file to write what failed to, as SARIF for code scanning.
        write_expected: new file to write the failures to, as expected failures; one that is there already is refused.
        reproducers: folder to write a script for each failed requirement to; a script needs torch and the
            implementation only.
        fail_fast: whether to stop at the first failed MUST; what was not reached is ``not run``.
        output: whether to print what the command prints.

    Returns:
        The result. Its ``verdict`` is ``incomplete`` if not everything that was requested could be judged.

    Raises:
        WrongUsage: if an argument makes no sense, the implementation cannot be imported, or a model is at fault.
        NothingRan: if no check ran.
        NotWritten: if a file could not be written after the run, for example because the disk is full. The exception
            holds the ``result``.
        KeyboardInterrupt: if Ctrl-C interrupted the run, once the files that were requested are written. What SIGTERM
            does to the process it does then, too; handlers of your own are called, and if they return, so does this.
    """
    values = {
        "device": _list(devices),
        "only": _list(only),
        "model": _list(models),
        "level": level,
        "examples": examples,
        "exhaustive": exhaustive,
        "seed": seed,
        "expect": _list(expect),
        "fail-fast": fail_fast,
        "json": json,
        "sarif": sarif,
        "write-expected": write_expected,
        "reproducers": reproducers,
        "junit": junit,
        "timeout": timeout,
    }
    ending = _ending(where, values, workers=workers, output=output)
    try:
        return _result(ending)
    finally:
        if ending.signal is not None:
            signal.raise_signal(ending.signal)


def judge_by_options(
    where: File | object, requested: Mapping[str, Any], *, workers: int | None = None, output: bool = False
) -> Result:
    """Return what ``judge`` does, for values by the names of the options in ``judging.options.TABLE``.

    What interrupts the run goes no further than that.

    Parameters:
        where: as for ``judge``.
        requested: the values; an option that is not among them has its default.
        workers: as for ``judge``.
        output: as for ``judge``.

    Raises:
        WrongUsage: as for ``judge``, and so are the others.
        NothingRan: if no check ran.
        NotWritten: if a file could not be written after the run.
    """
    return _result(_ending(where, requested, workers=workers, output=output))


def _ending(where: File | object, requested: Mapping[str, Any], *, workers: int | None, output: bool) -> Ending:
    """Return how a run ends that was requested by ``judge`` or ``judge_by_options``.

    Raises:
        WrongUsage: if an argument makes no sense.
    """
    try:
        where = _name_of(where)
        values = {name: _valid(option, requested.get(name, option.default)) for name, option in BY_NAME.items()}
        outputs = {name: Path(values[name]) for name, option in BY_NAME.items() if option.writes and values[name]}
        read = [each.partition(".py")[0] + ".py" for each in (where, *values["model"])]
        check_outputs(outputs, [*values["expect"], *read], values["fail-fast"])
        workers = None if workers is None else Option("workers", "", least=0).value(workers)
    except ValueError as error:
        raise WrongUsage(str(error)) from None
    return run(where, values, workers=workers, output=output)


def _result(ending: Ending) -> Result:
    """Return the result of a run, or raise what is said instead."""
    if ending.complaint is not None:
        raise WrongUsage(ending.complaint)
    if ending.result is None:
        raise NothingRan("nothing ran, so there is no result")
    if ending.not_written:
        raise NotWritten("; ".join(ending.not_written), ending.result)
    return ending.result


def _name_of(where: Any) -> str:
    """Return the name by which the processes that judge find an implementation.

    Raises:
        ValueError: if there is none.
    """
    if isinstance(where, (str, PathLike)):
        if not fspath(where):
            raise ValueError("where is empty; it must name an implementation")
        return str(fspath(where))
    module, name = getattr(where, "__module__", None), getattr(where, "__qualname__", None)
    if isinstance(where, ModuleType) and where.__name__ != "__main__":
        return where.__name__
    found = sys.modules.get(module) if isinstance(module, str) and module != "__main__" else None
    if isinstance(name, str) and name.isidentifier() and getattr(found, name, None) is where:
        return f"{module}:{name}"
    raise ValueError(
        f"where is of type {type(where).__name__}, which other processes cannot import; name the implementation: "
        "package.module:attribute, or path/to/file.py:attribute"
    )


def _valid(option: Option, value: Any) -> Any:
    """Return a value in the type of its option; a time limit may be a fraction of a second here.

    Raises:
        ValueError: if the value makes no sense.
    """
    if option.name != "timeout" or (str(value).isdecimal() and int(value) > 0):
        return value if value is None else option.value(value)
    if isinstance(value, float) and 0 < value < math.inf:
        return value
    raise ValueError(f"timeout is {value!r}; it must be a number of seconds, more than 0")


def _list(names: File | Iterable[File]) -> list[str]:
    """Return names as a list, of which a single name is the only item."""
    return [fspath(name) for name in ([names] if isinstance(names, (str, PathLike)) else names)]
