"""Checks of which module ``swap_module`` swaps, and for what."""

from __future__ import annotations

from collections import ChainMap, OrderedDict, UserDict, defaultdict
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, error_of, raised
from sparsifier_conformance.checking.furnished import furnished
from sparsifier_conformance.checking.hooks import Sparse, mapping_by
from sparsifier_conformance.checking.world import changes, state_of


class Defaulting(dict[Any, Any]):
    """A mapping that has an answer for missing keys, which it does not store."""

    def __missing__(self, key: Any) -> Any:
        """Return a class that knows ``from_dense``."""
        return Sparse


#: Mappings of every kind, each made of a dict.
MAPPINGS: dict[str, Callable[[dict[Any, Any]], Any]] = {
    "dict": dict,
    "OrderedDict": OrderedDict,
    "UserDict": UserDict,
    "ChainMap": lambda entries: ChainMap({}, entries),
    "MappingProxyType": MappingProxyType,
    "defaultdict": lambda entries: defaultdict(lambda: Sparse, entries),
    "of a class with __missing__": Defaulting,
}


def _namesake(kind: type) -> type:
    """Make another class that is called the same, as if from another copy of its package."""
    return type(kind.__name__, (nn.Module,), {"__module__": kind.__module__, "__qualname__": kind.__qualname__})


@given(flag=st.booleans())
def test_unmapped_is_same_object(implementation: Any, flag: bool) -> None:
    old = furnished(nn.Linear, 2.0, flag)
    before = state_of(old)
    observed = {
        "an empty mapping": implementation.swap_module(old, {}),
        "a mapping of another type": implementation.swap_module(old, {nn.Conv1d: Sparse}),
        "changes of the module": changes(before, state_of(old)),
        "the type of a mapped one": type(implementation.swap_module(old, {nn.Linear: Sparse})),
    }
    expected = {
        "an empty mapping": old,
        "a mapping of another type": old,
        "changes of the module": {},
        "the type of a mapped one": Sparse,
    }
    assert_same(observed, expected)


@pytest.mark.parametrize("kind", MAPPINGS)
def test_unmapped_is_same_object__whatever_the_mapping(implementation: Any, kind: str) -> None:
    old = nn.Linear(2, 2)
    others = {
        nn.Conv1d: Sparse,
        _namesake(nn.Linear): Sparse,
        "Linear": Sparse,
        "torch.nn.modules.linear.Linear": Sparse,
    }
    observed = {
        "where only others are mapped": implementation.swap_module(old, MAPPINGS[kind](others)),
        "where nothing is mapped": implementation.swap_module(old, MAPPINGS[kind]({})),
        "the type of a mapped one": type(implementation.swap_module(old, MAPPINGS[kind]({nn.Linear: Sparse}))),
    }
    expected = {"where only others are mapped": old, "where nothing is mapped": old, "the type of a mapped one": Sparse}
    assert_same(observed, expected)


class Derived(nn.Linear):
    """A subclass of a mapped type."""


class ParametrizedDerived(nn.Linear):
    """A subclass that is called as if torch had made it for a parametrized module."""


@pytest.mark.parametrize("kind", [Derived, ParametrizedDerived])
def test_exact_type(implementation: Any, kind: type[nn.Linear]) -> None:
    old = kind(2, 2)
    observed = {
        "a subclass of the mapped type": implementation.swap_module(old, {nn.Linear: Sparse}),
        "a subclass of several": implementation.swap_module(old, {nn.Module: Sparse, object: Sparse}),
        "the type of a mapped one": type(implementation.swap_module(nn.Linear(2, 2), {nn.Linear: Sparse})),
        "a subclass that is mapped": type(implementation.swap_module(old, {kind: Sparse})),
        "a module whose subclass is mapped": type(implementation.swap_module(nn.Linear(2, 2), {kind: Sparse})),
    }
    expected = {
        "a subclass of the mapped type": old,
        "a subclass of several": old,
        "the type of a mapped one": Sparse,
        "a subclass that is mapped": Sparse,
        "a module whose subclass is mapped": nn.Linear,
    }
    assert_same(observed, expected)


@given(tensors=st.lists(st.sampled_from(("weight", "bias")), min_size=1, max_size=3))
def test_parametrized_by_original_type(implementation: Any, device: str, tensors: list[str]) -> None:
    old = nn.Linear(2, 2).to(device)
    for tensor in tensors:
        parametrize.register_parametrization(old, tensor, nn.Tanh())
    observed = {"the type of the result": type(implementation.swap_module(old, {nn.Linear: Sparse}))}
    expected: dict[str, Any] = {"the type of the result": Sparse}
    for kind in (Derived, ParametrizedDerived):
        derived = kind(2, 2).to(device)
        parametrize.register_parametrization(derived, "weight", nn.Tanh())
        observed[f"{kind.__name__}, not mapped"] = implementation.swap_module(derived, {nn.Linear: Sparse})
        expected[f"{kind.__name__}, not mapped"] = derived
        observed[f"{kind.__name__}, mapped"] = type(implementation.swap_module(derived, {kind: Sparse}))
        expected[f"{kind.__name__}, mapped"] = Sparse
    assert_same(observed, expected)


@given(parametrized=st.booleans())
def test_from_dense_result(implementation: Any, parametrized: bool) -> None:
    old, new = furnished(nn.Linear, 2.0, True), furnished(nn.Linear, 3.0, False)
    if parametrized:
        parametrize.register_parametrization(old, "weight", nn.Tanh())
    calls: list[Any] = []
    before = state_of(old)

    def from_dense(*args: Any, **kwargs: Any) -> nn.Module:
        calls.append([*args, *kwargs.values(), changes(before, state_of(old))])
        return new

    observed = {"result": implementation.swap_module(old, mapping_by(from_dense)), "calls": calls}
    expected: dict[str, Any] = {"result": new, "calls": [[old, {}]]}
    assert_same(observed, expected)


class Falsy(type):
    """A class of classes that are not true."""

    def __bool__(cls) -> bool:
        """Return False."""
        return False


class Empty(type):
    """A class of classes that are empty."""

    def __len__(cls) -> int:
        """Return 0."""
        return 0


def _providing(from_dense: Callable[[Any], Any]) -> dict[str, Any]:
    """Make what a type can be mapped to: whatever has ``from_dense``, in every way to have it."""
    of_the_class = {"from_dense": classmethod(lambda cls, mod: from_dense(mod))}
    static = {"from_dense": staticmethod(from_dense)}
    of_the_metaclass = type("OfTheMetaclass", (type,), {"from_dense": lambda cls, mod: from_dense(mod)})
    by_getattr = {"__getattr__": lambda self, name: from_dense if name == "from_dense" else getattr(None, name)}
    by_name = nn.Module()
    by_name.from_dense = from_dense
    return {
        "a class method": type("OfTheClass", (nn.Module,), of_the_class),
        "a static method": type("Static", (nn.Module,), static),
        "one that is inherited": type("Inheriting", (type("Static", (nn.Module,), static),), {}),
        "one of the metaclass": of_the_metaclass("OfItsMetaclass", (), {}),
        "one of a class that is not true": Falsy("NotTrue", (nn.Module,), static),
        "one of a class that is empty": Empty("NothingInIt", (nn.Module,), static),
        "one of an object": type("OfItsObjects", (), static)(),
        "an attribute of an object": by_name,
        "one that __getattr__ gives": type("ByName", (), by_getattr)(),
    }


def test_from_dense_result__whatever_provides_it(implementation: Any) -> None:
    new = nn.ReLU()
    targets = _providing(lambda mod: new)
    observed = {way: implementation.swap_module(nn.Linear(2, 2), {nn.Linear: targets[way]}) for way in targets}
    expected = dict.fromkeys(targets, new)
    assert_same(observed, expected)


@pytest.mark.parametrize("kind", [Falsy, Empty])
def test_from_dense_result__whatever_is_mapped(implementation: Any, kind: Any) -> None:
    mapped = kind("Mapped", (nn.Linear,), {})
    observed = {
        "result": type(implementation.swap_module(mapped(2, 2), {mapped: Sparse})),
        "result of another": type(implementation.swap_module(nn.Linear(2, 2), {mapped: Sparse})),
    }
    expected = {"result": Sparse, "result of another": nn.Linear}
    assert_same(observed, expected)


#: A result that is a module, beside one that is none.
A_RESULT = nn.Identity()


class FalsyResult(nn.Identity):
    """A module that is not true."""

    def __bool__(self) -> bool:
        """Return False."""
        return False


def test_from_dense_result__whatever_it_is(implementation: Any) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for new in (nn.Sequential(), nn.ModuleList(), FalsyResult(), nn.Linear(2, 2)):
        name = type(new).__name__
        observed[name] = implementation.swap_module(nn.Linear(2, 2), mapping_by(lambda mod, new=new: new))
        expected[name] = new
    assert_same(observed, expected)


def test_none_from_dense(implementation: Any) -> None:
    observed = [
        implementation.swap_module(nn.ReLU(), mapping_by(lambda mod, result=result: result, nn.ReLU))
        for result in (None, A_RESULT)
    ]
    expected = [None, A_RESULT]
    assert_same(observed, expected)


def test_children_not_visited(implementation: Any, device: str) -> None:
    child = nn.Linear(2, 2).to(device)
    inner = nn.Sequential(child)
    model = nn.Sequential(inner)
    result = implementation.swap_module(model, {nn.Linear: Sparse})
    of_container = implementation.swap_module(
        inner, {**mapping_by(lambda mod: nn.ModuleList(mod.children()), nn.Sequential), nn.Linear: Sparse}
    )
    observed = {
        "an unmapped container": result,
        "its modules": list(model.modules()),
        "the modules of a mapped container's result": list(of_container.children()),
        "the type of a mapped one": type(implementation.swap_module(child, {nn.Linear: Sparse})),
    }
    expected = {
        "an unmapped container": model,
        "its modules": [model, inner, child],
        "the modules of a mapped container's result": [child],
        "the type of a mapped one": Sparse,
    }
    assert_same(observed, expected)


class WithoutFromDense(nn.Module):
    """A class that does not know how to be made from another, but for ways that other code has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    @classmethod
    def from_float(cls, mod: nn.Module) -> nn.Module:
        """Make one, as torch's quantization does."""
        return cls()

    from_module = from_observed = from_linear = convert = swap = from_float


#: Errors that code may have a meaning of its own for, those of looking up and of calling included.
ERRORS_OF_FROM_DENSE = (
    *(ValueError, RuntimeError, AttributeError, AssertionError, KeyError, TypeError),
    *(LookupError, StopIteration, NotImplementedError, ImportError),
)


@given(kind=st.sampled_from(ERRORS_OF_FROM_DENSE))
def test_from_dense_errors_propagate(implementation: Any, kind: type[Exception]) -> None:
    error, cause = kind("raised by from_dense"), ValueError("its cause")

    def from_dense(mod: nn.Module) -> nn.Module:
        raise error from cause

    old = nn.Linear(2, 2)
    observed = {
        "from_dense raises": error_of(implementation.swap_module, old, mapping_by(from_dense)),
        "its arguments": error.args,
        "its cause": error.__cause__,
        "its notes": getattr(error, "__notes__", []),
    }
    expected = {
        "from_dense raises": error,
        "its arguments": ("raised by from_dense",),
        "its cause": cause,
        "its notes": [],
    }
    assert_same(observed, expected)


def test_from_dense_errors_propagate__where_there_is_none(implementation: Any) -> None:
    old: Any = nn.Linear(2, 2)
    old.from_dense = lambda mod: mod
    targets = {
        "a class": WithoutFromDense,
        "an object": WithoutFromDense(),
        "a function": Sparse.from_dense,
        "None": None,
    }
    observed = {
        words: raised(AttributeError, implementation.swap_module, old, {nn.Linear: target})
        for words, target in targets.items()
    }
    expected = dict.fromkeys(targets, "AttributeError")
    observed["a class that has it"] = raised(AttributeError, implementation.swap_module, old, {nn.Linear: Sparse})
    expected["a class that has it"] = "nothing"
    assert_same(observed, expected)


@pytest.mark.parametrize("kind", MAPPINGS)
def test_mapping_unchanged(implementation: Any, kind: str) -> None:
    mapping = MAPPINGS[kind]({nn.Linear: Sparse, nn.Conv1d: Sparse})
    result = implementation.swap_module(nn.Linear(2, 2), mapping)
    # What becomes of a module whose type is missing is for other checks to see.
    implementation.swap_module(nn.ReLU(), mapping)
    observed = {"type": type(result), "mapping": list(mapping.items())}
    expected = {"type": Sparse, "mapping": [(nn.Linear, Sparse), (nn.Conv1d, Sparse)]}
    assert_same(observed, expected)
