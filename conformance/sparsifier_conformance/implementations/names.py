"""The six names: what an implementation must have under each, and how checks see them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from ..checking.skips import Blocked, NotApplicable

NAMES = (
    "module_contains_param",
    "swap_module",
    "module_to_fqn",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "FakeSparsity",
)


_MISSING = object()


def _value(target: Any, name: str) -> Any:
    try:
        return getattr(target, name)
    except Exception:  # a property of the implementation may raise anything
        return _MISSING


def is_there(target: Any, name: str) -> bool:
    """Return whether an implementation has something under a name, whatever it is."""
    return _value(target, name) is not _MISSING


def kind_of(target: Any, name: str) -> str:
    """Say in a word or two what an implementation has under one of the six names.

    Returns:
        ``"a subclass of torch.nn.Module"``, ``"callable"``, ``"missing"``, or ``"not callable"``.
    """
    from torch import nn

    value = _value(target, name)
    if value is _MISSING:
        return "missing"
    if isinstance(value, type) and issubclass(value, nn.Module):
        return "a subclass of torch.nn.Module"
    return "callable" if callable(value) else "not callable"


def kind_wanted(name: str) -> str:
    """Say what ``kind_of`` must be for one of the six names."""
    return "a subclass of torch.nn.Module" if name == "FakeSparsity" else "callable"


def has(target: Any, name: str) -> bool:
    """Tell whether an implementation has one of the six names, and of the right kind."""
    kind = kind_of(target, name)
    return kind == kind_wanted(name) or (name != "FakeSparsity" and kind == "a subclass of torch.nn.Module")


class Names:
    """The implementation as checks see it: a check that needs a missing name ends as blocked.

    Parameters:
        target: the implementation.
        requested: the names that are judged; a check that needs another one, which is missing, is not applicable.
    """

    def __init__(self, target: Any, requested: Collection[str] = NAMES) -> None:
        self._target = target
        self._requested = requested

    def __getattr__(self, name: str) -> Any:
        if name not in NAMES:
            raise AttributeError(f"no utility is called {name}")
        if not has(self._target, name):
            reason = f"{name} is {kind_of(self._target, name)}, and must be {kind_wanted(name)}"
            raise Blocked(reason) if name in self._requested else NotApplicable(f"{reason}; it was not requested")
        return getattr(self._target, name)


#: Where a session keeps the implementation, for the fixtures of the suite.
JUDGED: pytest.StashKey[Names] = pytest.StashKey()
#: And what gives what is seen of one of the six names without its asserts.
WITHOUT_ASSERTS: pytest.StashKey[Callable[[str], dict[str, str]]] = pytest.StashKey()


def unwrapped(names: Any) -> Any:
    """Give the implementation itself, for the check of its names."""
    return names._target
