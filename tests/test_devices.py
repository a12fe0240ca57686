"""Devices: which there are, which were asked for, and which are missing."""

from __future__ import annotations

import pytest
import torch

from sparsifier_conformance import devices


def test_cpu_and_meta_are_everywhere() -> None:
    assert devices.resolve(())[:2] == ["cpu", "meta"]
    assert devices.resolve(("meta", "cpu", "meta")) == ["meta", "cpu"]
    assert devices.missing("cpu") is None and devices.missing("meta") is None


def test_an_accelerator_is_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_count", lambda kind: 2 if kind == "cuda" else 0)
    monkeypatch.setattr(devices, "_accelerators", lambda: ["cuda"])
    assert devices.resolve(()) == ["cpu", "meta", "cuda:0", "cuda:1"]
    assert devices.resolve(("cuda",)) == ["cuda:0", "cuda:1"]
    assert devices.resolve(("cuda:1",)) == ["cuda:1"]
    assert devices.missing("cuda:1") is None
    assert devices.missing("cuda:2") == "torch finds 2 cuda device(s) here, so there is no cuda:2"
    assert devices.elsewhere("cpu") == "cuda:0"


def test_a_missing_accelerator_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_count", lambda kind: 0)
    monkeypatch.setattr(devices, "_accelerators", lambda: [])
    assert devices.resolve(("cuda",)) == ["cuda:0"]
    assert devices.missing("cuda:0") == f"torch {torch.__version__} finds no cuda device here"
    assert devices.elsewhere("cpu") == "cpu"


@pytest.mark.parametrize("name", ["cudaa", "gpu", "", "cuda:x", "cuda:-1", "CPU"])
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(devices.UnknownDevice, match=f"no device is called '{name}'"):
        devices.resolve((name,))


def test_other_and_elsewhere_differ_from_the_device() -> None:
    for device in ("meta", "cuda:1"):
        assert devices.elsewhere(device) == "cpu"
    for device in ("cpu", "meta", "cuda:1"):
        assert devices.other(device) != device
