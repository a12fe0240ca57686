"""The command ``matrix``: results side by side, as a page, as Markdown and as a badge."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..files import print_all, why_not_writable, write_whole
from ..results.file import ResultError, read
from ..results.records import Result
from ..text import one_line

EPILOG = """\
Without --html, --markdown and --badge, the Markdown goes to standard output.

exit status: 0 every file was shown; 1 some files are no results, and the others are shown; 2 wrong usage, or no
file is a result: nothing is written
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "matrix",
        help="show results side by side",
        description="Show results side by side: implementations are columns, requirements are rows.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(do=_matrix)
    parser.add_argument(
        "results", nargs="+", type=Path, metavar="RESULT", help="a file that `run --json` wrote, or a folder of such"
    )
    parser.add_argument("--html", type=Path, metavar="PAGE", help="write a page that stands alone")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table for a README")
    parser.add_argument(
        "--badge", type=Path, metavar="FILE", help="write a badge: .svg, or .json for an endpoint of shields.io"
    )


def read_all(paths: Sequence[Path]) -> tuple[list[tuple[Path, Result]], list[str]]:
    """Read result files.

    Parameters:
        paths: the files, or folders of files called ``*.json``; one that is named twice is read once.

    Returns:
        The results with their files, and a line for each file that is no result.
    """
    results, refused = [], []
    once: dict[Path, Path] = {}
    for path in paths:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not files:
            refused.append(f"{path} is a folder without .json files; `run --json` writes one")
        for file in files:
            once.setdefault(file.resolve(), file)
    for path in once.values():
        try:
            results.append((path, read(path)))
        except ResultError as error:
            refused.append(one_line(str(error)))
    return results, refused


def _matrix(options: argparse.Namespace) -> int:
    complaint = _complaint(options)
    if complaint is not None:
        _say(complaint)
        return 2
    results, refused = read_all(options.results)
    for each in refused:
        _say(each)
    if not results:
        return 2
    for path, text in _made(options, results, refused):
        if path is None:
            print_all(text)
            continue
        try:
            write_whole(path, text.encode())
        except OSError as error:
            _say(f"{path} cannot be written: {error.strerror}")
            return 2
    return 1 if refused else 0


def _complaint(options: argparse.Namespace) -> str | None:
    """Say what is wrong with the files to write, before anything is read."""
    written = [path for path in (options.html, options.markdown, options.badge) if path is not None]
    for path in written:
        if path.resolve() in [each.resolve() for each in options.results]:
            return f"{path} is one of the results; write to another file"
        reason = why_not_writable(path)
        if reason is not None:
            return reason
    if len({path.resolve() for path in written}) < len(written):
        return "--html, --markdown and --badge need a file each"
    if options.badge is not None and options.badge.suffix not in (".svg", ".json"):
        return f"{options.badge} is neither .svg nor .json; the suffix says which badge to write"
    return None


def _made(
    options: argparse.Namespace, results: list[tuple[Path, Result]], refused: list[str]
) -> list[tuple[Path | None, str]]:
    """Make all that was asked for before any of it is written."""
    from ..reports import badge, markdown, table

    made: list[tuple[Path | None, str]] = []
    whole = table.make(results)
    if options.html is not None:
        from ..reports import html as page

        made.append((options.html, page.page(whole, refused)))
    if options.markdown is not None or (options.html is None and options.badge is None):
        made.append((options.markdown, markdown.page(whole, refused)))
    if options.badge is not None:
        draw = badge.svg if options.badge.suffix == ".svg" else badge.endpoint
        made.append((options.badge, draw([result for _, result in results], len(refused))))
    return made


def _say(line: str) -> None:
    print(f"sparsifier-conformance matrix: {line}", file=sys.stderr)
