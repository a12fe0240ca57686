"""The body of a check as the lines of a script: what it drew stands there as torch code and as plain values."""

from __future__ import annotations

import ast
import sys
from types import FunctionType
from typing import Any

from ...checking.spelling import LONGEST_LINE, laid_out, spelled
from ...checking.under_O import LOOKS
from .sources import PACKAGE, Shortening, names_in, source_of, written

#: Modules whose functions are not needed once it is known what they return.
_KNOWN_BEFOREHAND = (
    f"{PACKAGE}.devices.registry",
    f"{PACKAGE}.checking.models.strategies",
    f"{PACKAGE}.checking.masks.strategies",
)
_UNDER_O = """\
if not __debug__:
    # What this process sees is for the one that started it, which may be ended before it ends this one.
    faulthandler.dump_traceback_later(60, exit=True, file=open(os.devnull, "w"))
    print(json.dumps({look}(implementation)))
    sys.exit()
command = [sys.executable, "-O", __file__, *sys.argv[1:]]
answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
observed = json.loads(answer.stdout.splitlines()[-1])"""


class Script:
    """The lines, with what they need.

    Parameters:
        check: the function of the check, without what Hypothesis puts around it.
        arguments: what it drew and was parametrized with, by name.
        device: the name by which torch knows the device that it ran on, or None.
    """

    def __init__(self, check: Any, arguments: dict[str, Any], device: str | None) -> None:
        self.module: str = check.__module__
        source = source_of(self.module)
        function = source.definitions[check.__name__]
        assert isinstance(function, ast.FunctionDef)
        *body, last = function.body
        assert isinstance(last, ast.Expr) and isinstance(last.value, ast.Call), "a check ends with assert_same"
        sides = ", ".join(map(ast.unparse, last.value.args))
        #: What the script asserts, and the line before that, which prints in what it does not hold.
        self.condition, self.showing = f"same({sides})", f"show_difference({sides})"
        #: Import statements that the lines need, apart from those of the check's module.
        self.imports: list[str] = []
        everything = {**arguments, "device": device}
        described = {name for name, value in arguments.items() if is_description(value)}
        #: The names that the check binds.
        self.bound = _stored_in(function)
        lines = [written(source, each, _Folding(self, everything, described)) for each in body]
        self.body = "\n".join(filter(None, lines))
        names = names_in(ast.parse(self.body)) | names_in(ast.parse(self.condition))
        wanted = [each.arg for each in function.args.args if each.arg in names - described and each.arg in arguments]
        #: What the check was given, and still needs, as assignments.
        self.given = [f"{name} = {laid_out(arguments[name], LONGEST_LINE - len(name) - 3)}" for name in wanted]
        self.names = names | names_in(ast.parse("\n".join(self.given)))
        #: Functions and classes that the check was given, by module: they need not be known where the check is.
        self.borrowed = [
            (value.__module__, value.__qualname__)
            for name in wanted
            for value in _leaves(arguments[name])
            if isinstance(value, (type, FunctionType)) and value.__module__.startswith(f"{PACKAGE}.")
        ]
        #: The line that names the device, if another one needs it.
        self.device = f"device = {spelled(device)}" if "device" in self.names else ""


def _leaves(value: Any) -> list[Any]:
    """Return what is in a value that holds others, or the value."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    return [leaf for each in value for leaf in _leaves(each)] if isinstance(value, (list, tuple)) else [value]


def is_description(value: Any) -> bool:
    """Return whether a value is a description, which writes itself as torch code."""
    return hasattr(value, "source") or hasattr(value, "registering")


class _Folding(Shortening):
    """Puts torch code in the place of descriptions, and values in the place of what follows from them alone."""

    def __init__(self, script: Script, arguments: dict[str, Any], described: set[str]) -> None:
        super().__init__(script.module)
        self.script, self.arguments, self.described = script, arguments, described
        self.bound = script.bound
        imports = source_of(script.module).imports
        self.known_beforehand = {name for name, (origin, _) in imports.items() if origin in _KNOWN_BEFOREHAND}
        #: An expression with none of these names stays as it is.
        self.replaced = {*arguments, *self.known_beforehand, "optimized", "unwrapped"}

    def visit(self, node: ast.AST) -> Any:
        """Return what takes the place of a node."""
        if isinstance(node, ast.expr) and not names_in(node) & self.replaced:
            return node
        new = self._in_place_of(node)
        if new is not None:
            self.changed = True
            return new
        return super().visit(node)

    def _in_place_of(self, node: ast.AST) -> Any:
        """Return the code that takes the place of a node, or None if it stays."""
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            if self._is_of_described(node.value, "build"):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                return ast.parse(self._built(node.value, target)).body
            if _called(node.value) == "optimized":
                assert isinstance(node.value, ast.Call) and isinstance(node.value.args[1], ast.Constant)
                self.script.imports = ["import faulthandler", "import json", "import os", "import subprocess"]
                return ast.parse(_UNDER_O.format(look=LOOKS[str(node.value.args[1].value)].__name__)).body
        if isinstance(node, ast.Expr) and self._is_of_described(node.value, "register"):
            return ast.parse(self._registered(node.value)).body
        if isinstance(node, (ast.If, ast.IfExp)) and self._is_given(node):
            chosen = node.body if self._known(node.test) else node.orelse
            return [self.visit(each) for each in chosen] if isinstance(chosen, list) else self.visit(chosen)
        if isinstance(node, (ast.For, ast.comprehension)) and self._is_known(node.iter):
            node.iter = ast.parse(spelled(list(self._known(node.iter))), mode="eval").body
            return self.generic_visit(node)
        if _called(node) == "unwrapped":
            return ast.Name("implementation", ast.Load())
        if isinstance(node, ast.expr) and self._is_known(node):
            return ast.parse(spelled(self._known(node)), mode="eval").body
        return None

    def _is_of_described(self, node: ast.AST | None, method: str) -> bool:
        """Return whether an expression calls a method of a description."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != method:
            return False
        return isinstance(node.func.value, ast.Name) and node.func.value.id in self.described

    def _built(self, node: Any, target: ast.expr) -> str:
        """Return the torch code that does the same, under the names that the check gives."""
        description = self.arguments[node.func.value.id]
        if isinstance(target, ast.Tuple):
            names = [each.id for each in target.elts if isinstance(each, ast.Name)]
            parts = zip(names, description.parts(), strict=True)
            device = self.arguments["device"] or "cpu"
            return "\n".join(part.source(name, device) for name, part in parts if name != "_")
        assert isinstance(target, ast.Name)
        text: str = description.source(target.id)
        return text

    def _registered(self, node: Any) -> str:
        """Return the torch code that registers hooks."""
        register_hook, calls, label = node.args
        description = self.arguments[node.func.value.id]
        text: str = description.registering(ast.unparse(register_hook), ast.unparse(calls), label.value)
        return text

    def _is_given(self, node: ast.If | ast.IfExp) -> bool:
        """Return whether a choice, between two expressions or statements, depends only on what the check was given."""
        names = names_in(node.test)
        single = isinstance(node, ast.IfExp) or len(node.body) == len(node.orelse) == 1
        return single and bool(names) and names <= set(self.arguments) - self.bound

    def _is_known(self, node: ast.expr) -> bool:
        """Return whether the value of an expression is known, and reads better than how it comes about."""
        names, function = names_in(node) - _stored_in(node), _called(node)
        if function in self.known_beforehand:
            return names - {function} <= set(self.arguments)
        return bool(names & self.described) and names <= set(self.arguments)

    def _known(self, node: ast.expr) -> Any:
        code = compile(ast.fix_missing_locations(ast.Expression(node)), "<check>", "eval")
        return eval(code, {**vars(sys.modules[self.module]), **self.arguments})


def _stored_in(node: ast.AST) -> set[str]:
    """Return the names that code binds."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _called(node: ast.AST | None) -> str | None:
    """Return the name of the function that is called, if the code is that."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
