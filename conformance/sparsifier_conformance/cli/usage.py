"""What all subcommands have in common: a parser whose complaints are one line, and the error that is wrong usage."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line.

    Parameters:
        do: what the subcommand does, if the parser is that of one.
        options: those of argparse's own parser.
    """

    def __init__(self, do: Any = None, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)
        if do is not None:
            self.set_defaults(do=do, parser=self)

    def error(self, message: str) -> NoReturn:
        """Complain, and exit with status 2."""
        self.exit(2, f"{self.prog}: {message} (`{self.prog} --help` lists what there is)\n")

    def refuse(self, arguments: Sequence[str]) -> NoReturn:
        """Complain about arguments that mean nothing, and name the option that the first was meant to be."""
        near = get_close_matches(arguments[0], self._option_string_actions, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        self.error(f"unrecognized arguments: {' '.join(arguments)}{hint}")


class Usage(Exception):
    """The command was called wrongly; the message is one line."""
