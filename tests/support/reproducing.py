"""Run the scripts that a result holds, in this process: each imports torch, which would take longer than it runs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from typing import Any
from unittest import mock

import under_O
from sparsifier_conformance.judging.isolation import pristine


def ending_of(script: str, where: str) -> str:
    """Run a reproducer on an implementation, and return how it ended: the last line printed if well, else the error."""
    return output_of(script, where)[-1]


def output_of(script: str, where: str) -> list[str]:
    """Run a reproducer on an implementation, and return the lines that it printed, and the error if one came of it.

    Parameters:
        script: its source.
        where: the implementation, as an argument of the script.
    """

    def in_fork(*args: Any, **kwargs: Any) -> Any:
        return mock.Mock(stdout=under_O.output_of(script, where))

    printed = StringIO()
    run = mock.patch.object(subprocess, "run", in_fork if hasattr(os, "fork") else subprocess.run)
    try:
        with pristine(), run, mock.patch.object(sys, "argv", ["reproducer.py", where]), redirect_stdout(printed):
            exec(
                compile(script, "reproducer.py", "exec", dont_inherit=True),
                {"__name__": "__main__", "__file__": "reproducer.py"},
            )
    except BaseException as error:
        return [*printed.getvalue().splitlines(), f"{type(error).__name__}: {error}"]
    return printed.getvalue().splitlines()


def imported_by(script: str) -> set[str]:
    """Give the top-level packages that a script imports, but for those of the standard library."""
    nodes = list(ast.walk(ast.parse(script)))
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
