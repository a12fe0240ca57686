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

from sparsifier_conformance.judging.isolation import pristine
from under_O import output_of


def ending_of(script: str, where: str) -> str:
    """Run a reproducer on an implementation, and return how it ended: the last line printed if well, else the error.

    Parameters:
        script: its source.
        where: the implementation, as an argument of the script.
    """

    def under_O(*args: Any, **kwargs: Any) -> Any:
        return mock.Mock(stdout=output_of(script, where))

    printed = StringIO()
    run = mock.patch.object(subprocess, "run", under_O if hasattr(os, "fork") else subprocess.run)
    try:
        with pristine(), run, mock.patch.object(sys, "argv", ["reproducer.py", where]), redirect_stdout(printed):
            exec(
                compile(script, "reproducer.py", "exec", dont_inherit=True),
                {"__name__": "__main__", "__file__": "reproducer.py"},
            )
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return printed.getvalue().rpartition("\n")[0].rpartition("\n")[2]


def imported_by(script: str) -> set[str]:
    """Give the top-level packages that a script imports, but for those of the standard library."""
    nodes = list(ast.walk(ast.parse(script)))
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
