"""Mappings of every kind that ``swap_module`` may be given, each of which agrees with itself."""

from __future__ import annotations

from collections import ChainMap, OrderedDict, UserDict, defaultdict
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from torch import nn

from ..comparing import outcome
from .hooks import Sparse


class Defaulting(dict[Any, Any]):
    """A mapping that has an answer for missing keys, which it does not store."""

    def __missing__(self, key: Any) -> Any:
        """Return a class that knows ``from_dense``."""
        return Sparse


class NotTrue(Mapping[Any, Any]):
    """A mapping that is no dict, and not true whatever is in it."""

    def __init__(self, entries: dict[Any, Any]) -> None:
        self.entries = entries

    def __bool__(self) -> bool:
        """Return False."""
        return False

    def __getitem__(self, key: Any) -> Any:
        return self.entries[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def writes_to_mappings(implementation: Any) -> bool:
    """Return whether a swap changes a mapping that lets it: another kind has it fail, which is for other checks."""
    mapping = {nn.Linear: Sparse}
    for module in (nn.Linear(2, 2), nn.ReLU()):
        outcome(implementation.swap_module, module, mapping)
    return mapping != {nn.Linear: Sparse}


#: Mappings, each made of a dict.
MAPPINGS: dict[str, Callable[[dict[Any, Any]], Any]] = {
    "dict": dict,
    "OrderedDict": OrderedDict,
    "UserDict": UserDict,
    "ChainMap": lambda entries: ChainMap({}, entries),
    "MappingProxyType": MappingProxyType,
    "defaultdict": lambda entries: defaultdict(lambda: Sparse, entries),
    "of a class with __missing__": Defaulting,
    "of a class that is not true": NotTrue,
}
