"""What a session writes: one entry for each kind of output, under the name of its option in ``options.TABLE``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..reports import sarif
from ..reports.scripts import file_of, most_telling, write_reproducers
from ..results import file
from ..results.expected_files import write as write_expected
from ..results.records import Result, judged_nothing


def _json(result: Result, path: Path) -> str:
    file.write(result, path)
    return ""


def _sarif(result: Result, path: Path) -> str:
    sarif.write(result, path)
    return ""


def _expected(result: Result, path: Path) -> str:
    if judged_nothing(result):  # and a file would be in the way of the next run
        return f"{path} is not written, as nothing was judged"
    count = write_expected(result, path)
    return f"entries written to {path}: {count}" + ("; give each a reason" if count else ", for nothing new failed")


def _reproducers(result: Result, path: Path) -> str:
    count, first = write_reproducers(result, path), most_telling(result.requirements)
    begin = f"; begin with {file_of(first.id, path)}" if first is not None and count > 1 else ""
    return f"reproducers written to {path}: {count}{begin}"


#: By the name of the option: what writes it, and returns the line that the summary has of it, if any.
OUTPUTS: dict[str, Callable[[Result, Path], str]] = {
    "json": _json,
    "sarif": _sarif,
    "write-expected": _expected,
    "reproducers": _reproducers,
}


def write_all(result: Result, outputs: Mapping[str, Path]) -> tuple[list[str], list[str]]:
    """Write everything that was requested, each whether or not the others can be written.

    Parameters:
        result: that of the session.
        outputs: paths by the name of the option.

    Returns:
        Lines for the summary, and a line for each path that could not be written to.
    """
    said, failed = [], []
    for name, path in outputs.items():
        try:
            said.append(OUTPUTS[name](result, path))
        except OSError as error:
            failed.append(not_written(path, error))
    return list(filter(None, said)), failed


def not_written(path: Path, error: OSError) -> str:
    """Return the line about a path that could not be written to."""
    return f"{path} could not be written: {error.strerror or error}"
