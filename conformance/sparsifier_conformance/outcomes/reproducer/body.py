"""The body of a check as the lines of a script: what it drew stands there as torch code and as plain values."""

from __future__ import annotations

import ast
import sys
from textwrap import dedent, indent
from typing import Any

from ...checking.descriptions import MaskAndInput, Tree, Values
from ...checking.hooks import Hooks
from ...checking.spelling import LONGEST_LINE, laid_out, spelled
from ...checking.under_O import LOOKS
from .sources import PACKAGE, Edit, endings, names_in, source_of

#: Modules whose functions are not needed once it is known what they give.
_KNOWN_BEFOREHAND = (
    f"{PACKAGE}.devices.registry",
    f"{PACKAGE}.checking.strategies",
    f"{PACKAGE}.checking.mask_strategies",
)
_UNDER_O = """\
if not __debug__:
    # What this process sees is for the one that started it.
    print(json.dumps({look}(implementation)))
    sys.exit()
command = [sys.executable, "-O", __file__, *sys.argv[1:]]
answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
observed = json.loads(answer.stdout.splitlines()[-1])"""
_DESCRIPTIONS = (Hooks, MaskAndInput, Tree, Values)


class Script:
    """The lines, with what they need.

    Parameters:
        check: the function of the check, without what Hypothesis puts around it.
        arguments: what it drew and was parametrized with, by name.
        device: the name by which torch knows the device that it ran on, or None.
    """

    def __init__(self, check: Any, arguments: dict[str, Any], device: str | None) -> None:
        self.module: str = check.__module__
        self.source = source_of(self.module)
        function = self.source.definitions[check.__name__]
        assert isinstance(function, ast.FunctionDef)
        self.arguments = {**arguments, "device": device}
        self.bound = _stored_in(function)
        self.described = {name for name, value in arguments.items() if isinstance(value, _DESCRIPTIONS)}
        self.edits: list[Edit] = []
        #: Import statements that the lines need, beside those of the check's module.
        self.imports: list[str] = []
        self.body = self._edited(function)
        self.names = names_in(ast.parse(self.body))
        self.given = self._given([argument.arg for argument in function.args.args if argument.arg != "device"])
        self.names |= names_in(ast.parse("\n".join(self.given)))
        #: The line that names the device, if another one needs it.
        self.device = f"device = {spelled(device)}" if "device" in self.names else ""

    def _edited(self, function: ast.FunctionDef) -> str:
        *body, last = function.body
        assert isinstance(last, ast.Expr) and isinstance(last.value, ast.Call), "a check ends with assert_same"
        #: What the script asserts.
        self.condition = f"same({', '.join(map(ast.unparse, last.value.args))})"
        gone = list(endings(self.module, body))
        self.edits += [self.source.line_of(node) for node in gone]
        for node in body:
            self._edit(node, {id(each) for each in gone})
        begin, end = self.source.line_of(body[0]).begin, self.source.line_of(last).begin
        return dedent(self.source.text(begin, end, self.edits)).strip("\n")

    def _given(self, order: list[str]) -> list[str]:
        """Write what the check was given, and still needs, as assignments."""
        wanted = [name for name in order if name in self.arguments and name in self.names - self.described]
        return [f"{name} = {laid_out(self.arguments[name], LONGEST_LINE - len(name) - 3)}" for name in wanted]

    def _edit(self, node: ast.AST, gone: set[int]) -> None:
        if id(node) in gone:
            return
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and self._of_described(node.value, "build"):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            self._replace(node, indent(self._built(node.value, target), " " * node.col_offset).lstrip())
        elif isinstance(node, ast.Assign) and _called(node.value) == "optimized":
            assert isinstance(node.value, ast.Call) and isinstance(node.value.args[1], ast.Constant)
            look = LOOKS[str(node.value.args[1].value)].__name__
            self.imports = ["import json", "import subprocess"]
            self._replace(node, indent(_UNDER_O.format(look=look), " " * node.col_offset).lstrip())
        elif isinstance(node, ast.Expr) and self._of_described(node.value, "register"):
            self._replace(node, indent(self._registered(node.value), " " * node.col_offset).lstrip())
        elif isinstance(node, (ast.If, ast.IfExp)) and self._is_given(node):
            self._choose(node, gone)
        elif _called(node) == "unwrapped":
            self._replace(node, "implementation")
        elif isinstance(node, ast.expr) and self._is_known(node):
            self._replace(node, self._laid_out(self._known(node), node))
        elif isinstance(node, (ast.For, ast.comprehension)) and self._is_known(node.iter):
            self._replace(node.iter, self._laid_out(list(self._known(node.iter)), node.iter))
            for child in ast.iter_child_nodes(node):
                if child is not node.iter:
                    self._edit(child, gone)
        else:
            for child in ast.iter_child_nodes(node):
                self._edit(child, gone)

    def _laid_out(self, value: Any, node: ast.expr) -> str:
        """Write a value for the place of an expression, whose line is one of a function."""
        line = self.source.line_at(node)
        rest = len(line) - (node.end_col_offset or 0) if node.end_lineno == node.lineno else 0
        room = LONGEST_LINE + 4 - node.col_offset - rest
        return laid_out(value, room, len(line) - len(line.lstrip()))

    def _replace(self, node: ast.AST, text: str) -> None:
        self.edits.append(Edit(self.source.begin(node), self.source.end(node), text))

    def _of_described(self, node: ast.AST | None, method: str) -> bool:
        """Tell whether an expression calls a method of a description."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != method:
            return False
        return isinstance(node.func.value, ast.Name) and node.func.value.id in self.described

    def _built(self, node: Any, target: ast.expr) -> str:
        """Write the torch code that does the same, under the names that the check gives."""
        description = self.arguments[node.func.value.id]
        if isinstance(target, ast.Tuple):
            names = [each.id for each in target.elts if isinstance(each, ast.Name)]
            parts = zip(names, description.parts(), strict=True)
            return "\n".join(
                part.source(name, self.arguments["device"] or "cpu") for name, part in parts if name != "_"
            )
        assert isinstance(target, ast.Name)
        text: str = description.source(target.id)
        return text

    def _registered(self, node: Any) -> str:
        """Write the torch code that registers hooks."""
        register_hook, calls, label = node.args
        text: str = self.arguments[node.func.value.id].registering(
            ast.unparse(register_hook), ast.unparse(calls), label.value
        )
        return text

    def _is_given(self, node: ast.If | ast.IfExp) -> bool:
        """Tell whether a choice, between two expressions or statements, depends only on what the check was given."""
        names = names_in(node.test)
        single = isinstance(node, ast.IfExp) or len(node.body) == len(node.orelse) == 1
        return single and bool(names) and names <= set(self.arguments) - self.bound

    def _choose(self, node: Any, gone: set[int]) -> None:
        """Leave of a choice only what is chosen: an expression, or the one statement of a block."""
        chosen = node.body if self._known(node.test) else node.orelse
        if isinstance(chosen, list):
            (chosen,) = chosen
        self.edits.append(Edit(self.source.begin(node), self.source.begin(chosen), ""))
        self.edits.append(Edit(self.source.end(chosen), self.source.end(node), ""))
        self._edit(chosen, gone)

    def _is_known(self, node: ast.expr) -> bool:
        """Tell whether the value of an expression is known, and reads better than how it comes about."""
        names = names_in(node) - _stored_in(node)
        function = _called(node)
        if function is not None and self.source.imports.get(function, ("", ""))[0] in _KNOWN_BEFOREHAND:
            return names - {function} <= set(self.arguments)
        return bool(names & self.described) and names <= set(self.arguments)

    def _known(self, node: ast.expr) -> Any:
        code = compile(ast.Expression(node), "<check>", "eval")
        return eval(code, {**vars(sys.modules[self.module]), **self.arguments})


def _stored_in(node: ast.AST) -> set[str]:
    """Give the names that code binds."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _called(node: ast.AST | None) -> str | None:
    """Give the name of the function that is called, if the code is that."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
