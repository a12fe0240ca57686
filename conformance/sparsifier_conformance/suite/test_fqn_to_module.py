"""Checks of ``fqn_to_module``."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of
from sparsifier_conformance.checking.descriptions import Tree
from sparsifier_conformance.checking.strategies import trees


class Text(str):
    """Text whose empty instances are not the one that the interpreter keeps."""


@given(tree=trees())
def test_empty_path_is_model(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    child = next(name for name, module in model._modules.items() if module is not None)
    observed = {
        "''": implementation.fqn_to_module(model, ""),
        "'' from None": implementation.fqn_to_module(None, ""),
        "'' of a subclass of str": implementation.fqn_to_module(model, Text()),
        child: implementation.fqn_to_module(model, child),
    }
    expected = {"''": model, "'' from None": None, "'' of a subclass of str": model, child: model.get_submodule(child)}
    assert_same(observed, expected)


@given(tree=trees(sharing=True))
@example(tree=Tree(("ModuleDict", "ModuleList", "Sequential"), ((0, "名前", 1), (1, "0", 2))))
def test_submodules(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    paths = [path for path in tree.paths() if path]
    observed = {path: implementation.fqn_to_module(model, path) for path in paths}
    expected = {path: model.get_submodule(path) for path in paths}
    assert_same(observed, expected)


@given(tree=trees(tensors=True))
def test_tensors(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    observed = {path: implementation.fqn_to_module(model, path) for path in tree.tensor_paths()}
    every = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    expected = {path: every[path] for path in tree.tensor_paths()}
    assert_same(observed, expected)


class WithAttributes(nn.Module):
    """A module with attributes that are no modules and no tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = [1, 2]
        self.helper = Helper()
        self.equal = EqualToAll()

    @property
    def computed(self) -> str:
        return "computed"


class Helper:
    """An object that is no module, on the way to others."""

    def __init__(self) -> None:
        self.module = nn.ReLU()


class EqualToAll:
    """An object that compares equal to whatever it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


def test_attributes(implementation: Any) -> None:
    model: Any = nn.Sequential(nn.Linear(2, 3), WithAttributes())
    observed = {
        "training": implementation.fqn_to_module(model, "training"),
        "0.in_features": implementation.fqn_to_module(model, "0.in_features"),
        "0.weight.shape": tuple(implementation.fqn_to_module(model, "0.weight.shape")),
        "0.weight.requires_grad": implementation.fqn_to_module(model, "0.weight.requires_grad"),
        "0.__class__": implementation.fqn_to_module(model, "0.__class__"),
        "1.forward": callable(implementation.fqn_to_module(model, "1.forward")),
        "1.kept": implementation.fqn_to_module(model, "1.kept") is model[1].kept,
        "1.computed": implementation.fqn_to_module(model, "1.computed"),
        "1.helper.module": implementation.fqn_to_module(model, "1.helper.module"),
        "1.equal": implementation.fqn_to_module(model, "1.equal") is model[1].equal,
    }
    expected = {
        "training": True,
        "0.in_features": 2,
        "0.weight.shape": (3, 2),
        "0.weight.requires_grad": True,
        "0.__class__": nn.Linear,
        "1.forward": True,
        "1.kept": True,
        "1.computed": "computed",
        "1.helper.module": model[1].helper.module,
        "1.equal": True,
    }
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
    found = ".".join(names)
    # Where what is missing is in the way, and where it is the end: an empty end is the path of the model if alone.
    through, to = ".".join([*names[:at], missing, *names[at:]]), ".".join([*names[:at], missing])
    observed = {path: implementation.fqn_to_module(model, path) for path in (through, to or through, found)}
    expected = {through: None, to or through: None, found: model.get_submodule(found)}
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


class Raising(nn.Module):
    """A module of which one attribute raises an error, through an object that is no module."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.inner = RaisingAttribute(error)


class RaisingAttribute:
    """An object of which one attribute raises an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    @property
    def value(self) -> Any:
        raise self.error


@given(
    error=st.sampled_from((ValueError, KeyError, RuntimeError, IndexError, TypeError, NotImplementedError)),
    path=st.sampled_from(("inner.value", "inner.value.more")),
)
def test_errors_propagate(implementation: Any, error: type[Exception], path: str) -> None:
    raised = error("raised by an attribute")
    model = Raising(raised)
    observed = {path: error_of(implementation.fqn_to_module, model, path)}
    observed["inner.error"] = implementation.fqn_to_module(model, "inner.error")
    expected = {path: raised, "inner.error": raised}
    assert_same(observed, expected)


@given(
    missing=st.sampled_from(("absent", "", "0.absent", "0.weight.absent", "0.")),
    beyond=st.sampled_from(("__class__", "__class__.__name__", "__doc__", "__bool__", "__hash__")),
)
def test_nothing_beyond_missing(implementation: Any, missing: str, beyond: str) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    path = f"{missing}.{beyond}"
    observed = {path: implementation.fqn_to_module(model, path), "0": implementation.fqn_to_module(model, "0")}
    expected = {path: None, "0": model[0]}
    assert_same(observed, expected)


@given(tree=trees(sharing=True, parametrized=True))
def test_round_trip_module(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    modules = dict(model.named_modules())
    observed = {
        path: implementation.fqn_to_module(model, implementation.module_to_fqn(model, module))
        for path, module in modules.items()
    }
    expected = modules
    assert_same(observed, expected)


@given(tree=trees(parametrized=True))
def test_round_trip_name(implementation: Any, tree: Tree) -> None:
    model = tree.build()
    paths = [*tree.paths(), *tree.parametrization_paths()]
    observed = {path: implementation.module_to_fqn(model, implementation.fqn_to_module(model, path)) for path in paths}
    expected = {path: path for path in paths}
    assert_same(observed, expected)
