"""Checks that ``from_dense`` runs as if the caller had called it."""

from __future__ import annotations

import random
import threading
import warnings
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.swaps.hooks import mapping_by, swapped
from sparsifier_conformance.checking.world.circumstances import MODES, in_threads
from sparsifier_conformance.checking.world.states import global_state
from sparsifier_conformance.checking.world.switching import in_mode, settled, switches_put_back, throw_switches
from sparsifier_conformance.checking.world.values import changes


def _has_a_graph() -> bool:
    """Return whether what is computed has one; on a CPU, as the first product on meta makes torch import much."""
    return (torch.ones(2, requires_grad=True, device="cpu") * 2).requires_grad


def _in_circumstance(implementation: Any, new: nn.Module, circumstance: str) -> dict[str, Any]:
    """Return what comes of a swap, and what from_dense sees of the circumstance."""
    old = nn.Linear(2, 2)
    states: list[dict[str, Any]] = []
    threads: list[int] = []
    graphs: list[bool] = []  # whether what is computed has one

    def from_dense(mod: nn.Module) -> nn.Module:
        states.append(global_state())
        graphs.append(_has_a_graph())
        threads.append(threading.get_ident())
        return new

    def swap() -> Any:
        states.append(global_state())
        graphs.append(_has_a_graph())
        threads.append(threading.get_ident())
        return swapped(implementation, old, mapping_by(from_dense), new)

    with in_mode(circumstance, passing=True):
        result = in_threads(swap)[0] if circumstance == "in another thread" else swap()
    return {
        "result": result,
        "what is otherwise within from_dense": changes(states[0], states[-1]),
        "whether what it computes has a graph as outside": len(set(graphs)) == 1,
        "calls in another thread than the caller's": len(threads) - threads.count(threads[0]),
    }


@given(circumstance=st.sampled_from((*MODES, "in another thread")))
def test_from_dense_context(implementation: Any, circumstance: str) -> None:
    new = nn.Linear(2, 2)
    observed = settled(lambda: _in_circumstance(implementation, new, circumstance))
    expected = {
        "result": new,
        "what is otherwise within from_dense": {},
        "whether what it computes has a graph as outside": True,
        "calls in another thread than the caller's": 0,
    }
    assert_same(observed, expected)


def _after_switching(implementation: Any, old: nn.Module, new: nn.Module) -> dict[str, Any]:
    """Return what comes of a swap whose from_dense switches much, and what is otherwise than it left that."""
    states: list[dict[str, Any]] = []
    with switches_put_back(), warnings.catch_warnings():

        def from_dense(mod: nn.Module) -> nn.Module:
            torch.manual_seed(3)
            random.seed(3)
            throw_switches()
            warnings.filterwarnings("ignore", "a warning that from_dense gives")
            states.append(global_state())
            return new

        result = swapped(implementation, old, mapping_by(from_dense), new)
        if not states:  # from_dense was not called, which is for other checks to say
            states.append(global_state())
        return {"result": result, "what is otherwise afterwards": changes(states[-1], global_state())}


def test_from_dense_context__what_it_switches(implementation: Any) -> None:
    old, new = nn.Linear(2, 2), nn.Linear(2, 2)
    observed = settled(lambda: _after_switching(implementation, old, new))
    expected = {"result": new, "what is otherwise afterwards": {}}
    assert_same(observed, expected)
