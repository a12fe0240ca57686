"""Checks of what becomes of the errors that ``swap_module`` meets as it calls ``from_dense``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, error_of, raised
from sparsifier_conformance.checking.errors import classes_of_errors
from sparsifier_conformance.checking.swaps.hooks import Sparse, mapping_by


class WithoutFromDense(nn.Module):
    """A class that does not know how to be made from another, but for ways that other code has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    @classmethod
    def from_float(cls, mod: nn.Module) -> nn.Module:
        """Make one, as torch's quantization does."""
        return cls()

    from_module = from_observed = from_linear = convert = swap = from_float


def test_from_dense_errors_propagate(implementation: Any) -> None:
    old, calls = nn.Linear(2, 2), []
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for kind in (*classes_of_errors(), AttributeError):
        error, cause = kind("raised by from_dense"), ValueError("its cause")

        def from_dense(mod: nn.Module, error: Any = error, cause: Any = cause) -> nn.Module:
            calls.append(mod)
            raise error from cause

        calls.clear()
        raised = error_of(implementation.swap_module, old, mapping_by(from_dense), kind=BaseException)
        observed[f"{kind.__name__}, raised"], expected[f"{kind.__name__}, raised"] = raised, error
        # What is put on it are notes, too.
        what = [error.args, error.__cause__, sorted(vars(error)), len(calls)]
        observed[f"{kind.__name__}, arguments, cause, attributes and calls"] = what
        expected[f"{kind.__name__}, arguments, cause, attributes and calls"] = [("raised by from_dense",), cause, [], 1]
    assert_same(observed, expected)


class Abstract(ABC):
    """A class of which nothing can be made, and that has other ways than a swap's to be called."""

    from_nothing = staticmethod(lambda: None)
    from_two = staticmethod(lambda mod, device: None)
    from_more = staticmethod(lambda mod, *, inplace: None)

    @abstractmethod
    def forward(self, x: Any) -> Any:
        """Compute nothing."""

    @classmethod
    def from_any(cls, mod: Any) -> Any:
        """Make one, which fails."""
        return cls()

    @classmethod
    def from_class(cls) -> Any:
        """Take no module."""
        return cls()

    def from_itself(self, mod: Any) -> Any:
        """Take a module, if it is not called on the class."""
        return mod


#: What Python itself raises an error at, within the code of ``from_dense`` or as that is called.
RAISED_BY_PYTHON: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(Abstract, name) for name in vars(Abstract) if name.startswith("from_")},
    "no attribute of the module": lambda mod: mod.nothing,
    "no such key": lambda mod: {}[mod],
    "no such index": lambda mod: [][len([mod])],
    "no such argument": lambda mod: nn.Linear(2, 2, nothing=mod),  # type: ignore[call-arg]
    "too few arguments": lambda mod: nn.Linear(),  # type: ignore[call-arg]
    "nothing that can be called": lambda mod: mod.training(mod),
    "no truth": lambda mod: bool(torch.ones(2)),
    "no number": lambda mod: int("none"),
    "a division by zero": lambda mod: 1 // len([]),
    "shapes that differ": lambda mod: torch.ones(2) + torch.ones(3),
}


def test_from_dense_errors_propagate__of_python(implementation: Any) -> None:
    old = nn.Linear(2, 2)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for words, from_dense in RAISED_BY_PYTHON.items():
        by_swap = error_of(implementation.swap_module, old, mapping_by(from_dense))
        observed[words], expected[words] = (
            [type(error).__name__, str(error)] for error in (by_swap, error_of(from_dense, old))
        )
    assert_same(observed, expected)


def test_from_dense_errors_propagate__where_there_is_none(implementation: Any) -> None:
    old: Any = nn.Linear(2, 2)
    old.from_dense = lambda mod: mod
    targets = {
        "a class": WithoutFromDense,
        "an object": WithoutFromDense(),
        "a function": Sparse.from_dense,
        "None": None,
    }
    observed = {
        words: raised(AttributeError, implementation.swap_module, old, {nn.Linear: target})
        for words, target in targets.items()
    }
    expected = dict.fromkeys(targets, "AttributeError")
    observed["a class that has it"] = raised(AttributeError, implementation.swap_module, old, {nn.Linear: Sparse})
    expected["a class that has it"] = "no error"
    assert_same(observed, expected)
