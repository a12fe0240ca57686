"""Checks whose processes ended: what they were trying, told from what they noted.

Where a process ended, this imports torch and the checks into the process that the user sees, but no implementation.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

import msgspec

from ...devices.registry import device
from ...outcomes.failure import Ended, Failure
from ...outcomes.judged import Judged
from ...outcomes.reproducer.writing import reproducer
from ...outcomes.wording import drawn_input
from ...specification import load
from ..introduction import Check, Introduction
from .last_inputs import arguments_of, long


def told(judged: Judged, check: Check, note: bytes, limit: float, introduction: Introduction) -> Judged:
    """Return what a check comes to, with the input that it had reached, and the script of it.

    Parameters:
        judged: what it comes to so far.
        check: the check.
        note: what was noted last, as ``last_inputs.last_of`` returns it.
        limit: the time that the check had, in seconds.
        introduction: the implementation and the environment.
    """
    module, _, name = check.function.partition(":")
    function: Any = getattr(import_module(module), name)
    inner = function.hypothesis.inner_test if hasattr(function, "hypothesis") else function
    arguments = arguments_of(note)
    error = Ended("the process of the check ended, or did not come to an end", long(limit))
    failure = Failure(inner, {}, error, arguments)
    judged = msgspec.structs.replace(judged, smallest_input=drawn_input(arguments))
    with suppress(Exception):  # its input is worth something without a script
        where = None if check.device is None else device(check.device)
        requirement = load().requirements[check.requirement]
        script = reproducer(failure, where, requirement, introduction.loading, introduction.seen_with)
        judged = msgspec.structs.replace(judged, reproducer=script)
    return judged
