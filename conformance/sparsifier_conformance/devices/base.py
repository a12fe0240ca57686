"""What a device is to this project: whether it is there, how it is entered, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from ..text import counted


@dataclass(frozen=True)
class InScripts:
    """What a script needs in order to run on a device: a definition of ours, and the lines that use it."""

    module: str = ""
    name: str = ""
    #: A line that stands before the body of the check, such as a call.
    before: str = ""
    #: A line that the body of the check is indented under, such as a ``with`` statement.
    around: str = ""


@dataclass(frozen=True)
class Device:
    """A device, by the name that it was requested by: ``cpu``, ``cuda:1``, ``fake:cuda``, ``pretend:0``.

    To add a kind of device, write a subclass, and name it in ``registry.KINDS``.
    """

    name: str

    #: Whether its tensors have values that can be compared, and gradients.
    holds_values: ClassVar[bool] = True
    #: Whether the first sum on it imports most of torch's compiler, which takes as long as torch itself.
    imports_compiler: ClassVar[bool] = False
    #: Whether it can do less than a device, so that an error there says little of the implementation.
    is_limited: ClassVar[bool] = False
    #: Whether to find out that it is there takes as long as to import torch.
    is_costly_to_try: ClassVar[bool] = False
    #: Whether its name may have an index, as there may be several of its kind.
    takes_index: ClassVar[bool] = True
    in_scripts: ClassVar[InScripts] = InScripts()

    @property
    def kind(self) -> str:
        """The name without the index."""
        return self.name.partition(":")[0]

    @property
    def index(self) -> int:
        """The index, 0 where the name has none."""
        return int(self.name.partition(":")[2] or 0)

    def missing(self) -> str | None:
        """Return why the device is not available, or None if it is."""
        count = self.count(self.kind)
        if count == 0:
            return f"torch {torch.__version__} finds no {self.kind} device here"
        if self.index < count:
            return None
        return f"torch finds {counted(count, f'{self.kind} device')} here, so there is no {self.name}"

    @staticmethod
    def count(kind: str) -> int:
        """Return the number of devices of a kind; a torch built without it has none."""
        if kind == "mps":
            return int(torch.backends.mps.is_available())
        backend: Any = getattr(torch, kind, None)
        return int(backend.device_count()) if hasattr(backend, "device_count") else 0

    def doubts(self) -> list[str]:
        """Return what the device was asked since it was entered and cannot answer rightly, in words."""
        return []

    def lacks(self, error: BaseException) -> bool:
        """Return whether torch says that a vendor's backend lacks what was asked of it, a pretended one included.

        No backend in Python can have generators (``torch.Generator``) or pinned memory. The latter is asked of whatever
        backend is present, also by code that runs on the CPU.

        Parameters:
            error: what came out of a call; what caused it counts, too.
        """
        backend = getattr(torch._C, "_get_privateuse1_backend_name", lambda: "privateuseone")()
        return backend != "privateuseone" and any(
            type(said) is str and "PrivateUse1HooksInterface" in said
            for each in (error, error.__cause__, error.__context__)
            if type(each) is NotImplementedError  # no class of an implementation's, which may say anything, or raise
            for said in each.args
        )

    def noticed(self) -> list[str]:
        """Return what an implementation made the device do since it was entered that costs time, in words."""
        return []

    @contextmanager
    def entered(self) -> Generator[str, None, None]:
        """Make the device usable, and yield the name by which torch knows it within."""
        yield self.name
