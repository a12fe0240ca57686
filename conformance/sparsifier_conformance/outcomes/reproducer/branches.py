"""Of our own comparison, ``same``, a script takes along only the branches that its expected value takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from textwrap import dedent, indent
from typing import Any

from ...checking import comparing as observations
from .sources import Cut, Edit, Source, source_of


def never_taken(expected: Any) -> Cut:
    """Say what to leave out of ``same``: which branch it takes depends on what is expected alone.

    Parameters:
        expected: what the script expects.
    """
    source = source_of(observations.__name__)
    same = source.definitions["same"]
    assert isinstance(same, ast.FunctionDef)
    branches = [node for node in same.body if isinstance(node, ast.If)]
    taken = {id(_branch_of(each, branches)) for each in parts(expected)}
    gone = [branch for branch in branches if id(branch) not in taken]
    edits = [source.line_of(branch) for branch in gone]
    if id(None) in taken:
        return Cut(tuple(edits), tuple(gone))
    # Then the last one that is taken needs no test.
    last = next(branch for branch in reversed(branches) if id(branch) in taken)
    return Cut((*edits, _body_of(last, source), source.line_of(same.body[-1])), (*gone, last.test, same.body[-1]))


def parts(value: Any) -> Iterator[Any]:
    """List a value, and all that is in it."""
    yield value
    if isinstance(value, (list, tuple, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from parts(each)


def _branch_of(expected: Any, branches: list[ast.If]) -> ast.If | None:
    """Give the branch that a value takes, or None for the end of the function."""
    for branch in branches:
        if eval(compile(ast.Expression(branch.test), "<same>", "eval"), {**vars(observations), "expected": expected}):
            return branch
    return None


def _body_of(branch: ast.If, source: Source) -> Edit:
    """Put the body of a branch in its place."""
    lines = source.line_of(branch)
    body = source.text(source.line_of(branch.body[0]).begin, lines.end, [])
    return Edit(lines.begin, lines.end, indent(dedent(body), " " * branch.col_offset))
