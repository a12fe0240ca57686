"""The command ``sparsifier-conformance``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .. import __version__
from . import compare, matrix, run, spec
from .usage import Parser, Usage

DESCRIPTION = "Judge an implementation of PyTorch's sparsifier utilities against their specification."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters:
        arguments: those of the command line; None for this process's own.

    Returns:
        The exit status: 0 conforms, 1 does not, 2 wrong usage, 3 nothing ran or incomplete.
    """
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as error:
        return int(error.code or 0)
    try:
        status: int = options.do(options)
    except Usage as error:
        print(f"sparsifier-conformance: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, `head` for instance, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _parser() -> Parser:
    parser = Parser("sparsifier-conformance", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for command in (run, spec, compare, matrix):
        command.add_parser(commands)
    return parser
