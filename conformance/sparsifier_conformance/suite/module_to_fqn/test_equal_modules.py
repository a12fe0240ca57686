"""Checks of ``module_to_fqn``: models of modules that compare equal to one another."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, outcome


class Equal(nn.Module):
    """A module that compares equal to every other one of its class."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equal)

    def __hash__(self) -> int:
        return 1


def test_compared_by_identity(implementation: Any) -> None:
    model = nn.Sequential(Equal(), Equal())
    root = Equal()
    root.add_module("child", Equal())
    taken = {
        "a stranger equal to a child": outcome(implementation.module_to_fqn, model, Equal()) == "0",
        "a stranger equal to the model": outcome(implementation.module_to_fqn, root, Equal()) == "",
        "the second child": outcome(implementation.module_to_fqn, model, model[1]) == "0",
        "a child equal to the model": outcome(implementation.module_to_fqn, root, root.child) == "",
    }
    observed = {"the first child": implementation.module_to_fqn(model, model[0]), "taken for another one": taken}
    expected = {"the first child": "0", "taken for another one": dict.fromkeys(taken, False)}
    assert_same(observed, expected)


def equal_cousins() -> nn.Module:
    """Make a model of equal modules, none of them a child of the parent of another, and what is below each."""
    model, parents = nn.Module(), ("first", "second")
    for parent in parents:
        above, cousin, below = nn.Module(), Equal(), Equal()
        cousin.add_module("below", below)
        below.add_module("last", nn.ReLU())
        above.add_module("cousin", cousin)
        model.add_module(parent, above)
    return model


def test_path_of_descendant__equal_cousins(implementation: Any) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for below in ("", ".cousin", ".cousin.below", ".cousin.below.last"):
        for parent in ("first", "second"):
            model, path = equal_cousins(), f"{parent}{below}"
            observed[path] = implementation.module_to_fqn(model, model.get_submodule(path))
            expected[path] = path
    assert_same(observed, expected)


@given(count=st.integers(2, 5))
def test_equal_siblings_found(implementation: Any, count: int) -> None:
    model = nn.Sequential(*(Equal() for _ in range(count)))
    observed = [implementation.module_to_fqn(model, model[index]) for index in range(count)]
    expected = [str(index) for index in range(count)]
    assert_same(observed, expected)
