"""The pretended devices: what they do as a vendor's device does, and what is excused there."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from judging import judge
from sparsifier_conformance.devices import registry as devices
from sparsifier_conformance.devices.pretended import Pretended
from sparsifier_conformance.outcomes.outcome import Outcome

MISSING = devices.device("pretend:0").missing()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


def test_pretended() -> None:
    assert devices.resolve(("pretend",)) == ["pretend:0", "pretend:1"]
    assert devices.device("pretend:1").missing() is None
    assert "no pretend:2" in str(devices.device("pretend:2").missing())
    assert devices.others("pretend:1") == ["pretend:0", "cpu"]
    assert devices.moves("pretend:1") == [("pretend:0", "pretend:1"), ("cpu", "pretend:1")]
    assert "pretend" not in str(devices.available())
    weight = nn.Parameter(torch.tensor([1.0, 2.0], device="pretend:0"))
    loss: Any = (weight * torch.tensor([3.0, 4.0]).to("pretend") * 2).sum()
    loss.backward()
    assert weight.grad is not None
    assert (weight.grad.tolist(), str(weight.grad.device)) == ([6.0, 8.0], "pretend:0")
    changed = torch.ones(2, 2, device="pretend:1")
    changed.t()[0].fill_(5.0)
    assert changed.cpu().tolist() == [[5.0, 1.0], [5.0, 1.0]]
    number: Any = torch.tensor(1 + 2j, device="pretend:1")
    assert [(number.conj() * number).tolist(), (number.conj().imag * 2).tolist()] == [5, -4]
    parts: Any = torch.view_as_real(torch.ones(1, dtype=torch.complex64, device="pretend:1").conj())
    assert parts.tolist() == [[1.0, -0.0]]
    into: Any = [torch.empty(0, device="pretend:1") for _ in range(2)]
    torch.unbind_copy(changed, out=into)  # which makes each fit
    assert [each.tolist() for each in into] == [[5.0, 1.0], [5.0, 1.0]]
    assert [each.shape for each in into] == [(2,), (2,)]
    with torch.inference_mode():
        assert not changed.t().is_inference() and (changed * 2).is_inference()
    with pytest.raises(RuntimeError, match="must be on one device"):
        weight * changed[0]


def test_a_module_keeps_its_parameters_where_it_is_moved() -> None:
    """As between the CPU and any vendor's device: the same objects, tied, and with what was set on them."""
    apply = nn.Module._apply
    with devices.device("pretend:1").entered() as place:
        tied: Any = nn.ModuleList([nn.Linear(2, 2), nn.GRU(2, 2)])
        tied.append(tied[0])
        weight = tied[0].weight
        weight.tag = "of the user"
        for device in (place, "pretend:0", "cpu", place):
            tied.to(device)
            assert tied[0].weight is tied[2].weight is weight
            assert (str(weight.device), weight.tag) == (device, "of the user")
        # A GRU has weak references to its parameters.
        assert len(tied.load_state_dict(copy.deepcopy(tied).cpu().state_dict())) == 2
        assert not torch.__future__.get_swap_module_params_on_conversion()
    assert nn.Module._apply is apply


ASKS = """
from sparsifier_reference import *
from torch import Generator

def swap_module(mod, mapping, swap=swap_module):
    device = next((each.device for each in mod.parameters()), "cpu")
    {asks}
    return swap(mod, mapping)
"""


@pytest.mark.parametrize(
    ("asks", "device", "outcome"),
    [
        ("Generator(device)", "pretend:1", Outcome.NOT_APPLICABLE),
        ("torch.ones(1).pin_memory()", "pretend:1", Outcome.NOT_APPLICABLE),
        ("torch.ones(1).pin_memory()", "cpu", Outcome.NOT_APPLICABLE),
        (
            "try: Generator(device)\n    except Exception as error: raise KeyError from error",
            "pretend:1",
            Outcome.NOT_APPLICABLE,
        ),
        ("try: Generator(device)\n    except NotImplementedError: pass", "pretend:1", Outcome.PASSED),
        ("raise NotImplementedError('not on this device')", "pretend:1", Outcome.FAILED),
    ],
)
def test_what_torch_grants_no_backend_in_python_is_no_failure(
    asks: str, device: str, outcome: Outcome, tmp_path: Path
) -> None:
    ours = tmp_path / "asking.py"
    ours.write_text(f"import torch\n{ASKS.format(asks=asks)}", encoding="utf-8")
    only = ["swap_module/device-follows-parameters"]
    (seen,) = judge(ours, f"--sparsifier-device={device}", "--sparsifier-examples=5", only=only).requirements
    assert seen.outcome is outcome
    if outcome is Outcome.NOT_APPLICABLE:
        assert str(seen.message).startswith(f"{device} cannot do what the implementation asks of it: raised ")


def test_what_a_vendors_device_cannot_fill_is_no_failure_of_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on torchvulkan 0.2.1, which copies nothing into a conjugated tensor."""
    can = Pretended.__torch_dispatch__
    refused = []

    def dispatch(cls: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.fill_.Scalar and (args[0]._held.is_conj() or args[0]._held.is_neg()):
            refused.append(func)
            raise RuntimeError("not supported")
        return can(func, types, args, kwargs)

    monkeypatch.setattr(Pretended, "__torch_dispatch__", classmethod(dispatch))
    (seen,) = judge("reference", "--sparsifier-device=pretend:0", only=["FakeSparsity/copies"]).requirements
    assert refused and seen.outcome is Outcome.PASSED, seen.message


TOUCHES = """
import torch
from sparsifier_reference import *

def swap_module(mod, mapping, swap=swap_module):
    result = swap(mod, mapping)
    with torch.no_grad():
        for each in result.parameters():
            each.mul_(1)
    return result
"""


def test_what_torch_changes_where_it_moves_nothing_hides_no_other_change(tmp_path: Path) -> None:
    """There torch exchanges the attributes of parameters, in which this device keeps the values."""
    ours = tmp_path / "touching.py"
    ours.write_text(TOUCHES, encoding="utf-8")
    (seen,) = judge(ours, "--sparsifier-device=pretend:1", only=["swap_module/result-kept"]).requirements
    assert seen.outcome is Outcome.FAILED and "_version of the tensor" in str(seen.message)
