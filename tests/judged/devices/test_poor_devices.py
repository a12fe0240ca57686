"""Devices without some dtypes: correct code conforms there, and what counts on such a dtype fails there alone."""

from __future__ import annotations

import pytest
import torch

from faults.base import Fault
from faults.FakeSparsity.poor_devices import KeepsAnImaginaryUnit, MultipliesInFloat64
from judging import failed, judge
from sparsifier_conformance.devices.registry import device
from sparsifier_conformance.results.records import Verdict

MISSING = device("pretend:no-float64").missing()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
POOR = {"pretend:no-float64": "float64", "pretend:no-complex": "complex64"}
each_device = pytest.mark.parametrize("name", POOR)


@each_device
def test_what_it_lacks_is_refused_and_all_else_is_there(name: str) -> None:
    dtype = getattr(torch, POOR[name])
    with device(name).entered() as place:
        assert place == "pretend:1"
        for make in (
            lambda: torch.ones(2, dtype=dtype, device=place),
            lambda: torch.ones(2, dtype=dtype).to(place),
            lambda: torch.ones(2, device=place).to(dtype),
            lambda: torch.nn.Linear(2, 2, device=place).to(dtype),
        ):
            with pytest.raises(TypeError, match=f"no torch.{POOR[name]}"):
                make()
        assert torch.ones(2, dtype=torch.float32, device=place).cpu().to(dtype).tolist() == [1.0, 1.0]
    assert torch.ones(2, dtype=dtype, device="pretend:1").dtype is dtype


def test_an_error_of_going_backward_is_raised_at_its_end() -> None:
    with device("pretend:no-float64").entered() as place:
        leaf = torch.tensor(0j, dtype=torch.complex64, device=place, requires_grad=True)
        total = (leaf * (3 - 2j)).sum().real  # whose gradient is complex128 for a while
        with pytest.raises(TypeError, match=r"no torch\.complex128"):
            total.backward()  # type: ignore[no-untyped-call]


@pytest.mark.exhaustive
@each_device
@pytest.mark.parametrize("implementation", ["reference", "torch"])
def test_correct_code_fails_no_must_there(implementation: str, name: str) -> None:
    options = ("--sparsifier-only=swap_module", "--sparsifier-only=FakeSparsity", "--sparsifier-examples=3")
    limits = (f"--sparsifier-device={name}", "--sparsifier-level=must", "-m", "not sparsifier_imports_compiler")
    result = judge(implementation, *options, *limits, "--sparsifier-expect=torch")
    assert result.verdict is not Verdict.INCOMPLETE and failed(result) == set()


@pytest.mark.parametrize("fault", [MultipliesInFloat64, KeepsAnImaginaryUnit])
def test_what_counts_on_a_dtype_fails_there_alone(fault: type[Fault]) -> None:
    others = ["cpu", "pretend:1", *(name for name in POOR if name not in fault.on)]
    elsewhere = [f"--sparsifier-device={name}" for name in others] + ["--sparsifier-examples=2"]
    assert failed(judge(fault.where(), *elsewhere, only=[fault.aims_at])) == set()
    assert failed(judge(fault.where(), f"--sparsifier-device={fault.on[0]}", only=[fault.aims_at])) == {fault.aims_at}
