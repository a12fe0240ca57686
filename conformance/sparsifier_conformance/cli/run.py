"""The command ``run``: judge an implementation."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ..judging.options import TABLE, Option, arguments_for
from .usage import Usage

EPILOG = """\
WHERE is package.module, package.module:attribute (any object with the six names), path/to/file.py[:attribute],
or a registered name: reference, torch. A model is package.module:callable or path/to/file.py:callable.

exit status: 0 conforms; 1 does not conform; 2 wrong usage, or WHERE or a model cannot be had; 3 nothing ran, the run is
incomplete, or a file could not be written
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "run",
        help="judge an implementation",
        description="Judge an implementation: run every check, and say what failed and how.",
        epilog=EPILOG,
        do=judged,
    )
    parser.add_argument("where", metavar="WHERE", help="the implementation; see below")
    for option in TABLE:
        _add(parser, option)
    parser.add_argument(
        "-n",
        metavar="N",
        help="processes that judge; 0 and 1 are the same (default: one for each core, at most 8)",
    )


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    flag, default = f"--{option.name}", [] if option.default == () else option.default
    parser.add_argument(flag, default=default, **arguments_for(option))


def judged(options: argparse.Namespace) -> int:
    """Judge an implementation, and return the exit status."""
    from ..api import NothingRan, NotWritten, WrongUsage, judge_by_options
    from ..results.verdict import EXIT_STATUS

    values = {option.name: getattr(options, option.keyword) for option in TABLE}
    try:
        result = judge_by_options(options.where, values, workers=options.n, output=True)
    except WrongUsage as error:
        raise Usage(error) from None
    except NothingRan as error:
        print(f"sparsifier-conformance: {error}", file=sys.stderr)
        return 3
    except NotWritten:  # which the summary says
        return 3
    return EXIT_STATUS[result.verdict]
