"""What all subcommands have in common: a parser whose complaints are one line, and the error that is wrong usage."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        """Complain, and exit with status 2."""
        self.exit(2, f"{self.prog}: {message} (`{self.prog} --help` lists what there is)\n")


class Usage(Exception):
    """The command was called wrongly; the message is one line."""
