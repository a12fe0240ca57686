"""Checks of ``FakeSparsity`` on the user's own models."""

from __future__ import annotations

from typing import Any

from sparsifier_conformance.checking.comparing import assert_same, error_of, outcome
from sparsifier_conformance.checking.models.whole import is_alike, mask_at, masked_plainly, reached
from sparsifier_conformance.own_models import OwnModel


def test_product__own_models(implementation: Any, device: str, own_model: OwnModel) -> None:
    plain = own_model.build()
    paths = masked_plainly(plain)
    model = own_model.build()
    observed = {}
    for path in paths:
        _, product = mask_at(model, path, implementation.FakeSparsity)
        observed[path] = is_alike(reached(model, path), product)
    expected = dict.fromkeys(paths, True)
    assert_same(observed, expected)


def test_not_in_state_dict__own_models(implementation: Any, device: str, own_model: OwnModel) -> None:
    plain = own_model.build()
    paths = masked_plainly(plain)
    model = own_model.build()
    for path in paths:
        mask_at(model, path, implementation.FakeSparsity)
    saved = outcome(plain.state_dict)
    observed = sorted(model.state_dict()) if isinstance(saved, dict) else []
    expected = sorted(saved) if isinstance(saved, dict) else []
    assert_same(observed, expected)


def test_strict_reload__own_models(implementation: Any, device: str, own_model: OwnModel) -> None:
    plain = own_model.build()
    paths = masked_plainly(plain)
    model = own_model.build()
    masks = [mask_at(model, path, implementation.FakeSparsity)[0] for path in paths]
    before = [mask.clone() for mask in masks]
    # What torch cannot load into the model that is masked by a plain product tells nothing.
    can_be = error_of(lambda: plain.load_state_dict(plain.state_dict())) is None
    refused = error_of(lambda: model.load_state_dict(model.state_dict())) if can_be else None
    observed = {
        "refused": None if refused is None else str(refused),
        "masks as they were": all(map(is_alike, masks, before)),
    }
    expected = {"refused": None, "masks as they were": True}
    assert_same(observed, expected)
