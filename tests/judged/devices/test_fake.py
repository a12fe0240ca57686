"""Correct code that asks of ``fake:cuda`` what only a device can do, and code that is wrong there: told apart."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from faults.base import Reference
from faults.swap_module.devices import moving
from judging import failed, judge
from sparsifier_conformance.devices.registry import device
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Result

MISSING = device("fake:cuda").missing()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


def _tensors(module: nn.Module) -> list[torch.Tensor]:
    return list(chain(module.parameters(), module.buffers()))


def _device_of(devices: list[torch.device]) -> torch.device | None:
    if len(set(devices)) > 1:
        raise AssertionError(f"devices: {devices}")
    return next(iter(devices), None)


def _move(result: nn.Module, device: torch.device | None) -> None:
    if device is not None:
        result.to(device)


def _in_a_context(mod: Any, result: Any) -> None:
    device = _device_of([tensor.device for tensor in _tensors(mod)])
    if device is not None and device.type == "cuda":
        with torch.cuda.device(device):
            result.cuda()
    else:
        _move(result, device)


def _copied_into_empty_ones(mod: Any, result: Any) -> None:
    device = _device_of([tensor.device for tensor in _tensors(mod)])
    if device is not None:
        saved = {name: tensor.detach().clone() for name, tensor in result.state_dict().items()}
        result.to_empty(device=device)
        for name, tensor in result.state_dict().items():
            tensor.copy_(saved[name])


def _of_storages(mod: Any, result: Any) -> None:
    _move(result, _device_of([tensor.untyped_storage().device for tensor in _tensors(mod)]))


def _of_a_copy(mod: Any, result: Any) -> None:
    _move(result, _device_of([tensor.device for tensor in _tensors(copy.deepcopy(mod))]))


OURS: Any = None
IDS = ("device-follows-parameters", "device-follows-buffers", "no-tensors-no-move", "mixed-devices-rejected")


def _judged(move: Callable[[Any, Any], None], monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setitem(globals(), "OURS", type("Ours", (Reference,), {"swap_module": moving(move)}))
    only = [f"--sparsifier-only=swap_module/{id}" for id in IDS]
    return judge("test_fake:OURS", *only, "--sparsifier-device=fake:cuda")


@pytest.mark.parametrize("move", [_in_a_context, _copied_into_empty_ones, _of_storages, _of_a_copy])
def test_what_the_fake_cannot_do_accuses_nobody(
    move: Callable[[Any, Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = _judged(move, monkeypatch)
    assert failed(result) == set()
    beyond = [each for each in result.requirements if each.outcome is Outcome.NOT_APPLICABLE]
    assert all(each.message and "fake:cuda cannot" in each.message for each in beyond)
    assert all(each.reproducer is None for each in beyond)
    # Deep copies are within its reach, and in torch 2.10 and 2.15 empty ones.
    of_empty_ones = torch.__version__.startswith(("2.10.", "2.15."))
    within = {_of_a_copy, _copied_into_empty_ones} if of_empty_ones else {_of_a_copy}
    assert bool(beyond) == (move not in within)


def _rejects_nothing(mod: Any, result: Any) -> None:
    _move(result, next((tensor.device for tensor in _tensors(mod)), None))


def test_what_it_can_do_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert failed(_judged(_rejects_nothing, monkeypatch)) == {"swap_module/mixed-devices-rejected"}


def test_a_name_that_is_missing_blocks_there_too(tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text("from sparsifier_reference import module_to_fqn\n")
    result = judge(path, "--sparsifier-device=fake:cuda", only=["swap_module/result-kept"])
    assert {each.outcome for each in result.requirements} <= {Outcome.BLOCKED, Outcome.NOT_APPLICABLE}
