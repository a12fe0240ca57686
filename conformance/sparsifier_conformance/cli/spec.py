"""The command ``spec``: the specification, or a part of it."""

from __future__ import annotations

import argparse
from typing import Any

from .. import specification
from .usage import Usage


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "spec",
        help="print the specification",
        description="Print the specification, or one utility's or requirement's part of it.",
        do=_spec,
    )
    parser.add_argument("name", nargs="?", metavar="ID|UTILITY", help="a requirement or a utility; all if left out")


def _spec(options: argparse.Namespace) -> int:
    page = specification.load()
    try:
        text = page.text if options.name is None else page.text_of(options.name)
    except specification.UnknownRequirement as error:
        raise Usage(error) from None
    print(text.strip())
    return 0
