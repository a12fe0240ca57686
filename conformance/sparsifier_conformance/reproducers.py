"""A failed check as a script that stands alone: torch, the implementation, the smallest input, one assertion."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill, indent
from typing import Any

import torch
from torch import nn

from .devices import FAKE, PRETEND, on
from .implementations import Found
from .script import WIDTH, Script, literal
from .sources import PACKAGE, Closure
from .specification import Requirement

#: What the torch code that descriptions write may need.
_OF_DESCRIPTIONS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "parametrize": "from torch.nn.utils import parametrize",
    "nan": "from math import nan",
    "inf": "from math import inf",
}
_ONE_MODULE = 'implementation: Any = import_module(sys.argv[1] if len(sys.argv) > 1 else "{where}")'
_ATTRIBUTE = """\
module, _, attribute = (sys.argv[1] if len(sys.argv) > 1 else "{where}").partition(":")
implementation: Any = import_module(module)
if attribute:
    implementation = attrgetter(attribute)(implementation)"""
_NOWHERE = "implementation: Any = import_module(sys.argv[1])  # the one that fails was made at run time"


def reproducer(
    check: Any,
    arguments: dict[str, Any],
    device: str | None,
    requirement: Requirement,
    found: Found,
    seen: tuple[Any, Any] | None,
    message: str,
    environment: str,
) -> str:
    """Write the script.

    Parameters:
        check: the function of the check, without what Hypothesis puts around it.
        arguments: what it drew and was parametrized with, by name.
        device: the device that it ran on, as it was asked for.
        requirement: the one that failed.
        found: the implementation.
        seen: what was observed and what was expected; None if an error came through instead.
        message: what happened instead of what was required.
        environment: what it ran on, in words.

    Returns:
        Python source, which raises AssertionError with the requirement's sentence where an implementation fails,
        and ends without a word where one does not.
    """
    with on(device or "cpu") as torchs_name:
        script = Script(check, arguments, torchs_name if device else None)
    plainly = seen is not None and _plain(*seen)
    loading, imports = _loading(found)
    closure = Closure()
    closure.require("import sys", "from importlib import import_module", "from typing import Any", *imports)
    closure.require(*(statement for name, statement in _OF_DESCRIPTIONS.items() if name in script.names))
    closure.add(script.module, script.names | (set() if plainly else {"same"}))
    for module, names in script.borrowed.items():
        closure.add(module, names)
    preparation, body = [], script.body
    if device == FAKE:
        closure.add(f"{PACKAGE}.fake", {"faking"})
        body = f"with faking():\n{indent(body, '    ')}"
    if device is not None and device.partition(":")[0] == PRETEND:
        closure.add(f"{PACKAGE}.pretend", {"register"})
        preparation = ["register()"]
    sentence = _sentence(requirement.sentence)
    if seen is None:
        preparation.append(f"REQUIREMENT = {sentence}")
        sentence = "REQUIREMENT"
        failing = "except Exception as error:\n    raise AssertionError(REQUIREMENT) from error"
        body = f"try:\n{indent(body, '    ')}\n{failing}"
    if script.given:
        preparation += ["# The smallest input found to fail.", *script.given]
    if script.device:
        preparation.append(script.device)
    comparison = "observed == expected" if plainly else "same(observed, expected)"
    return _laid_out(
        _docstring(requirement, found, device, message, environment),
        closure,
        loading,
        "\n".join([*preparation, *([""] if preparation else []), body, f"assert {comparison}, {sentence}"]),
    )


def _laid_out(docstring: str, closure: Closure, loading: str, last: str) -> str:
    """Put the parts in their order, with blank lines as in any module."""
    text = "\n\n".join([docstring, *closure.imports(), loading])
    for definition in closure.definitions():
        text += ("\n\n\n" if definition.startswith(("def ", "class ", "@")) else "\n\n") + definition
    defines = closure.definitions() and closure.definitions()[-1].startswith(("def ", "class ", "@"))
    return text + ("\n\n\n" if defines else "\n\n") + last + "\n"


def _loading(found: Found) -> tuple[str, list[str]]:
    """Write how the implementation is imported, and the imports that this needs."""
    module, _, attribute = found.name.partition(":")
    if module in sys.modules and not attribute:
        return _ONE_MODULE.format(where=found.name), []
    if module in sys.modules:
        return _ATTRIBUTE.format(where=found.name), ["from operator import attrgetter"]
    file, suffix, attribute = found.name.rpartition(".py")
    if suffix:
        path = Path(file).resolve()
        folder = f"sys.path.insert(0, {literal(path.parent.as_posix())})"
        where = f"{path.name}{attribute}"
        return f"{folder}\n{_ATTRIBUTE.format(where=where)}", ["from operator import attrgetter"]
    return _NOWHERE, []


def _plain(observed: Any, expected: Any) -> bool:
    """Tell whether ``==`` says of what was observed what our own comparison says."""
    try:
        return all(map(_is_plain, _leaves(expected))) and (observed == expected) is False
    except Exception:
        return False


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
    else:
        yield value


def _is_plain(value: Any) -> bool:
    if isinstance(value, nn.Module):
        return type(value).__eq__ is object.__eq__
    return value is None or isinstance(value, (str, int, float, type, torch.device, BaseException))


def _sentence(sentence: str) -> str:
    """Write a sentence as a literal, over several lines if it is long."""
    if len(sentence) <= WIDTH - 10:
        return literal(sentence)
    *lines, last = fill(sentence, WIDTH - 10, break_long_words=False, break_on_hyphens=False).splitlines()
    return "(\n" + "\n".join(f"    {literal(line)}" for line in [*(f"{line} " for line in lines), last]) + "\n)"


def _docstring(requirement: Requirement, found: Found, device: str | None, message: str, environment: str) -> str:
    name = found.name if found.version is None else f"{found.name} {found.version}"
    lines = [
        f"{requirement.id} ({requirement.level}) fails{f' on {device}' if device else ''}:",
        *(f"    {line}" for line in message.splitlines()),
        "",
        *fill(f"Seen with {name}, {environment}.", WIDTH).splitlines(),
        "To try another implementation: python THIS_FILE package.module",
    ]
    text = "\n".join(lines).replace('"""', "'''")
    return f'{"r" if chr(92) in text else ""}"""{text}\n"""'
