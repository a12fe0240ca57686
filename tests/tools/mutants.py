"""Mutants: the code of a module with one small change each, made by the operators of cosmic-ray."""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher, unified_diff
from importlib.util import decode_source, find_spec
from pathlib import Path
from typing import Any

import msgspec
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from parso.tree import NodeOrLeaf

from sparsifier_conformance.implementations import NAMES

#: What tells a mutant from others: module, function, and the changed lines before and after.
Key = tuple[str, str, str, str]


class Unusable(Exception):
    """There is no code to mutate, or a list cannot be read; the message names it and says why, in one line."""


@dataclass(frozen=True)
class Source:
    """The code of one module.

    ``folder`` is where a package has its modules, None for a module that is no package, and ``defined`` are the names
    of the functions and classes on its top level.
    """

    name: str
    text: str
    folder: str | None
    defined: frozenset[str]


@dataclass(frozen=True)
class Mutant:
    """One change to the code of one module.

    ``function`` is the qualified name of the function or class that the change is in, empty outside of any;
    ``before`` and ``after`` are the lines that the change touches, with single spaces. These outlast edits elsewhere
    in the file, and ``id`` is short for them.
    """

    id: str
    source: Source
    function: str
    operator: str
    before: str
    after: str
    text: str = field(repr=False)

    @property
    def key(self) -> Key:
        """What tells this mutant from others."""
        return self.source.name, self.function, self.before, self.after

    @property
    def diff(self) -> str:
        """The change, as a unified diff with one line of context."""
        old, new = self.source.text.splitlines(), self.text.splitlines()
        return "\n".join(unified_diff(old, new, self.source.name, "mutant", n=1, lineterm=""))

    @property
    def utilities(self) -> frozenset[str]:
        """Those of the six names that show the change likeliest: its function, or else all that its module defines."""
        function = self.function.partition(".")[0]
        return frozenset({function} if function in NAMES else self.source.defined & set(NAMES))

    def __str__(self) -> str:
        place = f", {self.function}" if self.function else ""
        return f"{self.id} in {self.source.name}{place} ({self.operator.rpartition('/')[2]})"


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mutant that is listed as equivalent, with the reason."""

    module: str
    function: str
    before: str
    after: str
    reason: str

    @property
    def key(self) -> Key:
        """What tells the mutant from others."""
        return self.module, self.function, self.before, self.after

    def is_in(self, module: str, functions: Collection[str]) -> bool:
        """Tell whether it is in a module or package, and, if any are named, in one of the functions or classes."""
        name = self.function.partition(".")[0]
        return f"{self.module}.".startswith(f"{module}.") and (not functions or name in functions)


class _Equivalents(msgspec.Struct, forbid_unknown_fields=True):
    equivalent: list[Equivalent] = []


def read_equivalents(path: Path) -> list[Equivalent]:
    """Read the list of equivalent mutants.

    Raises:
        Unusable: if it is missing, not written as it should be, or names a mutant twice.
    """
    try:
        listed = msgspec.toml.decode(path.read_bytes(), type=_Equivalents).equivalent
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise Unusable(f"{path} is not a list of equivalent mutants: {error}") from None
    for key, count in Counter(each.key for each in listed).items():
        if count > 1:
            raise Unusable(f"{path} lists a mutant twice: {' | '.join(key)}")
    return listed


def find_sources(name: str) -> list[Source]:
    """Find the code of a module, or of all modules of a package, and import nothing but the packages that it is in.

    Raises:
        Unusable: if there is no such module, or it is not written in Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            spec = find_spec(name) if all(part.isidentifier() for part in name.split(".")) else None
    except Exception as error:  # a package may raise anything when it is imported
        reason = (str(error).splitlines() or ["no message"])[0]
        raise Unusable(f"{name!r} cannot be found: {type(error).__name__}: {reason}") from None
    if spec is None:
        raise Unusable(f"no module named {name!r} can be imported; is it installed, or on PYTHONPATH?")
    files: dict[str, Path] = {}
    if spec.origin is not None and spec.origin.endswith(".py"):
        files[name] = Path(spec.origin)
    for folder in map(Path, spec.submodule_search_locations or ()):
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            files.setdefault(".".join([name, *parts]).removesuffix(".__init__"), path)
    if not files:
        raise Unusable(f"{name!r} has no Python code ({spec.origin or 'it comes from no file'})")
    return [_read(module, path) for module, path in files.items()]


def _read(name: str, path: Path) -> Source:
    text = decode_source(path.read_bytes())
    tree = get_ast(text)
    defined = frozenset(node.name.value for node in [*tree.iter_funcdefs(), *tree.iter_classdefs()])
    return Source(name, text, str(path.parent) if path.name == "__init__.py" else None, defined)


_LOADER = """\
import importlib.util
import sys

TARGET = {target!r}
FILES = {files!r}


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in FILES:
            return None
        file, folder = FILES[name]
        folders = None if folder is None else [folder]
        return importlib.util.spec_from_file_location(name, file, submodule_search_locations=folders)


for name in list(sys.modules):
    if name == TARGET or name.startswith(TARGET + "."):
        del sys.modules[name]
sys.meta_path.insert(0, Finder)
target = importlib.import_module(TARGET)
"""


def write_loader(folder: Path, target: str, texts: Mapping[Source, str]) -> str:
    """Write files that give a module or package of which some modules have other code.

    All keep their own names, so that they import one another as ever, and pickle finds them.

    Parameters:
        folder: a folder to be made.
        target: the module or package.
        texts: the code of those modules.

    Returns:
        Where the implementation is, as for the command.
    """
    code = folder / "code"  # not beside the loader, whose folder is put on sys.path
    code.mkdir(parents=True)
    files = {source.name: (str(code / f"{source.name}.py"), source.folder) for source in texts}
    for source, text in texts.items():
        Path(files[source.name][0]).write_text(text, encoding="utf-8")
    loader = folder / "mutant.py"
    loader.write_text(_LOADER.format(target=target, files=files), encoding="utf-8")
    return f"{loader}:target"


def make_mutants(source: Source, functions: Collection[str] = ()) -> tuple[list[Mutant], int]:
    """Make the mutants of a module: one for each change that an operator can make to it.

    Operators that must be told which variables to change are left out, as they are by cosmic-ray itself.

    Parameters:
        source: the module.
        functions: the functions and classes on its top level to mutate; the whole module if empty.

    Returns:
        The mutants in the order of their places in the file, and how many changes to annotations were left out:
        an annotation says what code is for, and does nothing.
    """
    made: list[tuple[tuple[int, int], Mutant]] = []
    texts: set[str] = set()
    keys: Counter[Key] = Counter()
    left_out = 0
    for operator, occurrence, node, place in _changes(source):
        function = _function(node)
        if functions and function.partition(".")[0] not in functions:
            continue
        if _in_annotation(node):
            left_out += 1
            continue
        text: str = mutate_code(source.text, get_operator(operator)(), occurrence)
        if text in texts:  # two operators may make the same change
            continue
        texts.add(text)
        key: Key = (source.name, function, *_changed_lines(source.text, text))
        id = hashlib.sha256("\n".join([*key, str(keys[key])]).encode()).hexdigest()[:8]
        keys[key] += 1
        made.append((place, Mutant(id, source, function, operator, *key[2:], text)))
    return [mutant for _, mutant in sorted(made, key=lambda each: each[0])], left_out


def _changes(source: Source) -> Iterator[tuple[str, int, NodeOrLeaf, tuple[int, int]]]:
    """List the changes to a module: operator, number of its occurrence, the node that is changed, and its place."""
    nodes = list(ast_nodes(get_ast(source.text)))  # in the order in which cosmic-ray counts occurrences
    for name in operator_names():
        kind: Any = get_operator(name)
        if kind.arguments():
            continue
        operator = kind()
        changes = [(node, start) for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, (node, start) in enumerate(changes):
            yield name, occurrence, node, start


def _function(node: Any) -> str:
    """Give the qualified name of the function or class that a node is in."""
    names: list[str] = []
    while (node := node.search_ancestor("funcdef", "classdef")) is not None:
        names.insert(0, node.name.value)
    return ".".join(names)


def _in_annotation(node: Any) -> bool:
    """Tell whether a node is part of the annotation of a variable, a parameter or a result."""
    while (parent := node.parent) is not None:
        if parent.type == "annassign" and node is parent.children[1]:
            return True
        if parent.type == "tfpdef" and node is parent.children[2]:
            return True
        if parent.type == "funcdef" and node is parent.annotation:
            return True
        node = parent
    return False


def _changed_lines(before: str, after: str) -> tuple[str, str]:
    """Give the lines of two texts that differ, joined, with single spaces."""
    old, new = before.splitlines(), after.splitlines()
    changes = [each for each in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if each[0] != "equal"]
    gone = [line for _, start, end, _, _ in changes for line in old[start:end]]
    come = [line for _, _, _, start, end in changes for line in new[start:end]]
    return " ".join(" ".join(gone).split()), " ".join(" ".join(come).split())
