"""What a fault is: the reference, but for what is wrong, with the requirements that it must fail."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, ClassVar

import sparsifier_reference
from sparsifier_conformance.implementations.names import NAMES
from sparsifier_conformance.specification import load


class Reference:
    """The six names of the reference, on a class."""

    module_contains_param = staticmethod(sparsifier_reference.module_contains_param)
    swap_module = staticmethod(sparsifier_reference.swap_module)
    module_to_fqn = staticmethod(sparsifier_reference.module_to_fqn)
    fqn_to_module = staticmethod(sparsifier_reference.fqn_to_module)
    get_arg_info_from_tensor_fqn = staticmethod(sparsifier_reference.get_arg_info_from_tensor_fqn)
    FakeSparsity: Any = sparsifier_reference.FakeSparsity


class Fault(Reference):
    """One wrong implementation, in a subclass named after what is wrong::

        class LeadingDot(Fault, aims_at="module_to_fqn/path-of-descendant", so_too=["fqn_to_module/round-trip-*"]):

    Parameters:
        aims_at: the requirement that it breaks.
        so_too: the requirements that cannot hold then either; ``*`` stands for any text.
        on: the devices that show it, the first of which must show it alone.
    """

    aims_at: ClassVar[str] = ""
    so_too: ClassVar[frozenset[str]] = frozenset()
    on: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(
        cls, *, aims_at: str, so_too: list[str] | None = None, on: Sequence[str] = ("cpu", "meta")
    ) -> None:
        requirements = load().requirements
        cls.on = tuple(on)
        cls.aims_at = aims_at
        cls.so_too = frozenset(id for id in requirements for pattern in so_too or () if fnmatchcase(id, pattern))
        if "FakeSparsity" in vars(cls) and aims_at.startswith("FakeSparsity/"):
            # TorchScript takes no call of ``super()``, with which most are written, and little else of Python.
            cls.so_too |= {"FakeSparsity/scripted"}
        unknown = [
            pattern for pattern in [aims_at, *(so_too or ())] if not any(fnmatchcase(i, pattern) for i in requirements)
        ]
        if unknown:
            raise ValueError(f"{cls.__name__} names no requirement: {unknown}")

    @classmethod
    def where(cls) -> str:
        """Say where the implementation is, as for the command."""
        return f"{cls.__module__}:{cls.__name__}"

    @classmethod
    def changed(cls) -> frozenset[str]:
        """Give those of the six names that are not the reference's."""
        return frozenset(name for name in NAMES if getattr(cls, name, None) is not getattr(Reference, name))
