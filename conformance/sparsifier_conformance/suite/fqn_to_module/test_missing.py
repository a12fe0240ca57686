"""Checks that ``fqn_to_module`` takes what is missing for missing, however near it is."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.models.odd import wrapped, wrapper
from sparsifier_conformance.checking.models.strategies import WRAPPED


class NotThere(AttributeError):
    """An error that says in its own words that there is no such attribute."""


class NotThereUnspeakably(AttributeError):
    """An error that says nothing of what is not there, not even if it is asked."""

    def __str__(self) -> str:
        raise RuntimeError("what is missing was asked for words")

    __repr__ = __str__


class Lacking(nn.Module):
    """A module of which an attribute says in its own words that it is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.helper = LackingHelper()

    @property
    def lacking(self) -> Any:
        raise NotThere


class LackingHelper:
    """An object that is no module, of which an attribute counts on another one that is not there."""

    @property
    def lacking(self) -> Any:
        return self.other  # type: ignore[attr-defined]

    @property
    def lacking_elsewhere(self) -> Any:
        return object().lacking_elsewhere  # type: ignore[attr-defined]

    @property
    def lacking_for_a_cause(self) -> Any:
        raise AttributeError("is not here") from KeyError("lacking_for_a_cause")

    @property
    def lacking_in_other_words(self) -> Any:
        raise NotThere("is not here")

    @property
    def lacking_unspeakably(self) -> Any:
        raise NotThereUnspeakably("is not here")


class OfTwo(nn.Module):
    """A parametrization that computes a tensor of two, none of which is the original."""

    def forward(self, first: Any, second: Any) -> Any:
        return first + second

    def right_inverse(self, tensor: Any) -> Any:
        return tensor, torch.zeros_like(tensor)


#: Paths that lead nowhere, each near one that leads somewhere.
NEARLY = {
    "Layer.weight": ("layer.weight", "LAYER.weight", "Layer.Weight", "Layer.WEIGHT", "layer_.weight", "Layers.weight"),
    "conv-1": ("conv_1", "conv1", "conv 1", "conv-1 ", " conv-1", "conv-01"),
    "na\u00efve": ("nai\u0308ve", "naive", "na\u00cfve"),
    "0.0": (
        "0[0]",
        "0/0",
        "0:0",
        "0 .0",
        "0.00",
        "0.+0",
        "0.0_0",
        "00.0",
        "0.-2",
        "0.0.",
        ".0.0",
        "0..0",
        "0.0\n",
        "0.0\t",
        "\xa00.0",
        "0::0",
        "0\uff0e0",
        "0%2E0",
        "0['0']",
        "self.0.0",
        "L['self'].0.0",
        "0.0()",
        "0.0:0",
        "\u0660.0",
        "0.\uff10",
    ),
    "0.0.weight": ("0.0.weight.0", "0.0.weight[0]", "0.0.weight.-1", "0.0.weight_orig", "0.0.parametrizations.weight"),
    "2.weight": (
        *("2.parametrizations.weight.original", "2.parametrizations.weight.original2", "2.parametrizations.original0"),
        *("2.original0", "2.weight_original0"),
    ),
    "0.0.bias": ("0.0.beta", "0.0.bias.data.0", "0.0.bias.shape.0", "0.0.gamma", "0.0.kernel", "mean", "mean_g"),
    "kept": ("kept.0", "kept.-1", "kept[0]", "pair.0", "text.0"),
    "by_name": ("by_name.key", "by_name['key']"),
    "parameters_.0": ("parameters_.-1", "parameters_.00", "parameters_.+0", "parameters_.0_0", "parameters_.1"),
    "modules_.0": ("modules_.-1", "modules_.00", "modules_.+0", "modules_.0_0", "modules_.1", "modules_.\u0660"),
    "1.module.0.weight": ("1.0.weight", "module.0.0", "_orig_mod.0.0", "module.1", "model.0.0", "1.module.module.0"),
    "1": ("3", "-1", "one", "self", "1.", "*", "absent", "1.lacking", "with.dot", "1.with.dot"),
}


def test_missing_is_none__nearly(implementation: Any) -> None:
    model: Any = nn.Sequential(nn.Sequential(nn.Linear(2, 2)), nn.DataParallel(nn.Sequential(nn.Linear(2, 2))))
    model.append(nn.Linear(2, 2))
    parametrize.register_parametrization(model[2], "weight", OfTwo())
    for name in ("Layer", "conv-1", "na\u00efve"):
        model.add_module(name, nn.Linear(2, 2))
    model.add_module("absent", None)
    model.kept, model.by_name = [nn.ReLU()], {"key": nn.ReLU()}
    model.parameters_, model.modules_ = nn.ParameterList([torch.ones(2)]), nn.ModuleList([nn.ReLU()])
    model.pair, model.text = (nn.ReLU(), 1), "text"
    model[1].add_module("lacks", Lacking())
    for name in WRAPPED:
        model.add_module(f"wrapper of {name}", wrapper(name, nn.Linear(2, 2)))
    for name in ("mean_orig", "mean_v", "_mean", "mean_", "mean_mask"):
        model.register_buffer(name, torch.ones(2))
    for module in (model, model[1]):
        setattr(module, "with.dot", nn.ReLU)  # which no path leads to
    somewhere = [path for path in NEARLY if path not in ("kept", "by_name")]  # which are no modules or tensors
    lacking = [f"1.lacks.{path}" for path in ("lacking", "helper.lacking")]
    lacking += [
        f"1.lacks.helper.lacking_{how}" for how in ("elsewhere", "for_a_cause", "in_other_words", "unspeakably")
    ]
    near = [
        *lacking,
        *(f"wrapper of {name}.weight" for name in WRAPPED),
        *(path for paths in NEARLY.values() for path in paths),
    ]
    observed = {path: implementation.fqn_to_module(model, path) for path in near}
    # Which of them do is for other checks.
    led = any(outcome(implementation.fqn_to_module, model, path) is not None for path in somewhere)
    observed["whether any path leads somewhere"] = led
    # The model may be a wrapper itself.
    models = {**{name: wrapper(name, nn.Linear(2, 2)) for name in WRAPPED}, "data parallel": wrapped()}
    observed["within wrappers"] = {
        name: [implementation.fqn_to_module(each, path) for path in ("weight", "0.weight")]
        for name, each in models.items()
    }
    expected: dict[str, Any] = {**dict.fromkeys(near, None), "whether any path leads somewhere": True}
    expected["within wrappers"] = {name: [None, None] for name in models}
    assert_same(observed, expected)
