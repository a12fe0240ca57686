"""The source of our own functions and classes, cut out so that it stands alone: what a script is made of."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.util import resolve_name
from io import StringIO
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from token import STRING
from tokenize import generate_tokens, untokenize

from ...checking.spelling import LONGEST_LINE

_FOR_LINTERS = re.compile(r"  # (type: ignore|noqa).*")
PACKAGE = __name__.partition(".")[0]
#: What ends a check that cannot judge. A script is of one that could, and goes without.
_ENDINGS = {"reject", "not_applicable", "holds_values", "takes_dtype"}
#: Where a made-up device notes for the run what it cannot answer, or was made to do: a script goes without that, too.
_NOTES = {"doubts", "transfers"}


@dataclass(frozen=True)
class Source:
    """A module's source: its lines, what it defines at the top, and what it imports, by name."""

    lines: list[str]
    definitions: dict[str, ast.stmt]
    imports: dict[str, tuple[str, str]]  # the module, and the name in it, which is empty for the module itself

    def text(self, node: ast.stmt) -> str:
        """Return the text of a statement, decorators and comments above it included, without its indentation."""
        first = min(each.lineno for each in [node, *getattr(node, "decorator_list", [])])
        while self.lines[first - 2].lstrip().startswith("# "):
            first -= 1
        lines = self.lines[first - 1 : node.end_lineno]
        return dedent("\n".join(_FOR_LINTERS.sub("", line) for line in lines))


@lru_cache(maxsize=32)
def source_of(module: str) -> Source:
    """Return a module's source.

    Parameters:
        module: the name of a module that is imported.
    """
    text = Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8")
    definitions: dict[str, ast.stmt] = {}
    imports: dict[str, tuple[str, str]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            definitions[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    definitions[target.id] = node
        elif isinstance(node, ast.Import):
            imports.update({each.asname or each.name: (each.name, "") for each in node.names})
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), module.rpartition(".")[0])
            imports.update({each.asname or each.name: (origin, each.name) for each in node.names})
    return Source(text.splitlines(), definitions, imports)


def ends_check(module: str, node: ast.stmt) -> bool:
    """Return whether a statement only ends a check that cannot judge, or notes that it cannot."""
    if isinstance(node, ast.If):
        return not node.orelse and all(ends_check(module, each) for each in node.body)
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    called = node.value.func
    if isinstance(called, ast.Attribute):
        return isinstance(called.value, ast.Name) and called.value.id in _NOTES
    return isinstance(called, ast.Name) and (called.id in _ENDINGS or _is_an_ending(module, called.id))


def _is_an_ending(module: str, name: str) -> bool:
    """Return whether a function of the module does nothing but end checks that cannot judge."""
    function = source_of(module).definitions.get(name)
    if not isinstance(function, ast.FunctionDef) or not isinstance(function.returns, ast.Constant):
        return False
    return any(ends_check(module, each) for each in function.body)


class Shortening(ast.NodeTransformer):
    """Leaves out the statements that only end a check that cannot judge; notes whether it changed anything."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.changed = False

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt] | None:
        """Return what takes the place of a node."""
        if isinstance(node, ast.stmt) and ends_check(self.module, node):
            self.changed = True
            return None
        changed: ast.AST = self.generic_visit(node)
        for block in ("body", "finalbody"):
            if getattr(changed, block, None) == []:
                setattr(changed, block, [ast.Pass()])
        return changed


def written(source: Source, node: ast.stmt, transformer: Shortening) -> str:
    """Return a statement as a transformer leaves it: its own text, comments included, where nothing changes.

    Parameters:
        source: that of its module.
        node: the statement, which is kept as it is.
        transformer: whatever changes it.
    """
    text = source.text(node)
    changed = transformer.visit(ast.parse(text).body[0])
    if not transformer.changed:
        return text
    nodes = changed if isinstance(changed, list) else [changed] if changed is not None else []
    lines = [line for line in text.splitlines() if line.startswith("# ")] if nodes else []
    for each in nodes:
        lines.append(wrapped(_in_double_quotes(ast.unparse(ast.fix_missing_locations(each)))))
    return "\n".join(lines)


def _in_double_quotes(text: str) -> str:
    """Write strings as formatters do, where that needs no escape."""
    tokens = []
    for kind, string, begin, end, line in generate_tokens(StringIO(text).readline):
        plain = kind == STRING and string.startswith("'") and not set(string) & {'"', "\\"}
        tokens.append((kind, f'"{string[1:-1]}"' if plain else string, begin, end, line))
    return str(untokenize(tokens)).rstrip("\n")


def wrapped(text: str) -> str:
    """Return code with its long lines broken, or as it is where that would change it, as in some comprehensions."""
    broken = "\n".join(_wrapped(text))
    try:
        return broken if ast.dump(ast.parse(broken)) == ast.dump(ast.parse(text)) else text
    except SyntaxError:
        return text


def _wrapped(text: str) -> Iterator[str]:
    """Break lines that are too long at the commas of their last outermost brackets."""
    for line in text.splitlines():
        parts = _parts(line) if len(line) > LONGEST_LINE else None
        if parts is None:
            yield line
            continue
        head, items, tail = parts
        margin = " " * (len(line) - len(line.lstrip()))
        yield head
        for item in items:
            yield from _wrapped(f"{margin}    {item},")
        yield f"{margin}{tail}"


def _parts(line: str) -> tuple[str, list[str], str] | None:
    """Return a line cut at the commas of its last outermost brackets, unless these hold a comprehension or nothing."""
    depth, begin, last, quote = 0, 0, None, ""
    cuts: list[int] = []
    for at, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote and line[at - 1] != "\\" else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
            begin, cuts = (at, []) if depth == 1 else (begin, cuts)
        elif letter in ")]}":
            depth -= 1
            last = (begin, at, cuts) if depth == 0 else last
        elif letter == "," and depth == 1:
            cuts = [*cuts, at]
    if last is None or not last[2]:
        return None
    begin, end, cuts = last
    places = [begin, *cuts, end]
    items = [line[one + 1 : other].strip() for one, other in pairwise(places)]
    return line[: begin + 1], list(filter(None, items)), line[end:]


@cache
def _definition(module: str, name: str) -> tuple[str, set[str]]:
    """Return the text of a definition for a script, and the names that it reads."""
    source = source_of(module)
    text = written(source, source.definitions[name], Shortening(module))
    return text, names_in(ast.parse(text))


@dataclass
class Closure:
    """The definitions that some code needs, with all that these need in turn."""

    #: The text of each definition, by module and name.
    _found: dict[tuple[str, str], str] = field(default_factory=dict)
    _imports: set[str] = field(default_factory=set)

    def add(self, module: str, names: set[str]) -> None:
        """Add what names of a module stand for."""
        source = source_of(module)
        for name in sorted(names):
            if name in source.definitions:
                self._define(module, name)
            elif name in source.imports:
                origin, original = source.imports[name]
                if origin == PACKAGE or origin.startswith(f"{PACKAGE}."):
                    self.add(origin, {original})
                else:
                    self._imports.add(f"from {origin} import {original}" if original else f"import {origin}")

    def require(self, *statements: str) -> None:
        """Add import statements, of one name each."""
        self._imports.update(statements)

    def _define(self, module: str, name: str) -> None:
        if (module, name) in self._found:
            return
        if any(name == each for _, each in self._found):
            raise ValueError(f"two modules define {name}, and a script has room for one")
        self._found[module, name], names = _definition(module, name)
        self.add(module, names - {name})

    def imports(self) -> list[str]:
        """Return the import statements, the standard library's first, as linters want them."""
        groups: list[list[str]] = [[], []]
        merged: dict[str, set[str]] = {}
        for line in self._imports:
            if line.startswith("from "):
                _, module, _, name = line.split()
                merged.setdefault(module, set()).add(name)
        lines = [line for line in self._imports if line.startswith("import ")]
        lines += [f"from {module} import {', '.join(sorted(names))}" for module, names in merged.items()]
        for line in sorted(lines, key=lambda line: (line.startswith("from "), line)):
            groups[line.split()[1].partition(".")[0] not in sys.stdlib_module_names].append(line)
        return ["\n".join(group) for group in groups if group]

    def definitions(self) -> list[str]:
        """Return the sources, those of a module in their order, and what the check's own module defines last."""
        modules = sorted({module for module, _ in self._found}, key=lambda module: (".suite." in module, module))
        in_order = ((module, name) for module in modules for name in source_of(module).definitions)
        return list(dict.fromkeys(self._found[each] for each in in_order if each in self._found))


def names_in(node: ast.AST) -> set[str]:
    """Return the names that code reads, annotations included, but for those that Python itself has."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and not hasattr(builtins, each.id)}
