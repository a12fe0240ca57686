"""Checks of ``fqn_to_module``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, outcome
from sparsifier_conformance.checking.descriptions import Tree
from sparsifier_conformance.checking.models.odd import ODD_MODULES, of_every_name
from sparsifier_conformance.checking.models.strategies import trees
from sparsifier_conformance.checking.world.circumstances import MODES, under


class Text(str):
    """Text whose empty instances are not the one that the interpreter keeps."""


@given(tree=trees())
def test_empty_path_is_model(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    child = next(name for name, module in model._modules.items() if module is not None)
    empty = nn.Sequential()  # which is false
    # What another path gives, or raises, is for other checks, unless it is the model there too.
    elsewhere = {model: child, empty: "training"}
    of_other_paths = [outcome(implementation.fqn_to_module, each, path) is each for each, path in elsewhere.items()]
    observed = {
        "''": implementation.fqn_to_module(model, ""),
        "'' from None": implementation.fqn_to_module(None, ""),
        "'' of a subclass of str": implementation.fqn_to_module(model, Text()),
        "'' from an empty model": implementation.fqn_to_module(empty, ""),
        "'' from what is no module": implementation.fqn_to_module(print, ""),
        "whether paths that are not empty give the model": of_other_paths,
    }
    expected = {
        "''": model,
        "'' from None": None,
        "'' of a subclass of str": model,
        "'' from an empty model": empty,
        "'' from what is no module": print,
        "whether paths that are not empty give the model": [False, False],
    }
    assert_same(observed, expected)


@given(tree=trees(sharing=True, of_wrappers=True))
# The plainest first: what is shown of a failure has names and containers only where these matter.
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),)))
@example(tree=Tree(("Module",) * 4, ((0, "a", 1), (1, "b", 2), (2, "c", 3))))
@example(tree=Tree(("ModuleDict", "ModuleList", "Sequential"), ((0, "名前", 1), (1, "0", 2))))
def test_submodules(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    paths = [path for path in tree.paths() if path]
    observed = {path: implementation.fqn_to_module(model, path) for path in paths}
    expected = {path: model.get_submodule(path) for path in paths}
    assert_same(observed, expected)


@pytest.mark.parametrize("odd", ODD_MODULES)
def test_submodules__odd_modules(implementation: Any, odd: Callable[[], nn.Module]) -> None:
    model = nn.Sequential(nn.Sequential(odd()))
    expected = {path: module for path, module in model.named_modules() if path}
    observed = {path: implementation.fqn_to_module(model, path) for path in expected}
    assert_same(observed, expected)


def test_submodules__every_name(implementation: Any) -> None:
    model = of_every_name()
    expected = {path: module for path, module in model.named_modules() if path}
    observed = {path: implementation.fqn_to_module(model, path) for path in expected}
    assert_same(observed, expected)


def test_submodules__deep(implementation: Any) -> None:
    model = deepest = nn.ModuleList()  # which is false as long as it is empty
    for _ in range(200):
        model = nn.ModuleList([model])
    circle = nn.Module()
    circle.add_module("a", circle)
    circle.add_module("b", nn.ReLU())
    long = "a." * 2 * sys.getrecursionlimit()
    observed = {
        "200 levels down": implementation.fqn_to_module(model, ".".join("0" * 200)),
        "after many rounds": implementation.fqn_to_module(circle, f"{long}b"),
        "nothing after many rounds": implementation.fqn_to_module(circle, f"{long}c"),
    }
    expected = {"200 levels down": deepest, "after many rounds": circle.b, "nothing after many rounds": None}
    assert_same(observed, expected)


@given(tree=trees(tensors=True, parametrizable=True))
@example(tree=Tree(("Module", "Module"), ((0, "a", 1),), ((0, "w", "parameter", 1), (1, "w", "buffer", 2))))
def test_tensors(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    # Of what is parametrized these are the tensors that it is computed from.
    expected = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    observed = {path: implementation.fqn_to_module(model, path) for path in expected}
    assert_same(observed, expected)


class OwnTensor(torch.Tensor):
    """A tensor of a class of one's own."""


def test_tensors__of_every_kind(implementation: Any) -> None:
    model: Any = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False), nn.ParameterList([torch.ones(2)]))
    model[1].weight = model[0].weight
    tensors = {
        "empty": torch.ones(0),
        "of integers": torch.ones(2, dtype=torch.int64),
        "of no dimensions": torch.tensor(0.0),
        "on meta": torch.ones(2, device="meta"),
        "sparse": torch.eye(2).to_sparse(),
        "of a subclass": torch.ones(2).as_subclass(OwnTensor),
        "of complex numbers": torch.ones(2, dtype=torch.complex64).conj(),
        "trained": torch.ones(2, requires_grad=True),
        "a view": torch.ones(3)[1:],
    }
    for name, tensor in tensors.items():
        model.register_buffer(name, tensor, persistent=False)
    model.register_parameter("frozen", nn.Parameter(torch.ones(2), requires_grad=False))
    owned = {"frozen": model.frozen, "0.weight": model[0].weight}
    expected = {**tensors, **owned, "1.weight": model[0].weight, "2.0": model[2][0]}
    observed = {path: implementation.fqn_to_module(model, path) for path in expected}
    assert_same(observed, expected)


@pytest.mark.parametrize("odd", ODD_MODULES)
def test_tensors__odd_modules(implementation: Any, odd: Callable[[], nn.Module]) -> None:
    model = nn.Sequential(odd(), nn.Linear(2, 2))
    expected = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    observed = {path: implementation.fqn_to_module(model, path) for path in expected}
    assert_same(observed, expected)


@given(tree=trees(), missing=st.sampled_from(("not there", "", "-2", "01.5")), at=st.integers(0, 4))
@example(tree=Tree(("Sequential", "Module"), ((0, "0", 1),)), missing="-1", at=0)
@example(tree=Tree(("Module", "Module", "Module"), ((0, "a", 1), (1, "b", 2))), missing="", at=1)
@example(tree=Tree(("Module", "Module"), ((0, "a", 1),)), missing="", at=1)
@example(tree=Tree(("Module", "Module"), ((0, "a", 1),)), missing="", at=0)
@example(tree=Tree(("Module", "Module"), ((0, "a", 1),)), missing=".", at=0)
def test_missing_is_none(implementation: Any, tree: Tree, missing: str, at: int) -> None:
    model = tree.build()
    names = max(tree.paths(), key=len).split(".")
    # Where what is missing is in the way, and where it is the end: an empty end is the path of the model if alone.
    through, to = ".".join([*names[:at], missing, *names[at:]]), ".".join([*names[:at], missing])
    observed = {path: implementation.fqn_to_module(model, path) for path in (through, to or through)}
    expected: dict[str, Any] = {through: None, to or through: None}
    # So that to find nothing is not enough; which child is found is for other checks.
    observed["whether a child is None"] = outcome(implementation.fqn_to_module, model, names[0]) is None
    expected["whether a child is None"] = False
    assert_same(observed, expected)


@given(tree=trees(parametrized=True))
def test_parametrized_tensor(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    paths = tree.tensor_paths(parametrized=True)
    observed = {path: contents(implementation.fqn_to_module(model, path)) for path in paths}
    expected = {}
    for path in paths:
        owner, _, name = path.rpartition(".")
        expected[path] = contents(getattr(model.get_submodule(owner), name))
    assert_same(observed, expected)


def graph_of(tensor: Any) -> Any:
    """Return, in words, of which graph a tensor is, if it is one."""
    if not isinstance(tensor, torch.Tensor):
        return f"no tensor but {type(tensor).__name__}"
    graph = type(tensor.grad_fn).__name__
    return f"requires_grad {tensor.requires_grad}, grad_fn {graph}, is_inference {tensor.is_inference()}"


@pytest.mark.parametrize("mode", MODES)
def test_parametrized_tensor__graph(implementation: Any, mode: str) -> None:
    model: Any = nn.Sequential(nn.Linear(2, 2), nn.utils.weight_norm(nn.Linear(2, 2)))
    parametrize.register_parametrization(model[0], "weight", nn.Tanh())
    with under(mode):
        found = implementation.fqn_to_module(model, "0.weight")
        observed = {
            "the graph": graph_of(found),
        }
        expected = {
            "the graph": graph_of(model[0].weight),
        }
    if found.requires_grad and found.is_leaf is False:
        observed["its gradient"] = contents(
            torch.autograd.grad(found.sum(), model[0].parametrizations.weight.original)[0]
        )
        plain = torch.autograd.grad(model[0].weight.sum(), model[0].parametrizations.weight.original)[0]
        expected["its gradient"] = contents(plain)
    assert_same(observed, expected)


class Telling(nn.Module):
    """A parametrization that does otherwise in training, and gives a tensor of other strides."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.t().contiguous().t() * (2 if self.training else 3)


def looks_of(tensor: Any) -> dict[str, Any]:
    """Return what there is to see of a tensor, and whether it keeps a gradient."""
    return {"contents": contents(tensor), "strides": str(tensor.stride()), "keeps": tensor.retains_grad}


def test_parametrized_tensor__as_it_is(implementation: Any) -> None:
    model: Any = nn.Sequential(nn.Linear(2, 2))
    parametrize.register_parametrization(model[0], "weight", Telling())
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for training in (True, False):
        model.train(training)
        observed[f"training {training}"] = looks_of(implementation.fqn_to_module(model, "0.weight"))
        expected[f"training {training}"] = looks_of(model[0].weight)
    with parametrize.cached():
        observed["cached"] = implementation.fqn_to_module(model, "0.weight")
        expected["cached"] = model[0].weight
    assert_same(observed, expected)


@given(
    missing=st.sampled_from(("absent", "", "0.absent", "0.weight.absent", "0.")),
    beyond=st.sampled_from(("__class__", "__class__.__name__", "__doc__", "__bool__", "__hash__")),
)
def test_nothing_beyond_missing(implementation: Any, missing: str, beyond: str) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    path = f"{missing}.{beyond}"
    of_child = outcome(implementation.fqn_to_module, model, "0")  # which one is for other checks
    observed = {path: implementation.fqn_to_module(model, path), "whether a child is None": of_child is None}
    expected = {path: None, "whether a child is None": False}
    assert_same(observed, expected)


@given(tree=trees(sharing=True, parametrizable=True))
def test_round_trip_module(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for path, module in model.named_modules():
        answer = implementation.module_to_fqn(model, module)
        if isinstance(answer, str):
            there = f"fqn_to_module at {answer!r}, which module_to_fqn gave for the module at {path!r}"
            observed[there], expected[there] = implementation.fqn_to_module(model, answer), module
        else:
            there = f"module_to_fqn of the module at {path!r}"
            observed[there], expected[there] = answer, path
    assert_same(observed, expected)


@given(tree=trees(parametrizable=True))
def test_round_trip_name(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for path in [*tree.paths(), *tree.parametrization_paths()]:
        found = implementation.fqn_to_module(model, path)
        if isinstance(found, nn.Module):
            there = f"module_to_fqn of what fqn_to_module gave at {path!r}"
            observed[there], expected[there] = implementation.module_to_fqn(model, found), path
        else:
            there = f"fqn_to_module at {path!r}"
            observed[there], expected[there] = found, model.get_submodule(path)
    assert_same(observed, expected)
