"""What is looked at where asserts are removed, as ``python -O`` removes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: By the one of the six names that it is about: a function that is given an implementation, and returns what it saw.
#: All of them are run in one process under ``python -O``, where such a process is needed.
LOOKS: dict[str, Callable[[Any], dict[str, str]]] = {}


class NoAnswer(Exception):
    """A process under ``python -O`` gave no answer; the message says how it ended."""


class NoAnswerInTime(NoAnswer):
    """A process under ``python -O`` did not end in time."""
