"""Checks of how ``swap_module`` calls ``from_dense``, and what it returns."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.furnished import furnished
from sparsifier_conformance.checking.swaps.hooks import Sparse, is_taken, is_third, mapping_by, mapping_to
from sparsifier_conformance.checking.swaps.mappings import MAPPINGS, writes_to_mappings
from sparsifier_conformance.checking.world.states import state_of
from sparsifier_conformance.checking.world.values import changes


@given(parametrized=st.booleans())
def test_from_dense_result(implementation: Any, parametrized: bool) -> None:
    old: nn.Module = furnished(nn.Linear, 2.0, True)
    new: nn.Module = furnished(nn.Linear, 3.0, False)
    if parametrized:
        parametrize.register_parametrization(old, "weight", nn.Tanh())
    calls: list[Any] = []
    before = state_of(old)

    def from_dense(*args: Any, **kwargs: Any) -> nn.Module:
        calls.append([*args, *kwargs.values(), changes(before, state_of(old))])
        return new

    expected: dict[str, Any] = {"result": new, "calls": [[old, {}]]}
    observed = {"result": implementation.swap_module(old, mapping_by(from_dense)), "calls": calls}
    if parametrized and observed["result"] is old and not calls:
        observed = expected  # what a parametrized module is taken for is for other checks
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
    by_name: Any = nn.Module()
    by_name.from_dense = from_dense

    def taking_more(it: Any, /, mapping: Any = None, *, device: Any = None, inplace: Any = None, **more: Any) -> Any:
        return from_dense(it) if (mapping, device, inplace, more) == (None, None, None, {}) else None

    not_true: Any = type("NotTrue", (), {"__call__": lambda self, it: from_dense(it), "__bool__": lambda self: False})
    # A decorator that does something else than what it decorates.
    decorated = wraps(lambda mod: None)(lambda mod: from_dense(mod))
    return {
        "a class method": type("OfTheClass", (nn.Module,), of_the_class),
        "a static method": type("Static", (nn.Module,), static),
        "one that is inherited": type("Inheriting", (type("Static", (nn.Module,), static),), {}),
        "one of the metaclass": of_the_metaclass("OfItsMetaclass", (), {}),
        "one of a class that is not true": Falsy("NotTrue", (nn.Module,), static),
        "one of a class that is empty": Empty("NothingInIt", (nn.Module,), static),
        "one of an object": type("OfItsObjects", (), static)(),
        "one whose parameter has another name": type("Renamed", (), {"from_dense": lambda self, it: from_dense(it)})(),
        "an attribute of an object": by_name,
        "one that can take more": type("TakingMore", (), {"from_dense": staticmethod(taking_more)}),
        "one that is not true": type("Untrue", (), {"from_dense": not_true()}),
        "one that is decorated": type("Decorated", (), {"from_dense": staticmethod(decorated)}),
        "one that __getattr__ gives": type("ByName", (), by_getattr)(),
    }


def test_from_dense_result__whatever_provides_it(implementation: Any) -> None:
    new = nn.ReLU()
    targets = _providing(lambda mod: new)
    observed = {way: implementation.swap_module(nn.Linear(2, 2), {nn.Linear: targets[way]}) for way in targets}
    own: Any = type("Own", (nn.Linear,), {"from_dense": staticmethod(lambda mod: new)})
    derived: Any = type("Derived", (own,), {})
    observed["the class itself"] = implementation.swap_module(own(2, 2), {own: own})
    observed["its parent"] = implementation.swap_module(derived(2, 2), {derived: own})
    expected = dict.fromkeys(observed, new)
    assert_same(observed, expected)


def test_from_dense_result__that_is_replaced(implementation: Any) -> None:
    meta: Any = type("Meta", (type,), {})
    base: Any = type("Base", (nn.Module,), {})
    targets: dict[str, tuple[Any, Any]] = {
        "on a class": (base, base),
        "on its parent": (type("Derived", (base,), {}), base),
        "on its metaclass": (meta("OfMeta", (), {}), meta),
        "on an object": (by_name := nn.Module(), by_name),
    }
    observed, expected = {}, {}
    for where, (target, owner) in targets.items():
        for time in ("first", "second", "third"):
            new, case = nn.ReLU(), f"{where}, {time}"
            owner.from_dense = (lambda mod, new=new: new) if owner is by_name else returning(new, time, owner is meta)
            observed[case] = implementation.swap_module(nn.Linear(2, 2), {nn.Linear: target})
            expected[case] = new
    assert_same(observed, expected)


def returning(new: Any, time: str, of_metaclass: bool) -> Any:
    """Make what a class may have as ``from_dense``, one kind after the other."""
    if of_metaclass:
        return lambda cls, mod: new
    return staticmethod(lambda mod: new) if time == "second" else classmethod(lambda cls, mod: new)


@pytest.mark.parametrize("kind", [Falsy, Empty])
def test_from_dense_result__whatever_is_mapped(implementation: Any, kind: Any) -> None:
    mapped = kind("Mapped", (nn.Linear,), {})
    observed = {
        "result": type(implementation.swap_module(mapped(2, 2), {mapped: Sparse})),
        "whether another is swapped": is_taken(implementation, nn.Linear(2, 2), mapped),
    }
    expected = {"result": Sparse, "whether another is swapped": False}
    assert_same(observed, expected)


class Equal(type):
    """A class of classes each of which compares equal to the others, as they may that are loaded twice."""

    def __eq__(cls, other: object) -> bool:
        return isinstance(other, Equal)

    def __hash__(cls) -> int:
        return 1


def test_from_dense_result__mapped_by_an_equal_type(implementation: Any) -> None:
    kinds: list[Any] = [Equal(name, (nn.Linear,), {}) for name in ("Mapped", "Reloaded")]
    (mapped, other), new = kinds, nn.ReLU()
    observed = {
        "its type is mapped": implementation.swap_module(mapped(2, 2), mapping_to(new, mapped)),
        "a type that equals its type is mapped": implementation.swap_module(other(2, 2), mapping_to(new, mapped)),
    }
    expected = dict.fromkeys(observed, new)
    assert_same(observed, expected)


def _refuse(*args: Any, **kwargs: Any) -> Any:
    raise ValueError("nobody has asked for that")


#: What makes an old module unlike others in what a swap has no need of.
UNLIKE_OTHERS: dict[str, dict[str, Any]] = {
    "with a state that is no tensor": {"get_extra_state": lambda self: {"steps": 1}, "set_extra_state": _refuse},
    "without a state dict": {"state_dict": _refuse},
    "that cannot be copied": {"__deepcopy__": _refuse, "__reduce_ex__": _refuse},
    "that cannot be shown": {"__repr__": _refuse, "extra_repr": _refuse},
    "that cannot be called": {"forward": _refuse},
    "that cannot be compared": {"__eq__": _refuse, "__hash__": object.__hash__},
}


def test_from_dense_result__whatever_the_old_module(implementation: Any) -> None:
    observed, expected = {}, {}
    for words, attributes in UNLIKE_OTHERS.items():
        kind, new = type("Unlike", (nn.Linear,), attributes), nn.ReLU()
        observed[words] = implementation.swap_module(kind(2, 2), mapping_to(new, kind))
        expected[words] = new
    assert_same(observed, expected)


def test_from_dense_result__whatever_the_mapping(implementation: Any) -> None:
    new = nn.ReLU()
    mappings = {kind: make(mapping_to(new)) for kind, make in MAPPINGS.items()}
    if writes_to_mappings(implementation):
        mappings = {kind: mapping for kind, mapping in mappings.items() if isinstance(mapping, dict)}
    observed = {kind: implementation.swap_module(nn.Linear(2, 2), mapping) for kind, mapping in mappings.items()}
    expected = dict.fromkeys(mappings, new)
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
        # What the type of the result is mapped to plays no part.
        mapping = {**mapping_to(A_RESULT, type(new)), **mapping_to(new)}
        observed[name] = implementation.swap_module(nn.Linear(2, 2), mapping)
        expected[name] = new
    assert_same(observed, expected)


def test_none_from_dense(implementation: Any) -> None:
    old, of_none = nn.ReLU(), mapping_to(None, nn.ReLU)
    a_result = implementation.swap_module(old, mapping_to(A_RESULT, nn.ReLU))
    expected = [None, A_RESULT]
    observed = expected if is_third(a_result, old, A_RESULT) else [implementation.swap_module(old, of_none), a_result]
    assert_same(observed, expected)
