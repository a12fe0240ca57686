"""Checks of ``get_arg_info_from_tensor_fqn``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.descriptions import Tree
from sparsifier_conformance.checking.models.hiding import Hiding
from sparsifier_conformance.checking.models.odd import (
    ODD_MODULES,
    TENSORS,
    Forwarding,
    of_every_name,
    scripted,
    wrapped,
)
from sparsifier_conformance.checking.models.strategies import TELLING_NAMES, names, trees


def test_four_keys(implementation: Any) -> None:
    model: Any = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False), nn.Sequential())
    parametrize.register_parametrization(model[1], "weight", nn.Tanh())
    model.register_buffer("buffer", torch.ones(2))
    paths = ("0.weight", "1.weight", "1.bias", "buffer", "0", "2.absent", "absent.weight", "0.weight.grad", "")
    infos = {path: outcome(implementation.get_arg_info_from_tensor_fqn, model, path) for path in paths}
    again = implementation.get_arg_info_from_tensor_fqn(model, "0.weight")
    again.clear()  # which is the caller's own
    third = implementation.get_arg_info_from_tensor_fqn(model, "0.weight")
    observed: dict[str, Any] = {
        f"keys for {path!r}": sorted(info) for path, info in infos.items() if isinstance(info, dict)
    }
    observed["is a dict"] = isinstance(third, dict)
    fourth = implementation.get_arg_info_from_tensor_fqn(model, "0.weight")
    observed["is fresh"] = third is not again and third is not infos["0.weight"] and fourth is not third
    observed["keys after the last ones are deleted"] = sorted(third)
    expected: dict[str, Any] = {key: ["module", "module_fqn", "tensor_fqn", "tensor_name"] for key in observed}
    expected |= {"is a dict": True, "is fresh": True}
    assert_same(observed, expected)


def of_every_tensor() -> Any:
    """Make a model with tensors of every kind, wherever a module can have them."""
    model: Any = nn.Module()
    for index, make in enumerate(TENSORS.values()):
        tensor = make()
        if isinstance(tensor, nn.Parameter):
            model.register_parameter(f"t{index}", tensor)
        else:
            model.register_buffer(f"t{index}", tensor, persistent=index % 2 == 0)
    model.used = nn.Parameter(torch.ones(2))
    model.used.sum().backward()
    model.used.label = "an attribute"
    model.used.register_hook(lambda grad: None)
    model.viewed, model.of_doubles = nn.Parameter(torch.ones(2)[:1]), nn.Parameter(torch.ones(2, dtype=torch.float64))
    model.register_buffer("sparse", torch.eye(2).to_sparse())
    model.plain, model.unmade = torch.ones(2), nn.LazyLinear(2)
    model.listed = nn.ParameterList([nn.Parameter(torch.ones(2))])
    model.by_name = nn.ParameterDict({"key": nn.Parameter(torch.ones(2))})
    model.layer = nn.Linear(2, 2)
    parametrize.register_parametrization(model.layer, "weight", nn.Tanh())
    model.scripted = scripted()
    return model


def test_four_keys__of_every_tensor(implementation: Any) -> None:
    model = of_every_tensor()
    paths = [*dict(model.named_parameters()), *dict(model.named_buffers()), "plain", "layer.weight"]
    observed = {path: sorted(implementation.get_arg_info_from_tensor_fqn(model, path)) for path in paths}
    expected = {path: ["module", "module_fqn", "tensor_fqn", "tensor_name"] for path in paths}
    assert_same(observed, expected)


def _split(implementation: Any, model: nn.Module, paths: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parts of paths, and what they should be."""
    observed, expected = {}, {}
    for path in paths:
        info = implementation.get_arg_info_from_tensor_fqn(model, path)
        *above, name = path.split(".")
        observed[path] = {key: info[key] for key in ("module_fqn", "tensor_name", "tensor_fqn")}
        expected[path] = {"module_fqn": ".".join(above), "tensor_name": name, "tensor_fqn": path}
    return observed, expected


def test_splits_at_last_dot__of_every_tensor(implementation: Any) -> None:
    model = of_every_tensor()
    paths = [*dict(model.named_parameters()), *dict(model.named_buffers()), "plain", "layer.weight"]
    observed, expected = _split(implementation, model, paths)
    assert_same(observed, expected)


@given(tree=trees(tensors=True, of_wrappers=True))
@example(tree=Tree(("Module",) * 3, ((0, "a", 1), (1, "b", 2)), ((2, "weight", "parameter", 0),)))
@example(tree=Tree(("Module",) * 3, ((0, "module", 1), (1, "_orig_mod", 2)), ((2, "weight", "parameter", 0),)))
@example(tree=Tree(("Module",) * 3, ((0, "a\nb", 1), (1, "c", 2)), ((2, "weight\n", "parameter", 0),)))
def test_splits_at_last_dot(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    paths = tree.tensor_paths()
    observed, expected = _split(implementation, model, paths)
    assert_same(observed, expected)


#: Paths which end in a word that stands, or whose letters stand, elsewhere too, or that some code takes for another.
TELLING_PATHS = (
    *("weight.weight", "a.weight.b.weight", "weight.a.weight", "height.weight", "aa.a", "0.0", "0.0.0", "weight.w"),
    *("a.weight_orig", "weight_mask", "a.weight_g", "self.a.weight", "a.self.weight"),
    *("a/b.c/d", "a.tied", "a b. c ", "weight", ".weight"),
)


def test_splits_at_last_dot__telling_paths(implementation: Any) -> None:
    model: Any = nn.Module()
    model.a = nn.Linear(2, 2)
    model.a.tied = model.a.weight
    observed, expected = _split(implementation, model, TELLING_PATHS)
    assert_same(observed, expected)


def test_splits_at_last_dot__every_name(implementation: Any) -> None:
    pairs = zip(TELLING_NAMES, reversed(TELLING_NAMES), strict=True)
    paths = [f"{way}.{name}" for above, name in pairs for way in (above, f"0.{above}", f"{above}.{name}")]
    paths += [f"0.parametrizations.weight.original{number}" for number in ("", 0, 1)]
    observed, expected = _split(implementation, nn.Sequential(nn.Linear(2, 2)), paths)
    assert_same(observed, expected)


@given(name=names(of_wrappers=True), dot=st.sampled_from(("", ".")))
def test_root_tensor(implementation: Any, name: str, dot: str) -> None:
    model = nn.Linear(2, 2)
    info = implementation.get_arg_info_from_tensor_fqn(model, dot + name)
    empty = nn.Sequential()  # which is false
    observed = {"module_fqn": info["module_fqn"], "module": info["module"]}
    observed["an empty model"] = implementation.get_arg_info_from_tensor_fqn(empty, dot + name)["module"]
    expected = {"module_fqn": "", "module": model}
    expected["an empty model"] = empty
    assert_same(observed, expected)


@given(tree=trees(sharing=True), name=names())
def test_module_resolved(implementation: Any, tree: Tree, name: str) -> None:
    model = tree.build()
    modules = {f"{path}.{name}": model.get_submodule(path) for path in tree.paths()}
    absent = {f"{path}.not there.{name}" if path else f"not there.{name}": None for path in tree.paths()}
    expected: dict[str, Any] = {**modules, **absent}
    observed = {path: implementation.get_arg_info_from_tensor_fqn(model, path)["module"] for path in expected}
    assert_same(observed, expected)


class EqualToAll(nn.Module):
    """A module that compares equal to whatever it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


def test_module_resolved__odd_modules(implementation: Any) -> None:
    model: Any = nn.Sequential(nn.Linear(2, 2), Forwarding(), nn.Sequential(), Hiding(), EqualToAll())
    model.kept, model.false, model.empty, model.nothing = [nn.ReLU()], False, "", None
    model.module, model.function = nn.Sequential(nn.ReLU()), print
    model.__dict__["unregistered"] = nn.ReLU()
    expected = {
        "function.x": print,
        "unregistered.x": model.unregistered,
        "0.weight.grad": model[0].weight,  # which is a tensor
        "0.weight.shape.numel": model[0].weight.shape,
        "kept.x": model.kept,
        "false.x": False,
        "empty.x": "",
        "nothing.x": None,
        "2.weight": model[2],  # which is empty, and false
        "3.module_by_property.x": model[3].shown,
        "1.0.weight": model[1].wrapped[0],  # which is there by __getattr__
        "module.0.x": model.module[0],
        "module.1.x": None,  # although there is a 1 without the module
        "0.0.x": None,
        "kept.0.x": None,
        "model.0.x": None,
    }
    observed = {path: implementation.get_arg_info_from_tensor_fqn(model, path)["module"] for path in expected}
    found = implementation.get_arg_info_from_tensor_fqn(model, "4.x")["module"]
    observed["4.x"], expected["4.x"] = found is model[4], True
    observed["0.x in a wrapper"] = implementation.get_arg_info_from_tensor_fqn(wrapped(), "0.x")["module"]
    expected["0.x in a wrapper"] = None
    assert_same(observed, expected)


def test_module_resolved__beyond_missing(implementation: Any) -> None:
    # Which fqn_to_module only SHOULD not look up.
    model: Any = nn.Sequential(nn.Linear(2, 2))
    model.nothing = None
    observed, expected = {}, {}
    for path in ("nothing.__class__", "absent.__class__"):
        observed[path] = implementation.get_arg_info_from_tensor_fqn(model, f"{path}.x")["module"]
        looked_up = outcome(implementation.fqn_to_module, model, path)
        # What else it gives is wrong, which is for other checks.
        expected[path] = looked_up if looked_up in (None, type(None)) else observed[path]
    observed["0"] = implementation.get_arg_info_from_tensor_fqn(model, "0.x")["module"]
    expected["0"] = model[0]
    assert_same(observed, expected)


def test_module_resolved__every_name(implementation: Any) -> None:
    model = of_every_name()
    expected = {f"{path}.weight": module for path, module in model.named_modules() if path}
    observed = {path: implementation.get_arg_info_from_tensor_fqn(model, path)["module"] for path in expected}
    assert_same(observed, expected)


def test_module_resolved__deep(implementation: Any) -> None:
    circle = nn.Module()
    circle.add_module("a", circle)
    long = "a." * 2 * sys.getrecursionlimit()
    observed = {
        "after many rounds": implementation.get_arg_info_from_tensor_fqn(circle, f"{long}weight")["module"],
        "nothing after many rounds": implementation.get_arg_info_from_tensor_fqn(circle, f"{long}b.weight")["module"],
    }
    expected = {"after many rounds": circle, "nothing after many rounds": None}
    assert_same(observed, expected)


@pytest.mark.parametrize("odd", ODD_MODULES)
def test_module_resolved__odd_models(implementation: Any, odd: Callable[[], nn.Module]) -> None:
    model = nn.Sequential(odd())
    expected = {f"{path}.weight": module for path, module in model.named_modules() if path}
    observed = {path: implementation.get_arg_info_from_tensor_fqn(model, path)["module"] for path in expected}
    observed["weight, from it"] = implementation.get_arg_info_from_tensor_fqn(model[0], "weight")["module"]
    expected["weight, from it"] = model[0]
    assert_same(observed, expected)


def test_degenerate_names(implementation: Any) -> None:
    model = nn.Module()
    model.add_module("a", nn.Linear(2, 2))
    parts = ("module_fqn", "module", "tensor_name")
    observed = {}
    for path in ("", ".", "a.", "a..w", "..w", "..", "...", "a..", ".a.w", "a...w"):
        info = implementation.get_arg_info_from_tensor_fqn(model, path)
        observed[path] = tuple(info[part] for part in parts)
    expected = {
        "": ("", model, ""),
        ".": ("", model, ""),
        "a.": ("a", model.a, ""),
        "a..w": ("a.", None, "w"),
        "..w": (".", None, "w"),
        "..": (".", None, ""),
        "...": ("..", None, ""),
        "a..": ("a.", None, ""),
        ".a.w": (".a", None, "w"),
        "a...w": ("a..", None, "w"),
    }
    assert_same(observed, expected)


@given(tree=trees(sharing=True, parametrizable=True))
@example(tree=Tree(("Module",) * 2, ((0, "a", 1),), ((1, "weight", "parameter", 0),)))
def test_round_trip_tensor(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    expected = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    observed = {}
    for path in expected:
        info = implementation.get_arg_info_from_tensor_fqn(model, path)
        observed[path] = getattr(info["module"], info["tensor_name"], f"no {info['tensor_name']} of that module")
    assert_same(observed, expected)
