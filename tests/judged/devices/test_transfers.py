"""What an implementation makes a device wait for, or copy away, is told in the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from faults.base import Reference
from judging import judge
from sparsifier_conformance.devices.registry import device
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_reference import FakeSparsity as Right

MISSING = device("pretend:0").missing()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
#: What costs time on a device, and the words for it.
COSTS: dict[str, tuple[Callable[[torch.Tensor], Any], str]] = {
    "item": (lambda mask: mask.sum().item(), "reads a value"),
    "bool": (lambda mask: bool(mask.any()), "reads a value"),
    "equal": (lambda mask: torch.equal(mask, mask), "reads a value"),
    "cpu": (lambda mask: mask.cpu(), "copies values to the CPU"),
    "tolist": (lambda mask: mask.tolist(), "copies values to the CPU"),
    "nonzero": (lambda mask: mask.nonzero(), "waits for a shape"),
    "print": (lambda mask: f"{mask.shape}, {mask.dtype}, {mask.device}, {mask.numel()}", ""),
}
OURS: Any = None


def _messages(forward: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, *devices: str) -> set[str | None]:
    sparsity = type("FakeSparsity", (Right,), {"forward": forward})
    monkeypatch.setitem(globals(), "OURS", type("Ours", (Reference,), {"FakeSparsity": sparsity}))
    on = [f"--sparsifier-device={each}" for each in devices]
    result = judge("test_transfers:OURS", *on, "--sparsifier-examples=3", only=["FakeSparsity/buffer-counts"])
    assert {each.outcome for each in result.requirements} == {Outcome.PASSED}
    return {each.message for each in result.requirements}


@pytest.mark.parametrize("what", COSTS)
def test_it_is_noticed_on_pretend_with_its_line(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cost, words = COSTS[what]

    def forward(self: Any, x: torch.Tensor) -> Any:
        cost(self.mask)
        return self.mask * x

    (message,) = _messages(forward, monkeypatch, "pretend")
    expected = f"{words} (test_transfers.py, line {cost.__code__.co_firstlineno})" if words else None
    assert message == expected
    assert _messages(forward, monkeypatch, "cpu") == {None}
