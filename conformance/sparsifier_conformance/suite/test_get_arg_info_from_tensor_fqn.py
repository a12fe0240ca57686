"""Checks of ``get_arg_info_from_tensor_fqn``."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.descriptions import Tree
from sparsifier_conformance.checking.strategies import names, trees


def test_four_keys(implementation: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    info = implementation.get_arg_info_from_tensor_fqn(model, "0.weight")
    again = implementation.get_arg_info_from_tensor_fqn(model, "0.weight")
    observed = {
        "is a dict": isinstance(again, dict),
        "is fresh": again is not info,
        "keys": sorted(info),
        "again": sorted(again),
    }
    keys_expected = ["module", "module_fqn", "tensor_fqn", "tensor_name"]
    expected = {"is a dict": True, "is fresh": True, "keys": keys_expected, "again": keys_expected}
    assert_same(observed, expected)


@given(tree=trees(tensors=True))
@example(tree=Tree(("Module",) * 3, ((0, "a", 1), (1, "b", 2)), ((2, "weight", "parameter", 0),)))
def test_splits_at_last_dot(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    observed = {}
    expected = {}
    for path in tree.tensor_paths():
        info = implementation.get_arg_info_from_tensor_fqn(model, path)
        *above, name = path.split(".")
        observed[path] = {key: info[key] for key in ("module_fqn", "tensor_name", "tensor_fqn")}
        expected[path] = {"module_fqn": ".".join(above), "tensor_name": name, "tensor_fqn": path}
    assert_same(observed, expected)


@given(name=names(), dot=st.sampled_from(("", ".")))
def test_root_tensor(implementation: Any, name: str, dot: str) -> None:
    model = nn.Linear(2, 2)
    info = implementation.get_arg_info_from_tensor_fqn(model, dot + name)
    observed = {key: info[key] for key in ("module_fqn", "module", "tensor_name")}
    expected = {"module_fqn": "", "module": model, "tensor_name": name}
    assert_same(observed, expected)


@given(tree=trees(sharing=True), name=names())
def test_module_resolved(implementation: Any, tree: Tree, name: str) -> None:
    model = tree.build()
    modules = {f"{path}.{name}": model.get_submodule(path) for path in tree.paths()}
    absent = {f"{path}.not there.{name}" if path else f"not there.{name}": None for path in tree.paths()}
    expected: dict[str, Any] = {**modules, **absent}
    observed = {path: implementation.get_arg_info_from_tensor_fqn(model, path)["module"] for path in expected}
    assert_same(observed, expected)


@given(name=st.sampled_from(("absent", "bias2", "名", "-1")))
def test_tensor_not_validated(implementation: Any, name: str) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    info = implementation.get_arg_info_from_tensor_fqn(model, f"0.{name}")
    observed = {key: info[key] for key in ("module", "tensor_name")}
    expected = {"module": model[0], "tensor_name": name}
    assert_same(observed, expected)


def test_degenerate_names(implementation: Any) -> None:
    model = nn.Module()
    model.add_module("a", nn.Linear(2, 2))
    parts = ("module_fqn", "module", "tensor_name")
    observed = {}
    for path in ("", ".", "a.", "a..w", "..w"):
        info = implementation.get_arg_info_from_tensor_fqn(model, path)
        observed[path] = tuple(info[part] for part in parts)
    expected = {
        "": ("", model, ""),
        ".": ("", model, ""),
        "a.": ("a", model.a, ""),
        "a..w": ("a.", None, "w"),
        "..w": (".", None, "w"),
    }
    assert_same(observed, expected)


@given(tree=trees(sharing=True, parametrized=True))
def test_round_trip_tensor(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    expected = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    observed = {}
    for path in expected:
        info = implementation.get_arg_info_from_tensor_fqn(model, path)
        observed[path] = getattr(info["module"], info["tensor_name"])
    assert_same(observed, expected)
