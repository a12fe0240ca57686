"""Checks of ``FakeSparsity`` in torch's own sparsifiers, which write to its mask in ways of their own."""

from __future__ import annotations

import copy
from importlib import import_module
from typing import Any

import pytest
import torch
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, error_of
from sparsifier_conformance.checking.skips import holds_values, not_applicable

_OPTIONS: dict[str, dict[str, Any]] = {
    "WeightNormSparsifier": {"sparsity_level": 0.5, "sparse_block_shape": (1, 2), "zeros_per_block": 1},
    "NearlyDiagonalSparsifier": {"nearliness": 1},
}


def _sparsifier(name: str) -> Any:
    return getattr(import_module("torch.ao.pruning"), name)(**_OPTIONS[name])


def _prepared(sparsifier: Any, parametrization: type[nn.Module], device: str) -> Any:
    """Return a model whose first weight the sparsifier masks."""
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1)).to(device)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.linspace(-1.0, 2.0, parameter.numel()).reshape(parameter.shape))
    sparsifier.prepare(model, [{"tensor_fqn": "0.weight", "parametrization": parametrization}])
    return model


def _zeros(tensor: torch.Tensor) -> list[int]:
    """Return the places of the zeros, in row-major order."""
    return (tensor == 0).flatten().nonzero().flatten().tolist()


def _train(model: nn.Module, device: str) -> None:
    model.zero_grad()
    (model(torch.tensor([[1.0, -2.0, 3.0, 4.0]], device=device)) ** 2).sum().backward()
    with torch.no_grad():
        for parameter in model.parameters():
            assert parameter.grad is not None
            parameter.sub_(0.01 * parameter.grad)


def zeros_in_sparsifier(name: str, parametrization: type[nn.Module], device: str) -> dict[str, Any]:
    """Return where mask and weight are zero, after each step of a sparsifier's life."""
    zeros: dict[str, Any] = {}
    sparsifier = _sparsifier(name)
    model = _prepared(sparsifier, parametrization, device)

    def look(label: str) -> None:
        mask, weight = model[0].parametrizations.weight[0].mask, model[0].weight
        zeros[label] = {"places of zeros in the mask": _zeros(mask), "places of zeros in the weight": _zeros(weight)}

    look("prepared")
    sparsifier.step()
    look("stepped")
    _train(model, device)
    look("trained")
    duplicate = copy.deepcopy(sparsifier)
    saved = copy.deepcopy(sparsifier.state_dict())
    model.eval()
    sparsifier.step()
    look("stepped again")
    zeros["places of zeros in the weight of a copy"] = _zeros(duplicate.groups[0]["module"].weight)
    if device == "cpu":  # elsewhere it fails with all classes but torch's own, of which it makes one on the CPU
        other = _sparsifier(name)
        loaded = _prepared(other, parametrization, device)
        other.load_state_dict(saved)
        zeros["places of zeros in the weight of a model that loads"] = _zeros(loaded[0].weight)
    sparsifier.squash_mask()
    zeros["squashed"] = {
        "places of zeros in the weight": _zeros(model[0].weight),
        "is still parametrized": hasattr(model[0], "parametrizations"),
    }
    return zeros


@pytest.mark.parametrize("sparsifier", list(_OPTIONS))
def test_in_sparsifiers(implementation: Any, device: str, sparsifier: str) -> None:
    holds_values(device)
    if error_of(lambda: zeros_in_sparsifier(sparsifier, torchs_own(), device)) is not None:
        not_applicable(f"torch {torch.__version__} has no {sparsifier} that works on {device}")
    expected = zeros_in_sparsifier(sparsifier, torchs_own(), device)
    observed = zeros_in_sparsifier(sparsifier, implementation.FakeSparsity, device)
    assert_same(observed, expected)


def torchs_own() -> Any:
    """Return the class that torch's sparsifiers use where none is given to them."""
    return import_module("torch.ao.pruning.sparsifier.utils").FakeSparsity
