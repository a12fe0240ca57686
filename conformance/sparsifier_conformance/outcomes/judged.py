"""What one check comes to, as a record that a worker can send. Who only gathers such records need not import torch."""

from __future__ import annotations

import msgspec

from .outcome import Outcome


class Judged(msgspec.Struct, frozen=True):
    """What one check comes to on one device (None where the device plays no part).

    ``message`` says what was expected and what was seen, or why nothing was, or what was noticed though all is well;
    ``smallest_input`` is torch code that builds the input; ``reproducer`` is a script that fails as the check did.
    ``finished`` says whether the check tried all that it tries: it passed, or its own comparison failed, with which it
    ends; an error ends a check where it is raised.
    """

    requirement: str
    device: str | None
    outcome: Outcome
    message: str | None = None
    smallest_input: str | None = None
    reproducer: str | None = None
    finished: bool = False


def beyond(device: str, what: str) -> str:
    """Return that a device that is made up failed, and not the implementation: ``what`` is how."""
    return f"{device} cannot do what the implementation asks of it: {what}"
