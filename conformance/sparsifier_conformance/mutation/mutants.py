"""Mutants: the code of a module with one small change each."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from functools import cached_property

from ..implementations.names import NAMES
from .operators import Change, changes

#: What tells a mutant from others: module, function, and the changed lines before and after.
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Source:
    """The code of one module: its name, its text, its file, and where a package has its modules, if it is one."""

    name: str
    text: str
    file: str
    folder: str | None = None

    @cached_property
    def tree(self) -> ast.Module:
        """The code as Python reads it."""
        return ast.parse(self.text)

    @cached_property
    def functions(self) -> dict[str, range]:
        """The lines of each function and class on the top level, decorators and all, by its name."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        defined = [node for node in self.tree.body if isinstance(node, kinds)]
        firsts = [min([node, *node.decorator_list], key=lambda each: each.lineno).lineno for node in defined]
        return {
            node.name: range(first, (node.end_lineno or 0) + 1) for node, first in zip(defined, firsts, strict=True)
        }


@dataclass(frozen=True)
class Mutant:
    """One change to the code of one module.

    ``function`` is the function or class on the top level that the change is in, empty outside of any; ``before`` and
    ``after`` are the lines that the change touches, with single spaces. These outlast edits elsewhere in the file, and
    ``id`` is short for them.
    """

    id: str
    source: Source
    function: str
    line: int
    operator: str
    before: str
    after: str
    text: str

    @property
    def key(self) -> Key:
        """What tells this mutant from others."""
        return self.source.name, self.function, self.before, self.after

    @property
    def diff(self) -> str:
        """The change, as a unified diff with one line of context."""
        old, new = self.source.text.splitlines(), self.text.splitlines()
        return "\n".join(unified_diff(old, new, self.source.file, f"mutant {self.id}", n=1, lineterm=""))

    @property
    def utilities(self) -> frozenset[str]:
        """Those of the six names that show the change likeliest: its function, or else all that its module defines."""
        return frozenset({self.function} if self.function in NAMES else self.source.functions.keys() & set(NAMES))


def make_mutants(source: Source, functions: Collection[str] = ()) -> list[Mutant]:
    """Make the mutants of a module: one for each change to it that leaves other code, and code that compiles.

    Parameters:
        source: the module.
        functions: the functions and classes on its top level to mutate; the whole module if empty.

    Returns:
        The mutants in the order of their places in the file.
    """
    made: list[Mutant] = []
    texts, keys = {source.text}, Counter[Key]()
    for change in sorted(changes(source.tree), key=lambda each: (each.start, each.end)):
        line = change.start[0]
        function = next((name for name, lines in source.functions.items() if line in lines), "")
        if functions and function not in functions:
            continue
        text = _changed(source.text, change)
        if text in texts or not _compiles(text):  # two changes may come to the same
            continue
        texts.add(text)
        key = (source.name, function, *_changed_lines(source.text, text))
        id = hashlib.sha256("\n".join([*key, str(keys[key])]).encode()).hexdigest()[:8]
        keys[key] += 1
        made.append(Mutant(id, source, function, line, change.operator, *key[2:], text))
    return made


def _changed(text: str, change: Change) -> str:
    data = text.encode()
    lines = [0, *(place + 1 for place, byte in enumerate(data) if byte == ord("\n"))]
    start, end = (lines[line - 1] + column for line, column in (change.start, change.end))
    after = change.after if isinstance(change.after, str) else ast.get_source_segment(text, change.after) or ""
    if change.before:
        between = data[start:end].decode()
        after = between if "#" in between else between.replace(change.before, after, 1)
    return (data[:start] + after.encode() + data[end:]).decode()


def _compiles(text: str) -> bool:
    with suppress(SyntaxError, ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(text, "<mutant>", "exec", dont_inherit=True)
        return True
    return False


def _changed_lines(before: str, after: str) -> tuple[str, str]:
    """Return the lines of two texts that differ, joined, with single spaces."""
    old, new = before.splitlines(), after.splitlines()
    for place in (0, -1):  # what both begin with, and what both end with
        while old and new and old[place] == new[place]:
            del old[place], new[place]
    return " ".join(" ".join(old).split()), " ".join(" ".join(new).split())
