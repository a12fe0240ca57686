"""Which failure of a session is shown, and what it says: judged in this process."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock

import pytest
import torch
from torch import nn

import judging
import sparsifier_reference
from faults.base import Reference
from judging import judge
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Verdict


class NoPath(Reference):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return None


class NoModule(Reference):
    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        return None


@pytest.mark.parametrize(
    ("implementation", "requirement", "said"),
    [
        (NoPath, "round-trip-module", "module_to_fqn of the module at '':\n    expected ''\n    got      None"),
        (
            NoPath,
            "round-trip-name",
            "module_to_fqn of what fqn_to_module gave at '':\n    expected ''\n    got      None",
        ),
        (NoModule, "round-trip-name", "fqn_to_module at '':\n    expected Module("),
        (
            NoModule,
            "round-trip-module",
            "fqn_to_module at '', which module_to_fqn gave for the module at '':\n    expected Module(",
        ),
    ],
)
def test_a_round_trip_says_which_call_gave_what(implementation: type, requirement: str, said: str) -> None:
    """And the smallest input has no tensors, which play no part."""
    where = f"{__name__}:{implementation.__name__}"
    with mock.patch.object(judging, "shrink_nothing"):
        (judgement,) = judge(where, only=[f"fqn_to_module/{requirement}"]).requirements
    assert judgement.message is not None and said in judgement.message
    assert judgement.smallest_input == "model = nn.Module()\nmodel.a = nn.Module()"


def test_a_cost_is_told_in_numbers() -> None:
    (judgement,) = judge("faults.module_to_fqn.walks:LooksForEachAnew", only=["module_to_fqn/linear-cost"]).requirements
    said = re.search(
        r" of (\d+) modules: .* read:\n    expected 'at most (\d+) \(a model of \d+ took \d+\)'\n    got      '(.*)'",
        str(judgement.message),
    )
    assert said is not None and said[3] == f"more than {said[2]}, where it was stopped", judgement.message
    assert int(said[1]) > 80


class OnlyPaths:
    """Has one of the six names, and that is wrong."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return None


def test_what_is_blocked_does_not_stop_a_run_at_the_first_failure() -> None:
    only = ["fqn_to_module", "module_to_fqn"]
    result = judge(f"{__name__}:OnlyPaths", "--sparsifier-fail-fast", "--sparsifier-examples=2", only=only)
    outcomes = [each.outcome for each in result.requirements]
    assert outcomes.count(Outcome.FAILED) == 1 and Outcome.BLOCKED in outcomes and Outcome.NOT_RUN in outcomes
    assert result.verdict is Verdict.DOES_NOT_CONFORM


class Plain(Reference):
    """A ``FakeSparsity`` as it comes to mind first."""

    class FakeSparsity(torch.nn.Module):
        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__()
            self.register_buffer("mask", mask)

        def forward(self, x: torch.Tensor) -> Any:
            return self.get_buffer("mask") * x


def test_the_plainest_of_several_failures_is_shown() -> None:
    """And not one that takes a history, though its module may come first."""
    only = ["FakeSparsity/shape-mismatch-rejected", "FakeSparsity/not-in-state-dict"]
    result = judge("test_shown:Plain", "--sparsifier-device=cpu", "--sparsifier-examples=5", only=only)
    assert {each.id: each.outcome for each in result.requirements} == dict.fromkeys(only, Outcome.FAILED)
    assert all("lines = " not in (each.smallest_input or "") for each in result.requirements)


class Sum(Reference):
    class FakeSparsity(sparsifier_reference.FakeSparsity):
        def forward(self, x: torch.Tensor) -> Any:
            return self.get_buffer("mask") + x


def test_what_fails_for_plain_numbers_is_shown_with_plain_numbers() -> None:
    only = ["FakeSparsity/product"]
    (judgement,) = judge("test_shown:Sum", "--sparsifier-device=cpu", only=only, properties_only=True).requirements
    assert str(judgement.smallest_input).startswith("mask = torch.tensor([1.0, 0.0, 2.5]")
    assert "expected '[2.0, 0.0, -2.5]'\n    got      '[3.0, 3.0, 1.5]'" in str(judgement.message)


class Shallow(Reference):
    @staticmethod
    def fqn_to_module(model: Any, path: Any) -> Any:
        return None if path else model

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        found = sparsifier_reference.module_to_fqn(model, module, prefix)
        return None if found and found.count(".") > 1 else found


class Unmasked(Reference):
    class FakeSparsity(sparsifier_reference.FakeSparsity):
        def forward(self, x: torch.Tensor) -> Any:
            return 1 * x


class UnmaskedInBatches(Reference):
    class FakeSparsity(sparsifier_reference.FakeSparsity):
        def forward(self, x: torch.Tensor) -> Any:
            return 1 * x if torch._C._functorch.is_batchedtensor(x) else super().forward(x)


@pytest.mark.parametrize(
    ("where", "requirement", "said"),
    [
        (
            "test_shown:Unmasked",
            "gradient",
            r"input a leaf, gradient of the result \[0.1.*, inf, nan\], gradient of the input, values:\n    expected",
        ),
        (
            "test_shown:UnmaskedInBatches",
            "functional-transforms",
            r"result of vmap\w*, values:\n    expected '\[[-0-9., \[\]]+\]'\n    got ",
        ),
        (
            "test_shown:Unmasked",
            "in-sparsifiers",
            r"places of zeros in the weight:\n    expected \[[0-9, ]+\]\n    got      \[\]",
        ),
        (
            "faults.FakeSparsity.in_models:NotMaskedWhileTraced",
            "traced",
            r"result for \[\[1.0, 2.0\]\], values:\n    expected",
        ),
    ],
)
def test_what_is_seen_in_torch_is_told_in_numbers(where: str, requirement: str, said: str) -> None:
    judged = judge(where, "--sparsifier-device=cpu", only=[f"FakeSparsity/{requirement}"])
    assert re.search(said, str(judged.requirements[0].message)), judged.requirements[0].message


def test_names_and_containers_that_do_not_matter_are_not_shown() -> None:
    only = ["fqn_to_module/submodules", "module_to_fqn/path-of-descendant", "module_to_fqn/absent-children-skipped"]
    ours = {each.id: each for each in judge("test_shown:Shallow", only=only, properties_only=True).requirements}
    first, second, third = (ours[id] for id in only)
    assert first.smallest_input == "model = nn.Module()\nmodel.a = nn.Module()"
    assert str(second.smallest_input).splitlines()[1:] == [
        f"model.{path} = nn.Module()" for path in ("a", "a.b", "a.b.c")
    ]
    assert third.outcome is Outcome.PASSED  # for a child that is None plays no part in it


class NoLists(Reference):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return None if isinstance(module, nn.ModuleList) else sparsifier_reference.module_to_fqn(model, module, prefix)


def test_a_container_is_shown_without_others() -> None:
    (judgement,) = judge(f"{__name__}:NoLists", only=["module_to_fqn/path-of-descendant"]).requirements
    assert judgement.smallest_input == "model = nn.Module()\nmodel.a = nn.ModuleList()"


class RaisesInInferenceMode(Reference):
    class FakeSparsity(sparsifier_reference.FakeSparsity):
        def forward(self, x: torch.Tensor) -> Any:
            if torch.is_inference_mode_enabled() and not self.training:
                raise ValueError("no inference")
            return super().forward(x)


@pytest.mark.parametrize("requirement", ["product", "gradient"])
def test_an_error_is_told_with_the_circumstance_in_which_it_was_raised(requirement: str) -> None:
    only = [f"FakeSparsity/{requirement}"]
    judged = judge(f"{__name__}:RaisesInInferenceMode", "--sparsifier-device=cpu", "-k", "circumstances", only=only)
    message = str(judged.requirements[0].message)
    assert message.startswith("in inference mode, eval mode, as a module: raised ValueError: no inference"), message
