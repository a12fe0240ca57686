"""The user's own models: each check can fail, accuses no correct code, and takes no fault of a model for one."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from judging import failed, judge
from reproducing import ending_of
from sparsifier_conformance.checking.models import whole
from sparsifier_conformance.judging.items import SUITE_FOLDER
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.own_models import ModelError, OwnModel
from sparsifier_conformance.results.records import Result

EXPERTS = "architectures:Experts"
#: A fault for each requirement that is judged on models, which such a model alone must show.
FAULTS = {
    "module_to_fqn/path-of-descendant": "module_to_fqn.paths:LastNameOnly",
    "module_to_fqn/first-path-when-shared": "module_to_fqn.walks:LastChildFirst",
    "module_to_fqn/not-a-descendant-is-none": "module_to_fqn.paths:StrangersAreEmpty",
    "module_to_fqn/prefix-prepended": "module_to_fqn.paths:PrefixAtEveryLevel",
    "module_to_fqn/linear-cost": "module_to_fqn.walks:LooksForEachAnew",
    "fqn_to_module/submodules": "fqn_to_module.paths:FirstPathsOnly",
    "fqn_to_module/tensors": "fqn_to_module.paths:ForgetsBuffers",
    "fqn_to_module/parametrized-tensor": "fqn_to_module.paths:OriginalOfParametrized",
    "fqn_to_module/round-trip-module": "fqn_to_module.paths:HidesParametrizations",
    "get_arg_info_from_tensor_fqn/module-resolved": "get_arg_info_from_tensor_fqn.names:UnwrapsParametrizations",
    "get_arg_info_from_tensor_fqn/round-trip-tensor": "get_arg_info_from_tensor_fqn.names:UnwrapsParametrizations",
    "module_contains_param/unparametrized-is-false": "module_contains_param.tensors:UnparametrizedContainsEverything",
    "module_contains_param/any-tensor-any-position": "module_contains_param.tensors:WeightOnly",
    "swap_module/unmapped-is-same-object": "swap_module.mapping:CopiesUnmapped",
    "swap_module/from-dense-result": "swap_module.from_dense.results:CallsFromDenseTwice",
    "FakeSparsity/product": "FakeSparsity.circumstances:FourDimensionsAtMost",
    "FakeSparsity/not-in-state-dict": "FakeSparsity.in_models:SavesTheMask",
    "FakeSparsity/strict-reload": "FakeSparsity.in_models:LoadingResetsTheMask",
}
FAULTY_MODELS = '''
from torch import nn

def raises():
    raise ValueError("no such\\nconfiguration")

def exits():
    raise SystemExit(3)

def returns_none():
    return None

ONE = nn.ReLU()

def the_same():
    return ONE

def of_a_size(size, depth=1):
    return nn.Linear(size, size)

class Guarded(nn.Linear):
    """A module of which a property raises an error."""

    @property
    def parametrizations(self):
        raise RuntimeError("not before it is trained")

def guarded():
    return nn.Sequential(Guarded(2, 2))

class Unhashable(nn.ReLU):
    """Modules of which none can be put into a set."""

    __hash__ = None

def unhashable():
    return nn.Sequential(Unhashable())
'''


def on_models(where: str | Path, *options: str, model: str = EXPERTS) -> Result:
    """Judge an implementation by the checks of own models alone."""
    return judge(where, f"--sparsifier-model={model}", "--sparsifier-device=cpu", "-k", "own_models", *options)


def test_every_check_of_models_has_a_fault_here() -> None:
    ids = set()
    for path in SUITE_FOLDER.glob("*/test_own_models.py"):
        names = (each.name for each in ast.parse(path.read_text("utf-8")).body if isinstance(each, ast.FunctionDef))
        ids |= {f"{path.parent.name}/{_slug(name)}" for name in names if name.startswith("test_")}
    assert ids == set(FAULTS)


def _slug(name: str) -> str:
    return name.removeprefix("test_").partition("__")[0].replace("_", "-")


def test_a_model_is_judged_and_named() -> None:
    result = on_models("sparsifier_reference")
    assert {each.id: each.outcome for each in result.requirements} == dict.fromkeys(FAULTS, Outcome.PASSED)
    assert result.selection.models == [EXPERTS]


def test_without_a_model_no_check_takes_one() -> None:
    result = judge("sparsifier_reference", "-k", "swap_module/unmapped", only=["swap_module"])
    assert [each.outcome for each in result.requirements] == [Outcome.PASSED]


@pytest.mark.parametrize(("id", "fault"), FAULTS.items(), ids=FAULTS)
def test_a_model_alone_shows_a_fault(id: str, fault: str) -> None:
    where = f"faults.{fault}"
    model = "architectures:of_1_000_modules" if id == "module_to_fqn/linear-cost" else EXPERTS
    options = ["--sparsifier-only=module_to_fqn/linear-cost"] if model != EXPERTS else []
    result = on_models(where, *options, model=model)
    assert id in failed(result)
    (failure,) = (each for each in result.requirements if each.id == id)
    assert failure.reproducer is not None
    assert failure.smallest_input == f'model = import_module("architectures").{model.partition(":")[2]}()'
    assert ending_of(failure.reproducer, where) == f"AssertionError: {failure.sentence}", failure.reproducer
    assert ending_of(failure.reproducer, "sparsifier_reference") == f"{id} holds for this input"


def test_a_script_builds_a_model_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text("from torch.nn import Linear\n")
    (tmp_path / "own models.py").write_text("from parts import Linear\ndef build():\n    return Linear(2, 2)\n")
    result = on_models("faults.swap_module.mapping:CopiesUnmapped", model=f"{tmp_path}/own models.py:build")
    (failure,) = (each for each in result.requirements if each.outcome is Outcome.FAILED)
    assert failure.reproducer is not None
    assert ending_of(failure.reproducer, "faults.swap_module.mapping:CopiesUnmapped").startswith("AssertionError: ")
    assert ending_of(failure.reproducer, "sparsifier_reference") == f"{failure.id} holds for this input"


@pytest.mark.parametrize(
    ("builder", "complaint"),
    [
        ("raises", "cannot be built: ValueError: no such ("),
        ("exits", "cannot be built: SystemExit: 3 ("),
        ("returns_none", "is not a torch.nn.Module: its callable returns an object of type NoneType"),
        ("the_same", "is the same object each time; its callable must build a new one"),
        ("ONE", "is an object of type ReLU, and must be a callable that builds a model"),
        ("of_a_size", "cannot be built: its callable needs 'size'; name one that takes no arguments"),
        ("guarded", "raises an error when it is looked through: RuntimeError: not before it is trained ("),
        ("unhashable", "raises an error when it is looked through: TypeError: unhashable type"),
        ("rises", "has no attribute 'rises'; did you mean 'raises'?"),
        ("", "names no callable; add it"),
    ],
)
def test_a_fault_of_a_model_is_its_own(builder: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(FAULTY_MODELS)
    where = f"{tmp_path}/faulty.py:{builder}".rstrip(":")
    with pytest.raises(ModelError) as raised:
        OwnModel(where).examine(60)
    assert str(raised.value).startswith(f"model {where!r} ")
    assert complaint in str(raised.value) and "\n" not in str(raised.value)


def test_a_model_that_takes_long_to_be_built_is_refused() -> None:
    with pytest.raises(ModelError, match=r"takes .* s to be built, as each check does"):
        OwnModel(EXPERTS).examine(1e-6)


class Other(nn.Module):
    """A module that lists other children than are registered."""

    def __init__(self) -> None:
        super().__init__()
        self.child = nn.Sequential(nn.ReLU())

    def named_children(self) -> Any:
        return iter([("another", nn.ReLU())])


def _cyclic() -> nn.Module:
    model = nn.Sequential(nn.Sequential(nn.ReLU()))
    model[0].add_module("model", model)
    return model


def _deep() -> nn.Module:
    model: nn.Module = nn.ReLU()
    for _ in range(whole.DEEPEST + 5):
        model = nn.Sequential(model)
    return model


def _of_many_paths() -> nn.Module:
    model: nn.Module = nn.ReLU()
    for _ in range(40):
        model = nn.Sequential(model, model)
    return model


@pytest.mark.parametrize("build", [_cyclic, _deep, _of_many_paths])
def test_what_only_a_should_is_about_is_left_out(build: Callable[[], nn.Module]) -> None:
    assert list(whole.first_paths(build())) == [""]


def test_what_is_open_is_left_out() -> None:
    model = nn.Sequential(Other(), nn.Linear(2, 2))
    assert list(whole.first_paths(model)) == ["", "0", "1"]
    model.register_forward_hook(print)
    model[1].register_forward_hook(print)
    assert list(whole.leaves_of(model)) == []


class Random(nn.Module):
    """A parametrization that gives other values each time."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.rand_like(x)


def test_tensors_that_change_and_those_that_torch_cannot_mask_are_left_out() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.LazyLinear(2))
    nn.utils.parametrize.register_parametrization(model[0], "weight", Random())
    assert list(whole.parametrized_of(model)) == []
    assert whole.masked_plainly(model) == ["0.bias"]
