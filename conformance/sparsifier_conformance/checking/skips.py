"""How a check ends when it cannot judge, told apart from a skip that an implementation may raise."""

from __future__ import annotations

from typing import NoReturn

import pytest


class Blocked(pytest.skip.Exception):  # type: ignore[name-defined, misc]
    """A name that the check needs is missing."""


class NotApplicable(pytest.skip.Exception):  # type: ignore[name-defined, misc]
    """The requirement means nothing here."""


def not_applicable(reason: str) -> NoReturn:
    """End a check whose requirement means nothing here, because torch lacks what it is about.

    Parameters:
        reason: what is lacking. It must be found out with plain torch, never from the implementation.
    """
    raise NotApplicable(reason)


def holds_values(device: str) -> None:
    """End a check that compares values, on a device whose tensors hold none.

    Parameters:
        device: its name.
    """
    from ..devices import registry  # which imports torch

    if not registry.holds_values(device):
        not_applicable(f"tensors on {'meta' if device == 'meta' else 'fake devices'} hold no values to compare")


def takes_dtype(device: str, dtype: str) -> None:
    """Have Hypothesis draw another input, on a device that has no tensors of a dtype.

    Parameters:
        device: its name.
        dtype: the name of the dtype.
    """
    import torch

    try:
        torch.ones(1, dtype=getattr(torch, dtype), device=device)
    except (RuntimeError, TypeError):
        from hypothesis import reject  # which nobody needs who drives other processes

        reject()
