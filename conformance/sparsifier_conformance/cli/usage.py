"""What all subcommands have in common: a parser whose complaints are one line, and the error that is wrong usage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from ..text import did_you_mean


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line.

    Parameters:
        do: what the subcommand does, if the parser is that of one.
        options: those of argparse's own parser.
    """

    #: The names of the subcommands, if the parser has any.
    subcommands: Collection[str] = ()

    def __init__(self, do: Any = None, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)
        if do is not None:
            self.set_defaults(do=do, parser=self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse a wrong option or subcommand first: argparse complains of what is missing, which it may stand for."""
        for each in sys.argv[1:] if args is None else args:
            if self.subcommands and not each.startswith("-"):
                if each not in self.subcommands:
                    hint = did_you_mean(each, self.subcommands, str) or f"; there are {', '.join(self.subcommands)}"
                    self.error(f"no command is called {each!r}{hint}")
                break
            if each == "--":
                break
            if each.startswith("--") and each.partition("=")[0] not in self._option_string_actions:
                self.refuse([each])
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Complain, and exit with status 2."""
        self.exit(2, f"{self.prog}: {message} (`{self.prog} --help` lists what there is)\n")

    def refuse(self, arguments: Sequence[str]) -> NoReturn:
        """Complain about arguments that mean nothing, and name the option that the first was meant to be."""
        hint = did_you_mean(arguments[0].partition("=")[0], self._option_string_actions, str)
        self.error(f"unrecognized arguments: {' '.join(arguments)}{hint}")


class Usage(Exception):
    """The command was called wrongly; the message is one line."""
