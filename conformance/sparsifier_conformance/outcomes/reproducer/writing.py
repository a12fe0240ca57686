"""A failed check as a script that stands alone: torch, the implementation, the smallest input, one assertion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from textwrap import fill, indent

from ...checking import comparing
from ...checking.spelling import LONGEST_LINE, spelled
from ...devices.base import Device
from ...specification import Requirement
from ...text import visible
from ..failure import Ended, Failure
from .body import Script
from .loading import Loading
from .sources import Closure

#: What the torch code that descriptions write may need.
_OF_DESCRIPTIONS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "parametrize": "from torch.nn.utils import parametrize",
    "nan": "from math import nan",
    "inf": "from math import inf",
}
#: What torch says of its own surroundings when it is imported where there is no NumPy; stands before that import.
_QUIET = 'warnings.filterwarnings("ignore", "Failed to initialize NumPy")'
#: The least that a process may take: to import torch, and a little.
_LEAST_SECONDS = 20.0
_IN_ITS_OWN_PROCESS = """\
if "IN_ITS_OWN_PROCESS" not in os.environ:
    # What ends a process, whatever its exit status, or never ends, is told by another one.
    environment = {**os.environ, "IN_ITS_OWN_PROCESS": "yes"}
    command = [sys.executable, __file__, *sys.argv[1:]]
    try:
        said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=SECONDS).stdout
    except subprocess.TimeoutExpired:
        said = b""
    assert b"the end" in said.splitlines(), REQUIREMENT
    print(HOLDS)
    sys.exit()"""


def reproducer(
    failure: Failure, device: Device | None, requirement: Requirement, loading: Loading, seen_with: str
) -> str:
    """Return the script of a failure.

    Parameters:
        failure: the check that failed, with what it was given, drew, and saw.
        device: the device that it ran on, if one plays a part.
        requirement: the one that failed.
        loading: how the implementation is loaded.
        seen_with: the implementation and the environment, in a line.

    Returns:
        Python source, which raises AssertionError with the requirement's sentence where an implementation fails,
        and prints that the requirement holds where one does not.
    """
    closure = Closure()
    with nullcontext("") if device is None else device.entered() as torchs_name:
        script = Script(failure.check, failure.arguments, torchs_name or None)
        closure.require(*(statement for name, statement in _OF_DESCRIPTIONS.items() if name in script.names))
        closure.add(script.module, script.names)
        for module, name in script.borrowed:
            closure.add(module, {name})
    closure.add(comparing.__name__, {"same", "show_difference"})
    closure.require("import sys", "import warnings", "from importlib import import_module", "from typing import Any")
    closure.require(*loading.imports)
    closure.require(*script.imports)
    preparation, body, load = [], script.body, loading.lines
    if device is not None and device.in_scripts.name:
        needs = device.in_scripts
        closure.add(needs.module, {needs.name})
        preparation += [needs.before] if needs.before else []
        body = f"{needs.around}\n{indent(body, '    ')}" if needs.around else body
    holds = f"{requirement.id} holds for this input"
    named = f"REQUIREMENT = {_sentence(requirement.sentence, 'REQUIREMENT = ')}"
    ended, compared = isinstance(failure.error, Ended), failure.difference is not None
    if isinstance(failure.error, Ended):
        closure.require("import os", "import subprocess")
        # What took so long in the run takes longer in a process that first imports torch.
        guard = _IN_ITS_OWN_PROCESS.replace("SECONDS", f"{max(_LEAST_SECONDS, failure.error.seconds):g}")
        guard = guard.replace("HOLDS", spelled(holds))
        # Before the implementation is imported, which may change the environment.
        load = "\n\n".join([named, guard, load])
    elif not compared:
        preparation.append(named)
        failing = f"except {failure.raised} as error:\n    raise AssertionError(REQUIREMENT) from error"
        body = f"try:\n{indent(body, '    ')}\n{failing}"
    if script.given:
        which = "The input at which the process ended" if ended else "The smallest input found to fail"
        preparation += [f"# {which}.", *script.given]
    if script.device:
        preparation.append(script.device)
    asserting = f"assert {script.condition}, "
    last = [script.showing, asserting + (_sentence(requirement.sentence, asserting) if compared else "REQUIREMENT")]
    last.append(r'print("\nthe end")' if ended else f"print({spelled(holds)})")
    return _laid_out(
        _docstring(requirement, device, failure.message, seen_with),
        closure,
        load,
        "\n".join([*preparation, *([""] if preparation else []), *_spaced(body), *last]),
    )


def _laid_out(docstring: str, closure: Closure, loading: str, last: str) -> str:
    """Put the parts in their order, with blank lines as in any module."""
    of_python, *of_torch = closure.imports()
    text = "\n\n".join([docstring, of_python, _QUIET, *of_torch, loading])
    after_block = False
    for definition in (*closure.definitions(), last):
        is_block = definition.startswith(("def ", "class ", "@"))
        text += ("\n\n\n" if is_block or after_block else "\n\n") + definition
        after_block = is_block
    return text + "\n"


def _spaced(body: str) -> Iterator[str]:
    """Set off the functions of what was the body of a check as those of a module are."""
    inside = False
    for line in body.splitlines():
        begins, indented = line.startswith("def "), line[:1] in ("", " ")
        if begins or (inside and not indented):
            yield from ("", "")
        yield line
        inside = begins or (inside and indented)


def _sentence(sentence: str, before: str) -> str:
    """Write a sentence as a literal, over several lines if there is no room for it behind what stands before."""
    literal = spelled(sentence)
    if len(before) + len(literal) <= LONGEST_LINE:
        return literal
    # With an indentation, quotes, and a blank at the end of each but the last.
    width = LONGEST_LINE - 6 if len(literal) <= LONGEST_LINE - 4 else LONGEST_LINE - 7
    *lines, last = fill(sentence, width, break_long_words=False, break_on_hyphens=False).splitlines()
    literals = map(spelled, [*(f"{line} " for line in lines), last])
    return "(\n" + "\n".join(f"    {each}" for each in literals) + "\n)"


def _docstring(requirement: Requirement, device: Device | None, message: str, seen_with: str) -> str:
    lines = [
        f"{requirement.id} ({requirement.level}) fails{f' on {device.name}' if device else ''}:",
        *(f"    {visible(line)}" for line in message.splitlines()),
        "",
        *fill(f"Seen with {seen_with}.", 100).splitlines(),
        "To try another implementation: python THIS_FILE package.module, or a path, or reference",
    ]
    text = "\n".join(lines).replace('"""', "'''")
    return f'{"r" if chr(92) in text else ""}"""{text}\n"""'
