"""The command ``sparsifier-conformance``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

from .. import __version__
from ..judging.processes.interrupts import handlers_restored, interrupt_once
from ..streams import lasting_output
from . import compare, matrix, mutate, run, spec
from .usage import Parser, Usage

DESCRIPTION = "Judge an implementation of PyTorch's sparsifier utilities against their specification."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters:
        arguments: those of the command line; None for this process's own.

    Returns:
        The exit status: 0 conforms, 1 does not, 2 wrong usage, 3 nothing ran or incomplete.
    """
    with lasting_output() as output, handlers_restored(), warnings.catch_warnings():
        # What torch says when it is imported without NumPy, which nothing here needs.
        warnings.filterwarnings("ignore", "Failed to initialize NumPy", UserWarning)
        try:
            status = _status(arguments)
        except KeyboardInterrupt:
            print("sparsifier-conformance: interrupted before there was a result", file=sys.stderr)
            status = 3
        if output.problem is not None and status != 2:
            print(f"sparsifier-conformance: standard output could not be written: {output.problem}", file=sys.stderr)
            return 3
    return status


def _status(arguments: Sequence[str] | None) -> int:
    try:
        options, strange = _parser().parse_known_args(arguments)
        if strange:
            options.parser.refuse(strange)
        if options.do is not run.judged:  # which can be interrupted once there is a session that leaves a result
            interrupt_once()
        return int(options.do(options))
    except SystemExit as error:  # argparse's
        return int(error.code or 0)
    except Usage as error:
        print(f"sparsifier-conformance: {error}", file=sys.stderr)
        return 2


def _parser() -> Parser:
    parser = Parser(prog="sparsifier-conformance", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.set_defaults(parser=parser)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for command in (run, spec, compare, matrix, mutate):
        command.add_parser(commands)
    parser.subcommands = commands.choices
    return parser
