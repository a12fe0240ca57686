"""The command ``sparsifier-conformance``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from .. import __version__, specification
from . import compare, matrix

DESCRIPTION = "Judge an implementation of PyTorch's sparsifier utilities against their specification."
RUN_EPILOG = """\
WHERE is package.module, package.module:attribute (any object with the six names), path/to/file.py[:attribute],
or a registered name: reference, torch.

exit status: 0 conforms; 1 does not conform; 2 wrong usage, or WHERE cannot be imported; 3 nothing ran, or the run
is incomplete
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (`{self.prog} --help` lists what there is)\n")


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
    except _Usage as error:
        print(f"sparsifier-conformance: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, `head` for instance, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


class _Usage(Exception):
    """The command was called wrongly; the message is one line."""


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("sparsifier-conformance", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    run = commands.add_parser(
        "run",
        help="judge an implementation",
        description="Judge an implementation: run every check, and say what failed and how.",
        epilog=RUN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    run.set_defaults(do=_run)
    run.add_argument("where", metavar="WHERE", help="the implementation; see below")
    run.add_argument(
        "--device",
        action="append",
        default=[],
        help="cpu, meta, cuda, cuda:1, …, fake:cuda, pretend, or all (the default); repeatable",
    )
    run.add_argument("--only", action="append", default=[], metavar="UTILITY|ID", help="judge this only; repeatable")
    run.add_argument(
        "--level", choices=("must", "should"), default="should", help="judge MUST only, or SHOULD too (the default)"
    )
    run.add_argument(
        "--examples", type=_number(1), default=40, metavar="N", help="inputs tried for each property (default: 40)"
    )
    run.add_argument("--seed", type=_number(0), default=0, metavar="N", help="seed of the inputs (default: 0)")
    run.add_argument(
        "-n",
        type=_number(0),
        default=None,
        metavar="N",
        help="processes that judge; 0 and 1 are the same (default: one for each core, at most 8)",
    )
    run.add_argument(
        "--timeout", type=_number(1), default=60, metavar="SECONDS", help="time limit of each check (default: 60)"
    )
    run.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="FILE",
        help="failures that are expected (TOML), or torch, torchao for theirs; repeatable, later ones override",
    )
    run.add_argument(
        "--write-expected", type=Path, metavar="FILE", help="write what fails to this new file, as expected failures"
    )
    run.add_argument(
        "--reproducers",
        type=Path,
        metavar="DIR",
        help="write a script for each failed requirement to this folder; it needs torch and the implementation alone",
    )
    run.add_argument("--fail-fast", action="store_true", help="stop at the first failed MUST")
    run.add_argument("--json", type=Path, metavar="FILE", help="write the result to this file")
    run.add_argument("--junit", type=Path, metavar="FILE", help="write pytest's own JUnit XML to this file")

    spec = commands.add_parser(
        "spec",
        help="print the specification",
        description="Print the specification, or one utility's or requirement's part of it.",
        allow_abbrev=False,
    )
    spec.set_defaults(do=_spec)
    spec.add_argument("name", nargs="?", metavar="ID|UTILITY", help="a requirement or a utility; all if left out")
    compare.add_parser(commands)
    matrix.add_parser(commands)
    return parser


def _number(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, {least} or more")
        return int(text)

    return number


def _spec(options: argparse.Namespace) -> int:
    page = specification.load()
    try:
        text = page.text if options.name is None else page.text_of(options.name)
    except specification.UnknownRequirement as error:
        raise _Usage(error) from None
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(text.strip(), flush=True)
    return 0


def _run(options: argparse.Namespace) -> int:
    from ..api import NothingRan, WrongUsage, judge
    from ..judging.controller import EXIT_STATUS

    try:
        result = judge(
            options.where,
            only=options.only,
            level=options.level,
            devices=options.device,
            examples=options.examples,
            seed=options.seed,
            expect=options.expect,
            workers=options.n,
            timeout=options.timeout,
            json=options.json,
            junit=options.junit,
            write_expected=options.write_expected,
            reproducers=options.reproducers,
            fail_fast=options.fail_fast,
            output=True,
        )
    except WrongUsage as error:
        raise _Usage(error) from None
    except NothingRan as error:
        print(f"sparsifier-conformance: {error}", file=sys.stderr)
        return 3
    return EXIT_STATUS[result.verdict]
