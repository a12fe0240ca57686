"""Faults of ``fqn_to_module`` that look at what lies on the way, or at an error, where these are to be handed on."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import torch
from torch import nn

from ..base import Fault
from .access import _by_steps

ATTRIBUTES = "fqn_to_module/attributes"

#: What has a length and is no plain value.
_OTHERS = (nn.Module, torch.Tensor)


class EmptyIsTheEnd(Fault, aims_at=ATTRIBUTES):
    """Finds nothing in what is empty, not even its methods."""

    fqn_to_module = _by_steps(
        lambda found, name, first, last: getattr(
            None if isinstance(found, Sized) and not isinstance(found, _OTHERS) and len(found) == 0 else found, name
        )
    )
