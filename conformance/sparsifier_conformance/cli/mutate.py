"""The command ``mutate``: how well the suite pins an implementation down, line by line."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from ..files import write_whole
from ..judging.options import Option
from ..text import counted
from .usage import Usage

EPILOG = """\
WHERE is named as for `run`. Each change makes one mutant, which the suite judges on cpu and meta. One that meets what
the original meets is not told from it, and is printed as a diff: no check sees what is changed there. Mutants that are
listed as equivalent count among those that are not told.

exit status: 0 each mutant is told, or listed as equivalent; 1 some are not, or a listed one is told, or none any more;
2 wrong usage, or WHERE cannot be had or judged; 3 interrupted, or a file could not be written
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "mutate",
        help="find the lines of an implementation that no check sees",
        description="Change an implementation in many small ways, and list the changes that no check sees.",
        epilog=EPILOG,
        do=_mutate,
    )
    parser.add_argument("where", metavar="WHERE", help="the implementation; see below")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="mutate this function or class only; repeatable"
    )
    parser.add_argument(
        "--equivalents", type=Path, metavar="FILE", help="mutants that nothing can tell (TOML), each with the reason"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what became of each mutant to this file")
    parser.add_argument("--jobs", metavar="N", help="mutants judged at a time (default: one for each core)")
    parser.add_argument(
        "--time-limit", metavar="SECONDS", help="for each mutant (default: ten times the original's, at least 60)"
    )


def _mutate(options: argparse.Namespace) -> int:
    from ..judging.requested import check_outputs
    from ..mutation.equivalents import read

    inputs = [each for each in (options.equivalents, options.where.partition(".py")[0] + ".py") if each is not None]
    try:
        jobs, time_limit = _number("jobs", options.jobs), _number("time-limit", options.time_limit)
        listed = read(options.equivalents) if options.equivalents is not None else []
        check_outputs({"json": options.json} if options.json is not None else {}, inputs, fail_fast=False)
    except ValueError as error:
        raise Usage(error) from None
    print(f"importing {options.where} …", flush=True)
    from ..judging.processes.controller import cores
    from ..mutation.report import lines
    from ..mutation.trying import Unusable, mutate

    progress = _Progress()
    try:
        mutation = mutate(
            options.where,
            only=list(dict.fromkeys(options.only)),
            listed=listed,
            jobs=jobs or cores(),
            time_limit=time_limit,
            started=progress.start,
            progress=progress.show,
        )
    except Unusable as error:
        raise Usage(error) from None
    finally:
        progress.clear()
    is_written = options.json is None or _write(mutation, options.json)
    for line in lines(mutation):
        print(line)
    return 3 if mutation.interrupted or not is_written else 0 if mutation.is_clean else 1


def _number(name: str, given: str | None) -> int | None:
    return None if given is None else int(Option(name, "", least=1).value(given))


def _write(mutation: Any, path: Path) -> bool:
    import msgspec

    from ..judging.outputs import not_written

    try:
        write_whole(path, msgspec.json.format(msgspec.json.encode(mutation), indent=2) + b"\n")
    except OSError as error:
        print(f"sparsifier-conformance mutate: {not_written(path, error)}", file=sys.stderr)
        return False
    return True


class _Progress:
    """What is mutated, and how far the work is: a line that changes on a terminal, and elsewhere one each minute."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._began = self._shown = 0.0

    def start(self, line: str) -> None:
        """Print what is being done."""
        print(line, flush=True)
        self._began = self._shown = time.monotonic()

    def show(self, judged: int, of_all: int) -> None:
        """Show how many mutants were judged, of how many."""
        now = time.monotonic()
        left = (now - self._began) / judged * (of_all - judged)
        text = f"{judged} of {counted(of_all, 'mutant')} judged, about {left / 60:.0f} min left"
        if self._is_terminal:
            self._put(text)
        elif now - self._shown >= 60:
            self._shown = now
            print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Show nothing any more on a terminal."""
        if self._is_terminal:
            self._put("")

    def _put(self, text: str) -> None:
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
