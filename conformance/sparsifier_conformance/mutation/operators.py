"""The changes that make mutants, each a small mistake: a piece of the code, and what stands there instead.

Positions are those of ``ast``: a line, counted from 1, and a column in bytes. What a change leaves may be no Python at
all, or the same code; whoever makes mutants finds out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Position = tuple[int, int]

_COMPARED = {
    ast.Eq: ("==", ("!=", "is")),
    ast.NotEq: ("!=", ("==", "is not")),
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Is: ("is", ("is not", "==")),
    ast.IsNot: ("is not", ("is", "!=")),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
#: Between a value and a constant, identity and equality are the same but for values that compare strangely.
_IDENTITY = {("==", "is"), ("!=", "is not"), ("is", "=="), ("is not", "!=")}
_CALCULATED = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
#: Fields whose content does nothing, or is what an error says, which no requirement is about.
_SILENT = {"annotation", "returns", "type_params", "exc", "cause", "msg"}


@dataclass(frozen=True)
class Change:
    """One change: ``after`` stands in place of what is between ``start`` and ``end``.

    With ``before``, this alone is replaced, where it stands first between the two.
    """

    operator: str
    start: Position
    end: Position
    after: str | ast.AST
    before: str = ""


def changes(tree: ast.AST) -> Iterator[Change]:
    """Yield the changes to a piece of code, apart from annotations, docstrings and what errors say."""
    yield from _changes(tree)
    for name, value in ast.iter_fields(tree):
        if name not in _SILENT:
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.AST) and not _is_silent(each):
                    yield from changes(each)


def _is_silent(node: ast.AST) -> bool:
    """Return whether a piece of code is a docstring, a text with values in it, or a dunder name such as ``__all__``."""
    if isinstance(node, ast.Assign):
        return any(isinstance(each, ast.Name) and each.id.startswith("__") for each in node.targets)
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.JoinedStr)  # in which older Pythons know no positions


def _changes(node: ast.AST) -> Iterator[Change]:
    """Yield the changes to a piece of code itself, not to what is in it."""
    match node:
        case ast.Compare():
            sides = [node.left, *node.comparators]
            for left, kind, right in zip(sides, node.ops, sides[1:], strict=False):
                before, others = _COMPARED[type(kind)]
                constant = isinstance(left, ast.Constant) or isinstance(right, ast.Constant)
                for after in others:
                    if not (constant and (before, after) in _IDENTITY):
                        yield Change("comparison", _end(left), _start(right), after, before)
        case ast.BoolOp():
            before, after = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield Change(f"{before} to {after}", _end(left), _start(right), after, before)
                yield Change("operand left out", _start(left), _start(right), "")
            yield Change("operand left out", _end(node.values[-2]), _end(node), "")
        case ast.BinOp() if type(node.op) in _CALCULATED:
            before, after = _CALCULATED[type(node.op)]
            yield Change("arithmetic", _end(node.left), _start(node.right), after, before)
        case ast.UnaryOp():
            yield Change("operator left out", _start(node), _start(node.operand), "")
        case ast.Constant(value=bool()):
            yield _replaced("constant", node, str(not node.value))
        case ast.Constant(value=int() | float() as number):
            yield _replaced("constant", node, repr(number + 1))
            yield _replaced("constant", node, repr(number - 1))
        case ast.Constant(value=str()):
            yield _replaced("constant", node, '""' if node.value else '"mutant"')
        case ast.If() | ast.IfExp():
            yield _replaced("condition", node.test, "True")
            yield _replaced("condition", node.test, "False")
        case ast.While():
            yield _replaced("condition", node.test, "False")
        case ast.comprehension():
            yield _replaced("no items", node.iter, "()")
            for test in node.ifs:
                yield _replaced("condition", test, "True")
        case ast.For():
            yield _replaced("no items", node.iter, "()")
        case ast.Call():
            for keyword in node.keywords:
                yield _replaced("argument left out", keyword, "")
            if len(node.args) > 1:
                yield Change("argument left out", _end(node.args[-2]), _end(node.args[-1]), "")
            if node.args:
                yield _replaced("argument for call", node, node.args[0])
            elif isinstance(node.func, ast.Attribute):
                yield _replaced("object for call", node, node.func.value)
        case ast.ExceptHandler(type=ast.expr() as caught):
            yield _replaced("nothing caught", caught, "()")
        case ast.With():
            yield Change("context left out", _start(node), _end(node.items[-1].context_expr), "if True")
        case ast.Return(value=ast.expr()):
            yield _replaced("None returned", node, "return None")
        case _:
            pass
    bodies: list[Any] = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    for body in bodies:
        for statement in body if isinstance(body, list) else ():
            is_last = isinstance(node, ast.FunctionDef) and statement is body[-1]
            if _is_worth_leaving_out(statement) and not (is_last and isinstance(statement, ast.Return)):
                yield _replaced("statement left out", statement, "pass")
    for decorator in getattr(node, "decorator_list", ()):
        line, column = _start(decorator)
        yield Change("decorator left out", (line, column - 1), _end(decorator), "")


def _is_worth_leaving_out(statement: ast.stmt) -> bool:
    """Return whether code without a statement would not be wrong at first sight, for want of a name."""
    if isinstance(statement, ast.Assign):
        return not any(isinstance(each, (ast.Name, ast.Tuple)) for each in statement.targets)
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None and not isinstance(statement.target, ast.Name)
    kinds = (ast.Expr, ast.AugAssign, ast.Return, ast.Raise, ast.Delete, ast.Assert, ast.Break, ast.Continue)
    return isinstance(statement, kinds) and not _is_silent(statement)


def _replaced(operator: str, node: ast.expr | ast.stmt | ast.keyword, after: str | ast.AST) -> Change:
    return Change(operator, _start(node), _end(node), after)


def _start(node: ast.expr | ast.stmt | ast.keyword) -> Position:
    return node.lineno, node.col_offset


def _end(node: ast.expr | ast.stmt | ast.keyword) -> Position:
    assert node.end_lineno is not None and node.end_col_offset is not None  # which ast.parse always sets
    return node.end_lineno, node.end_col_offset
