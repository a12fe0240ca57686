"""The command ``compare``: what changed between two results."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.file import ResultError, read
from ..text import one_line

if TYPE_CHECKING:
    from ..reports.comparison import Comparison

EPILOG = """\
Requirements are compared one by one, on each device. What passed and is an expected failure now is newly failing.
Results of another format are refused; of another specification, the output says what cannot be compared.

exit status: 0 nothing got worse; 1 something did: a requirement is newly failing, the verdict is worse on the same
requirements, or the new result is incomplete; 2 wrong usage, or a file is no result
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "compare",
        help="say what changed between two results",
        description="Say what changed between two results.",
        epilog=EPILOG,
        do=_compare,
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the earlier file that `run --json` wrote")
    parser.add_argument("new", type=Path, metavar="NEW", help="the later one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="form", action="store_const", const="json", help="print JSON")
    form.add_argument("--markdown", dest="form", action="store_const", const="markdown", help="print Markdown")
    parser.set_defaults(form="text")


def _compare(options: argparse.Namespace) -> int:
    from ..reports.comparison import compare

    read_files, refused = [], False
    for path in (options.old, options.new):
        try:
            read_files.append((path, read(path)))
        except ResultError as error:
            print(f"sparsifier-conformance compare: {one_line(str(error))}", file=sys.stderr)
            refused = True
    if refused:
        return 2
    comparison = compare(*read_files)
    print(_written(comparison, options.form))
    return 1 if comparison.worse else 0


def _written(comparison: Comparison, form: str) -> str:
    if form == "json":
        import json

        import msgspec

        return json.dumps(msgspec.to_builtins(comparison), indent=2)  # ASCII, whatever the encoding of the output is
    from ..reports import changes

    return changes.markdown(comparison) if form == "markdown" else changes.text(comparison)
