"""The devices that exist everywhere: cpu, and meta, whose tensors have a shape and no values."""

from __future__ import annotations

from typing import ClassVar

from .base import Device


class Cpu(Device):
    """The CPU."""

    takes_index: ClassVar[bool] = False

    def missing(self) -> str | None:
        """Return None: it is always there."""
        return None


class Meta(Cpu):
    """The device without values."""

    holds_values: ClassVar[bool] = False
    imports_compiler: ClassVar[bool] = True
