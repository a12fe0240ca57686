"""Checks of ``fqn_to_module``: errors that attributes raise."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, error_of
from sparsifier_conformance.checking.errors import OwnError, classes_of_errors


class Raising(nn.Module):
    """A module of which attributes raise an error, in several ways."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error, self.inner, self.asked = error, RaisingAttribute(error), 0
        self.weight = nn.Parameter(torch.ones(2))

    @property
    def value(self) -> Any:
        self.asked += 1
        raise self.error

    def __getattr__(self, name: str) -> Any:
        if name == "dynamic":
            self.asked += 1
            raise self.error
        return super().__getattr__(name)


class RaisingAttribute:
    """An object that is no module, of which one attribute raises an error."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.asked = error, 0

    @property
    def value(self) -> Any:
        self.asked += 1
        raise self.error


class RaisingNow(nn.Module):
    """A parametrization that raises an error if it is given one."""

    error: BaseException | None = None

    def forward(self, x: Any) -> Any:
        if self.error is not None:
            raise self.error
        return x


@given(
    path=st.sampled_from(("inner.value", "inner.value.more", "value", "dynamic", "dynamic.more", "weight", "weight.T")),
)
@example(path="value")
@example(path="value.more")
def test_errors_propagate(implementation: Any, path: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    model: Any = nn.Sequential(Raising(OwnError()))
    parametrize.register_parametrization(model[0], "weight", RaisingNow())
    for kind in classes_of_errors():
        # What it says is the attribute's name, as a KeyError does of an attribute that is looked up in a dict.
        error, cause = kind(path.partition(".")[0]), ValueError("its cause")
        error.__cause__ = cause
        for raising in (model[0], model[0].inner, model[0].parametrizations.weight[0]):
            raising.error = error
        raised = error_of(implementation.fqn_to_module, model, f"0.{path}", kind=BaseException)
        observed[f"{kind.__name__}, raised"], expected[f"{kind.__name__}, raised"] = raised, error
        # What is put on it are notes, too.
        observed[f"{kind.__name__}, arguments, cause and attributes"] = [
            error.args,
            error.__cause__,
            sorted(vars(error)),
        ]
        expected[f"{kind.__name__}, arguments, cause and attributes"] = [(path.partition(".")[0],), cause, []]
        observed["0.inner.error"] = implementation.fqn_to_module(model, "0.inner.error")
        expected["0.inner.error"] = error
    assert_same(observed, expected)


@given(
    kind=st.sampled_from(classes_of_errors()), path=st.sampled_from(("value", "inner.value", "dynamic", "value.more"))
)
@example(kind=RuntimeError, path="value")
def test_attributes__that_raise(implementation: Any, kind: type[BaseException], path: str) -> None:
    raising = Raising(kind("raised by an attribute"))
    error_of(implementation.fqn_to_module, nn.Sequential(raising), f"0.{path}", kind=BaseException)
    observed = {"asked": raising.asked + raising.inner.asked}
    expected = {"asked": 1}
    assert_same(observed, expected)
