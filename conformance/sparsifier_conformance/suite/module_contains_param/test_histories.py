"""Checks that ``module_contains_param`` answers for the module as it is, whatever was done to it before."""

from __future__ import annotations

import copy
from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same


class First(nn.Identity):
    """A parametrization."""


class Second(First):
    """A parametrization of a subclass."""


#: What is done, to which tensor, and with which class; ``replace`` and ``insert`` change the list in place, ``become``
#: what is in it.
Step = tuple[str, str, type[nn.Module]]

_STEPS = st.tuples(
    st.sampled_from(("register", "replace", "insert", "become", "remove", "copy")),
    st.sampled_from(("weight", "scale")),
    st.sampled_from((First, Second)),
)


def _changed(module: Any, chains: dict[str, list[type[nn.Module]]], step: Step) -> Any:
    """Do a step to a module, note in ``chains`` what is registered then, and return the module to go on with."""
    action, name, kind = step
    if action == "copy":
        return copy.deepcopy(module)
    if action == "register":
        parametrize.register_parametrization(module, name, kind())
        chains.setdefault(name, []).append(kind)
    elif name in chains and action == "replace":
        module.parametrizations[name][0] = kind()
        chains[name][0] = kind
    elif name in chains and action == "become":
        module.parametrizations[name][0].__class__ = chains[name][0] = kind
    elif name in chains and action == "insert":
        module.parametrizations[name].insert(0, kind())
        chains[name].insert(0, kind)
    elif name in chains and action == "remove":
        parametrize.remove_parametrizations(module, name)
        del chains[name]
    return module


def _plain() -> Any:
    module: Any = nn.Module()
    module.register_parameter("weight", nn.Parameter(torch.ones(2)))
    module.register_buffer("scale", torch.ones(2))
    return module


def _answers(implementation: Any, module: nn.Module) -> list[bool]:
    return [bool(implementation.module_contains_param(module, kind)) for kind in (First, Second)]


def _made_anew(chains: dict[str, list[type[nn.Module]]]) -> Any:
    module = _plain()
    for name, chain in chains.items():
        for kind in chain:
            parametrize.register_parametrization(module, name, kind())
    return module


@given(steps=st.lists(_STEPS, min_size=1, max_size=6))
@example(steps=[("register", "weight", First), ("replace", "weight", Second)])
@example(steps=[("register", "weight", First), ("insert", "weight", Second)])
@example(steps=[("register", "weight", First), ("become", "weight", Second)])
@example(steps=[("register", "weight", Second), ("copy", "weight", First), ("replace", "weight", First)])
@example(steps=[("register", "scale", Second), ("remove", "scale", First), ("register", "weight", First)])
def test_follows_changes(implementation: Any, steps: list[Step]) -> None:
    module = _plain()
    chains: dict[str, list[type[nn.Module]]] = {}
    observed, expected = [_answers(implementation, _made_anew({"weight": [First]}))], [[True, False]]
    for step in steps:
        module = _changed(module, chains, step)
        registered = [kind for chain in chains.values() for kind in chain]
        answers, right = _answers(implementation, module), [bool(registered), Second in registered]
        if answers != right and _answers(implementation, _made_anew(chains)) != right:
            answers = right  # wrong at any time, which is for others to say
        observed.append(answers)
        expected.append(right)
    assert_same(observed, expected)
