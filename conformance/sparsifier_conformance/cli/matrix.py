"""The command ``matrix``: results side by side, as a page, as Markdown and as a badge."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..files import same_file, why_not_writable, write_whole
from ..results.file import ResultError, read
from ..results.records import Result
from ..text import counted, one_line

EPILOG = """\
Without --html, --markdown and --badge, the Markdown goes to standard output.

exit status: 0 every file was shown; 1 some files are no results, and the others are shown; 2 wrong usage, or no
file is a result: nothing is written; 3 a file could not be written
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "matrix",
        help="show results side by side",
        description="Show results side by side: implementations are columns, requirements are rows.",
        epilog=EPILOG,
        do=_matrix,
    )
    parser.add_argument(
        "results", nargs="+", type=Path, metavar="RESULT", help="a file that `run --json` wrote, or a folder of such"
    )
    parser.add_argument("--html", type=Path, metavar="PAGE", help="write a page that stands alone")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table for a README")
    parser.add_argument(
        "--badge", type=Path, metavar="FILE", help="write the JSON that shields.io draws a badge from (an endpoint)"
    )


def read_all(paths: Sequence[Path]) -> tuple[list[tuple[Path, Result]], list[str]]:
    """Return the results in some files, each with its file, and a line for each file that is no result.

    Parameters:
        paths: the files, or folders of files called ``*.json``; one that is named twice is read once.
    """
    results, refused = [], []
    for path in _files(paths):
        try:
            if path.is_dir():
                raise ResultError(f"{path} is a folder without .json files; `run --json` writes one")
            results.append((path, read(path)))
        except ResultError as error:
            refused.append(one_line(str(error)))
    return results, refused


def _files(paths: Sequence[Path]) -> Iterable[Path]:
    """Return files and what is in folders, each once; a folder stands for itself if nothing is in it.

    A badge that ``matrix`` wrote among the results is left out.
    """
    from ..reports.badge import is_badge

    found = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else ()) or (path,)]
    once: dict[str, Path] = {}
    for file in (each for each in found if not is_badge(each)):
        once.setdefault(os.path.realpath(file), file)
    return once.values()


def _matrix(options: argparse.Namespace) -> int:
    results, refused = read_all(options.results)
    complaint = _complaint(options)
    if complaint is not None:
        _say(complaint)
        return 2
    for each in refused:
        _say(each)
    if not results:
        if not refused:
            _say("there is nothing but a badge; give the results, which `run --json` writes")
        return 2
    status, files = 1 if refused else 0, []
    for path, text in _made(options, results, refused):
        if path is None:
            print(text, end="")
            continue
        try:
            write_whole(path, text.encode())
            files += [str(path)] if path.is_file() else []  # else standard output, say, in which a line would be more
        except OSError as error:
            _say(f"{path} could not be written: {error.strerror or error}")
            status = 3
    if files:
        print(one_line(f"{counted(len(results), 'result')} written to {', '.join(files)}"))
    return status


def _complaint(options: argparse.Namespace) -> str | None:
    """Return what is wrong with the files to write, before any is written."""
    written = [path for path in (options.html, options.markdown, options.badge) if path is not None]
    for number, path in enumerate(written):
        if any(same_file(path, each) for each in _files(options.results)):
            return f"{path} is one of the results; write to another file"
        if any(same_file(path, other) for other in written[:number]):
            return "--html, --markdown and --badge need a file each"
        if (reason := why_not_writable(path)) is not None:
            return reason
    if options.badge is not None and options.badge.suffix == ".svg":
        return (
            f"{options.badge}: --badge writes JSON, from which https://shields.io/badges/endpoint-badge makes the SVG"
        )
    return None


def _made(
    options: argparse.Namespace, results: list[tuple[Path, Result]], refused: list[str]
) -> list[tuple[Path | None, str]]:
    """Return all that was requested, each with its file, before any of it is written."""
    from ..reports import badge, markdown, table

    made: list[tuple[Path | None, str]] = []
    whole = table.make(results)
    if options.html is not None:
        from ..reports import html as page

        made.append((options.html, page.page(whole, refused)))
    if options.markdown is not None or (options.html is None and options.badge is None):
        made.append((options.markdown, markdown.page(whole, refused)))
    if options.badge is not None:
        made.append((options.badge, badge.endpoint([result for _, result in results], len(refused))))
    return made


def _say(line: str) -> None:
    print(f"sparsifier-conformance matrix: {line}", file=sys.stderr)
