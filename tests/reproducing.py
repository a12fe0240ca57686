"""Run the scripts that a result holds, in this process: each imports torch, which would take longer than it runs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from types import FrameType
from typing import Any
from unittest import mock

from sparsifier_conformance.judging.isolation import pristine
from under_O import output_of

#: Functions and classes that hold an answer for whatever an implementation does, or for what it must not do.
_ANSWERS = {"contents", "error_of", "raised", "kind_of", "Equal", "EqualToAll", "Counted", "_reads"}


def ending_of(script: str, where: str, ran: set[int] | None = None) -> str:
    """Run a reproducer on an implementation, and say how it ended: nothing if well, else the error.

    Parameters:
        script: its source.
        where: the implementation, as an argument of the script.
        ran: where to add the lines that ran.
    """

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != "reproducer.py" or ran is None:
            return None
        ran.add(frame.f_lineno)
        return trace

    def under_O(*args: Any, **kwargs: Any) -> Any:
        return mock.Mock(stdout=output_of(script, where))

    run = mock.patch.object(subprocess, "run", under_O if hasattr(os, "fork") else subprocess.run)
    before = sys.gettrace()
    try:
        if ran is not None:
            sys.settrace(trace)
        with pristine(), run, mock.patch.object(sys, "argv", ["reproducer.py", where]):
            exec(
                compile(script, "reproducer.py", "exec", dont_inherit=True),
                {"__name__": "__main__", "__file__": "reproducer.py"},
            )
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    finally:
        sys.settrace(before)
    return ""


def never_run(script: str, ran: set[int]) -> list[str]:
    """List the statements of a reproducer that did not run, but for those that answer to another outcome.

    Parameters:
        script: its source.
        ran: the lines that ran, on any implementation.
    """
    # Which implementation is loaded is for the one to say who runs the script.
    parts = [node for node in ast.parse(script).body if "sys.argv" not in ast.unparse(node)]
    return [
        ast.unparse(node)
        for part in parts
        if getattr(part, "name", "") not in _ANSWERS
        for node in ast.walk(part)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr, ast.Assert, ast.Delete))
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and ran.isdisjoint(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    ]


def imported_by(script: str) -> set[str]:
    """Give the top-level packages that a script imports, but for those of the standard library."""
    nodes = list(ast.walk(ast.parse(script)))
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
