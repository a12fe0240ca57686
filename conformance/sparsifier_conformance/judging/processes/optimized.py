"""What an implementation does where asserts are removed, as ``python -O`` removes them.

Where what is judged stands in one module, that module is compiled anew without its asserts, in this very process. All
else is asked of a process that really runs so: run as a script (``python -O``) this module is that process.
"""

from __future__ import annotations

import ast
import faulthandler
import gc
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from ...checking.under_O import LOOKS, NoAnswer, NoAnswerInTime
from ...implementations.finding import load
from ...implementations.names import has
from ...text import counted
from ..isolation import pristine

#: Calls whose code is not in the module that calls them.
_ELSEWHERE = {"eval", "exec", "compile", "__import__", "import_module"}
#: Modules of torch that have asserts of their own, and the flags of the interpreter, which would be those of this one.
_OTHERWISE = {"ao", "flags"}


def stripped(value: Any) -> Any | None:
    """Return a function or class without its asserts, or None where that needs a process of its own.

    Parameters:
        value: what one of the six names stands for.
    """
    module, name = sys.modules.get(getattr(value, "__module__", None) or ""), getattr(value, "__qualname__", "")
    file = getattr(module, "__file__", None) or ""
    if module is None or not file.endswith(".py") or vars(module).get(name) is not value:
        return None
    anew = ModuleType(module.__name__)
    anew.__dict__.update({"__file__": file, "__package__": module.__package__, "__spec__": module.__spec__})
    with suppress(Exception):  # a module that can be run but once, say
        source = Path(file).read_bytes()
        if all(map(_stands_alone, ast.walk(ast.parse(source)))):
            exec(compile(source, file, "exec", dont_inherit=True, optimize=1), vars(anew))
            return vars(anew).get(name)
    return None


def _stands_alone(node: ast.AST) -> bool:
    """Return whether a piece of code needs no asserts, or none but those that are compiled with it."""
    if isinstance(node, ast.Import):
        return all(map(_has_no_asserts, (each.name for each in node.names)))
    if isinstance(node, ast.ImportFrom):
        names = (f"{node.module}.{each.name}" for each in node.names)
        return node.level == 0 and all(map(_has_no_asserts, names))
    if isinstance(node, ast.Attribute):
        return node.attr not in _OTHERWISE | _ELSEWHERE
    return not isinstance(node, ast.Name) or node.id not in _ELSEWHERE


def _has_no_asserts(module: str) -> bool:
    package, *inner = module.split(".")
    return (package == "torch" or package in sys.stdlib_module_names) and _OTHERWISE.isdisjoint(inner)


def ask(where: str, seconds: float) -> dict[str, dict[str, str]]:
    """Return what is seen of an implementation in a process under ``python -O``, by the name that is looked at.

    Parameters:
        where: how the implementation is found, as for ``implementations.finding.load``.
        seconds: how long to wait for an answer.

    Raises:
        NoAnswer: if the process gives no answer; NoAnswerInTime if it gives none in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        modules = [look.__module__ for look in LOOKS.values()]
        task = {"where": where, "modules": modules, "path": sys.path, "answer": str(answer), "seconds": seconds}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHONOPTIMIZE")}
        try:
            process = subprocess.run(
                [sys.executable, "-O", "-m", __name__],
                input=json.dumps(task),
                env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            raise NoAnswerInTime(f"python -O gave no answer within {counted(round(seconds), 'second')}") from None
        if not answer.exists():
            last = (process.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
            raise NoAnswer(f"python -O ended with status {process.returncode}: {last[:300]}")
        seen: dict[str, dict[str, str]] = json.loads(answer.read_text(encoding="utf-8"))
        return seen


def answer(task: dict[str, Any]) -> None:
    """Look at an implementation in this very process, which runs under ``python -O``, and write down what was seen.

    Parameters:
        task: ``where`` the implementation is found, the ``path`` to import it from, the ``modules`` that look, the file
            for the ``answer``, and the ``seconds`` that it may take.
    """
    gc.disable()  # this process ends soon, and importing torch would look for garbage over and over
    assert False, "this must run under python -O"  # noqa: B011 - which removes this very line
    # The process that waits may be ended itself: then nobody else would end this one.
    faulthandler.dump_traceback_later(task["seconds"] + 1, exit=True)
    sys.path[:] = task["path"]
    for module in task["modules"]:
        import_module(module)
    target, seen = load(task["where"]).target, {}
    for name, look in LOOKS.items():
        if has(target, name):
            with pristine():
                seen[name] = look(target)
    Path(task["answer"]).write_text(json.dumps(seen), encoding="utf-8")
    gc.freeze()  # nor need it look a last time when it ends


if __name__ == "__main__":
    answer(json.load(sys.stdin))
