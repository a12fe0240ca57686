"""Checks of ``fqn_to_module``: attributes of every kind, and those that are not there."""

from __future__ import annotations

import weakref
from enum import Enum
from functools import cached_property, partial, wraps
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, outcome
from sparsifier_conformance.checking.models.odd import Forwarding, Slotted


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
    model: Any = nn.Sequential(nn.Linear(2, 3), WithAttributes(), nn.Linear(2, 2))
    parametrize.register_parametrization(model[2], "weight", nn.Tanh())
    observed = {
        "training": implementation.fqn_to_module(model, "training"),
        "0.in_features": implementation.fqn_to_module(model, "0.in_features"),
        "0.weight.shape": tuple(implementation.fqn_to_module(model, "0.weight.shape")),
        "0.weight.requires_grad": implementation.fqn_to_module(model, "0.weight.requires_grad"),
        "0.weight.T.requires_grad": implementation.fqn_to_module(model, "0.weight.T.requires_grad"),
        "0.weight.numel": callable(implementation.fqn_to_module(model, "0.weight.numel")),
        "0.__class__": implementation.fqn_to_module(model, "0.__class__"),
        "2.__class__": implementation.fqn_to_module(model, "2.__class__"),
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
        "0.weight.T.requires_grad": True,
        "0.weight.numel": True,
        "0.__class__": nn.Linear,
        "2.__class__": type(model[2]),
        "1.forward": True,
        "1.kept": True,
        "1.computed": "computed",
        "1.helper.module": model[1].helper.module,
        "1.equal": True,
    }
    assert_same(observed, expected)


class Watched(nn.Module):
    """A module that counts how often each of its attributes is computed, in whatever way that comes about."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ReLU()
        counted = ("by a property", "by a property that is None", "by a descriptor", "by __getattr__", "once for all")
        self.helper = WatchedHelper()
        self.counts = dict.fromkeys((*counted, "a tensor"), 0)
        self.weight = nn.Parameter(torch.ones(2))

    @property
    def prop(self) -> Any:
        self.counts["by a property"] += 1
        return self.inner

    @property
    def nothing(self) -> Any:
        self.counts["by a property that is None"] += 1

    @cached_property
    def kept(self) -> Any:
        self.counts["once for all"] += 1
        return self.inner

    def __getattr__(self, name: str) -> Any:
        if name == "dynamic":
            self.counts["by __getattr__"] += 1
            return self.inner
        return super().__getattr__(name)


class WatchedHelper:
    """An object that is no module, and counts how often an attribute is computed."""

    count = 0

    @property
    def prop(self) -> Any:
        self.count += 1
        return False


class Described:
    """A descriptor that counts in the module that it is asked of."""

    def __get__(self, module: Any, owner: type) -> Any:
        module.counts["by a descriptor"] += 1
        return module.inner


class Noting(nn.Module):
    """A parametrization that counts how often a tensor is computed."""

    def __init__(self, counts: dict[str, int]) -> None:
        super().__init__()
        self.counts = counts

    def forward(self, x: Any) -> Any:
        self.counts["a tensor"] += 1
        return x * 1


def test_attributes__asked_for_once(implementation: Any) -> None:
    Watched.described = Described()  # type: ignore[attr-defined]
    model: Any = nn.Sequential(Watched())
    parametrize.register_parametrization(model[0], "weight", Noting(model[0].counts))
    paths = {"by a property": "0.prop", "by a descriptor": "0.described", "by __getattr__": "0.dynamic"}
    model[0].counts.update(dict.fromkeys(model[0].counts, 0))  # to register computes the tensor, too
    found = {path: implementation.fqn_to_module(model, path) for path in paths.values()}
    further = implementation.fqn_to_module(model, "0.prop.inplace")
    shape = tuple(implementation.fqn_to_module(model, "0.weight.shape"))
    outcome(implementation.fqn_to_module, model, "0.nothing")  # whether that is None is for another check
    found["0.helper.prop"] = implementation.fqn_to_module(model, "0.helper.prop")
    found["count of 0.helper.prop"] = model[0].helper.count
    found |= {path: implementation.fqn_to_module(model, path) for path in ("0.kept", "0.kept.inplace")}
    observed = {**found, "0.prop.inplace": further, "0.weight.shape": shape, **model[0].counts}
    expected = {
        **dict.fromkeys(paths.values(), model[0].inner),
        **{"0.helper.prop": False, "count of 0.helper.prop": 1, "0.kept": model[0].inner, "0.kept.inplace": False},
        **{"0.prop.inplace": False, "0.weight.shape": (2,)},
        **{"by a property": 2, "by a property that is None": 1, "by a descriptor": 1, "by __getattr__": 1},
        **{"once for all": 1, "a tensor": 1},
    }
    assert_same(observed, expected)


class Point(NamedTuple):
    """What is no module, and has attributes."""

    x: int
    y: Any


def values_of_every_kind() -> dict[str, Any]:
    """Make values each of which some code takes for something else, such as for what it stands for."""
    generator, function = (each for each in (1, 2)), wraps(print)(lambda: None)
    stand_ins = (weakref.ref(Point), partial(print), Color.RED, generator, function, lambda: None, ValueError("kept"))
    return {
        **{type(each).__name__ + str(index): each for index, each in enumerate(stand_ins)},
        **{
            "empty list": [],
            "empty tuple": (),
            "empty dict": {},
            "empty set": set(),
            "empty text": "",
            "no bytes": b"",
        },
        **{"zero": 0.0, "false": False, "class": Point, "ellipsis": ..., "NotImplemented": NotImplemented},
    }


class Color(Enum):
    """An enumeration."""

    RED = 1


def test_attributes__values_of_every_kind(implementation: Any) -> None:
    model: Any = nn.Sequential(nn.Linear(2, 2))
    values = values_of_every_kind()
    for name, value in values.items():
        model[0].__dict__[name] = value
    observed: dict[str, Any] = {
        name: implementation.fqn_to_module(model, f"0.{name}") is value for name, value in values.items()
    }
    expected: dict[str, Any] = dict.fromkeys(values, True)
    for name, value in values.items():  # on the way to what every one of them has
        observed[f"class of {name}"] = implementation.fqn_to_module(model, f"0.{name}.__class__")
        expected[f"class of {name}"] = type(value)
    bound = implementation.fqn_to_module(model, "0.extra_repr")
    observed["what a method is bound to"] = getattr(bound, "__self__", None)
    expected["what a method is bound to"] = model[0]
    observed["the class of a shape"] = type(implementation.fqn_to_module(model, "0.weight.shape"))
    expected["the class of a shape"] = torch.Size
    assert_same(observed, expected)


class Slots:
    """An object without a dict."""

    __slots__ = ("here",)


def test_attributes__of_every_kind(implementation: Any) -> None:
    model: Any = nn.Sequential(Forwarding(), Slotted())
    slots: Any = Slots()
    slots.here = Point(0, nn.ReLU())
    model.slots, model.false, model.zero, model.text = slots, False, 0, ""
    model.by_name = nn.ParameterDict({"here": nn.Parameter(torch.ones(2))})
    model.unmade, model.pruned = nn.LazyLinear(2), nn.Module()
    model.pruned.weight, model.pruned.weight_orig = torch.ones(2), nn.Parameter(torch.ones(2))
    observed = {
        "forwarded to a child": implementation.fqn_to_module(model, "0.0.out_features"),
        "forwarded to a method": implementation.fqn_to_module(model, "0.insert.__name__"),
        "a slot": implementation.fqn_to_module(model, "1.slot"),
        "on the class": implementation.fqn_to_module(model, "1.on_class"),
        "through slots": implementation.fqn_to_module(model, "slots.here.y"),
        "through what is zero": implementation.fqn_to_module(model, "slots.here.x.real"),
        "through a class": implementation.fqn_to_module(model, "0.__class__.__name__"),
        "through a dict": implementation.fqn_to_module(model, "_modules.keys.__name__"),
        "through a method": implementation.fqn_to_module(model, "0.forward.__name__"),
        "false": implementation.fqn_to_module(model, "false"),
        "zero": implementation.fqn_to_module(model, "zero"),
        "empty text": implementation.fqn_to_module(model, "text"),
        "of a dict of parameters": implementation.fqn_to_module(model, "by_name.training"),
        "in a dict of parameters": tuple(implementation.fqn_to_module(model, "by_name.here.shape")),
        "of a tensor without a shape": implementation.fqn_to_module(model, "unmade.weight.requires_grad"),
        "a tensor beside its original": implementation.fqn_to_module(model, "pruned.weight"),
    }
    expected = {
        "forwarded to a child": 3,
        "forwarded to a method": "insert",
        "a slot": 3,
        "on the class": Slotted.on_class,
        "through slots": slots.here.y,
        "through what is zero": 0,
        "through a class": "Forwarding",
        "through a dict": "keys",
        "through a method": "_forward_unimplemented",
        "false": False,
        "zero": 0,
        "empty text": "",
        "of a dict of parameters": True,
        "in a dict of parameters": (2,),
        "of a tensor without a shape": True,
        "a tensor beside its original": model.pruned.weight,
    }
    assert_same(observed, expected)
