"""Devices: which there are, which were asked for, which are missing, and those that are made up."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from judging import judge
from sparsifier_conformance.devices import fake
from sparsifier_conformance.devices import registry as devices
from sparsifier_conformance.devices.base import Device
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Verdict


def missing(name: str) -> str | None:
    return devices.device(name).missing()


CAN_FAKE = pytest.mark.skipif(missing("fake:cuda") is not None, reason=str(missing("fake:cuda")))
CAN_PRETEND = pytest.mark.skipif(missing("pretend:0") is not None, reason=str(missing("pretend:0")))


def test_cpu_and_meta_are_everywhere() -> None:
    assert devices.resolve(())[:2] == ["cpu", "meta"]
    assert devices.resolve(())[-1] == "fake:cuda"
    assert devices.resolve(("meta", "cpu", "meta")) == ["meta", "cpu"]
    assert missing("cpu") is None and missing("meta") is None


def test_an_accelerator_is_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "count", staticmethod(lambda kind: 2 if kind == "cuda" else 0))
    monkeypatch.setattr(devices, "_accelerators", lambda: ["cuda"])
    assert devices.resolve(()) == ["cpu", "meta", "cuda:0", "cuda:1", "fake:cuda"]
    assert devices.resolve(("cuda",)) == ["cuda:0", "cuda:1"]
    assert devices.resolve(("cuda:1",)) == ["cuda:1"]
    assert missing("cuda:1") is None
    assert missing("cuda:2") == "torch finds 2 cuda devices here, so there is no cuda:2"
    assert devices.elsewhere("cpu") == ["cuda:0"] and devices.others("cpu") == ["cuda:0"]
    assert devices.elsewhere("cuda:1") == devices.others("cuda:1") == ["cuda:0", "cpu"]
    assert devices.moves("cpu") == [("cuda:0", "cpu")]
    assert devices.moves("cuda:1") == [("cuda:0", "cuda:1"), ("cpu", "cuda:1"), ("cuda:1", "cpu")]


def test_a_missing_accelerator_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "count", staticmethod(lambda kind: 0))
    monkeypatch.setattr(devices, "_accelerators", lambda: [])
    assert devices.resolve(("cuda",)) == ["cuda:0"]
    assert missing("cuda:0") == f"torch {torch.__version__} finds no cuda device here"
    assert devices.elsewhere("cpu") == ["cpu"] and devices.others("cpu") == [devices.ABSENT]
    assert devices.elsewhere("meta") == ["cpu"] and devices.others("meta") == []
    assert devices.moves("cpu") == [("cpu", "cpu")] and devices.moves("meta") == [("cpu", "meta")]


def test_a_vendors_device_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_private", lambda: ["npu"])
    assert devices.resolve(("npu:1",)) == ["npu:1"]
    assert missing("npu:1") == f"torch {torch.__version__} finds no npu device here"


@pytest.mark.parametrize(
    "name", ["cudaa", "gpu", "", "cuda:x", "cuda:-1", "CPU", "cpu:0", "fake", "fake:cuda:1", "npu"]
)
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(devices.UnknownDevice, match=f"no device is called '{name}'"):
        devices.resolve((name,))


@pytest.fixture
def faked() -> Generator[str, None, None]:
    with devices.device("fake:cuda").entered() as device:
        yield device


def _devices_of(module: nn.Module) -> set[str]:
    return {str(tensor.device) for tensor in [*module.parameters(), *module.buffers()]}


@CAN_FAKE
class TestFake:
    """What torch's FakeTensorMode does not do by itself, and correct implementations may count on."""

    def test_names(self, faked: str) -> None:
        assert faked == "cuda:1"
        assert devices.others(faked) == devices.elsewhere(faked) == ["cuda:0", "cpu"]
        assert not devices.holds_values(faked) and devices.holds_values("cpu")

    @pytest.mark.parametrize("place", ["cpu", "cuda:0"])
    def test_every_way_to_move(self, faked: str, place: str) -> None:
        moves: list[Callable[[Any], Any]] = [
            lambda module: module.to("cuda:1"),
            lambda module: module.to(torch.device("cuda", 1)),
            lambda module: module.cuda(1),
            lambda module: module.cuda(torch.device("cuda:1")),
            lambda module: module.to_empty(device="cuda:1"),
            lambda module: module._apply(lambda tensor: tensor.to("cuda:1")),
        ]
        for move in moves:
            assert _devices_of(move(nn.BatchNorm1d(3, device=place))) == {"cuda:1"}

    def test_data_that_is_assigned(self, faked: str) -> None:
        module = nn.BatchNorm1d(2, device="cuda:0")
        for tensor in [*module.parameters(), *module.buffers()]:
            tensor.data = tensor.data.to("cuda:1")
        assert _devices_of(module) == {"cuda:1"}

    def test_without_an_index_it_is_the_current_one(self, faked: str) -> None:
        moves: list[Callable[[Any], Any]] = [
            lambda module: module.to("cuda"),
            lambda module: module.to(torch.device("cuda"), torch.float64),
            lambda module: module.cuda(),
        ]
        for move in moves:
            assert _devices_of(move(nn.BatchNorm1d(2))) == {"cuda:0"}

    def test_devices_do_not_mix(self, faked: str) -> None:
        for place in devices.others(faked):
            with pytest.raises(RuntimeError):
                torch.ones(2, device=faked) * torch.ones(2, device=place)

    def test_gone_afterwards(self) -> None:
        with devices.device("fake:cuda").entered():
            pass
        assert torch.ones(2).tolist() == [1.0, 1.0] and torch.is_grad_enabled() and devices.holds_values("cuda:1")


@pytest.mark.parametrize(
    "device",
    [
        pytest.param("fake:cuda", marks=CAN_FAKE),
        pytest.param("pretend:1", marks=CAN_PRETEND),
        pytest.param("pretend:0", marks=[CAN_PRETEND, pytest.mark.exhaustive]),
    ],
)
def test_the_reference_conforms_there(device: str) -> None:
    options = ("--sparsifier-only=swap_module", "--sparsifier-only=FakeSparsity", "--sparsifier-examples=3")
    # Torch's compiler is slow there, and the exhaustive tests of faults use it.
    result = judge("reference", f"--sparsifier-device={device}", "-m", "not sparsifier_imports_compiler", *options)
    assert result.verdict is Verdict.CONFORMS_IN_FULL
    seen = {each.id for each in result.requirements if each.device and each.outcome is Outcome.PASSED}
    assert {"swap_module/mixed-devices-rejected", "FakeSparsity/moves-with-module"} < seen
    left_out = {each.id: str(each.message) for each in result.requirements if each.outcome is not Outcome.PASSED}
    if device.startswith("pretend"):  # which is to be judged as any device is
        assert left_out == {}
    assert {id: why for id, why in left_out.items() if "cannot do" in why} == {}
    # What checks themselves read from the device, or copy away, is told of nobody.
    assert {each.message for each in result.requirements if each.outcome is Outcome.PASSED} == {None}


def test_missing_by_default_is_no_fault_and_asked_for_it_is_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "_why_not", lambda: "no such mode")
    only = "--sparsifier-only=swap_module/no-tensors-no-move"
    by_default, by_all = judge("reference", only), judge("reference", only, "--sparsifier-device=all")
    assert by_default.verdict is by_all.verdict is Verdict.CONFORMS
    (missing,) = (each for each in by_default.requirements if each.device == "fake:cuda")
    assert (missing.outcome, missing.message) == (Outcome.NOT_APPLICABLE, "no such mode")
    assert judge("reference", only, "--sparsifier-device=fake:cuda").verdict is Verdict.INCOMPLETE


@CAN_FAKE
def test_a_result_has_the_devices_that_were_not_reached() -> None:
    """Also one that is tried out by its own checks alone."""
    result = judge("faults.swap_module.mapping:CopiesUnmapped", "--sparsifier-fail-fast", only=["swap_module"])
    not_run = {each.device for each in result.requirements if each.outcome is Outcome.NOT_RUN}
    assert "fake:cuda" in not_run and not_run - {None} <= set(result.environment.devices)


@CAN_FAKE
def test_what_makes_tensors_of_its_own_is_not_accused_in_threads_of_its_own() -> None:
    """Where torch would know of no such device, as it is faked in one thread alone."""
    where = Path(__file__).parents[2] / "variants" / "masks" / "makes_tensors.py"
    only = "-k", "test_shape_mismatch_rejected__circumstances"  # where it is called in other threads, too
    result = judge(where, "--sparsifier-device=fake:cuda", *only)
    assert result.verdict is Verdict.CONFORMS
    assert [each.outcome for each in result.requirements] == [Outcome.PASSED]
