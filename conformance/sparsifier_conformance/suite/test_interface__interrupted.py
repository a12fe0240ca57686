"""Checks of what holds for the six names together: calls during a call, and calls at the same time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.circumstances import in_threads
from sparsifier_conformance.checking.comparing import assert_same

#: Attributes of which one at least is read by whatever looks at a module for what is in it, or at its tensors.
READ_ON_THE_WAY = ("_modules", "named_children", "named_modules", "children", "modules", "b", "parametrizations")


class Interrupted(nn.Module):
    """A module that does something the next time that somebody looks at it."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Sequential(nn.ReLU())
        self.weight = nn.Parameter(torch.ones(2))

    def __getattribute__(self, name: str) -> Any:
        if name in READ_ON_THE_WAY:
            super().__getattribute__("__dict__").pop("next", bool)()
        return super().__getattribute__(name)


def interrupted(*names: str) -> Any:
    """Make a model with a module that can be interrupted, under names of its own, and another one besides."""
    model = nn.Module()
    for name in names:
        model.add_module(name, Interrupted())
    model.add_module("beside", nn.Sequential(nn.ReLU()))
    return model


def test_reentrant__module_to_fqn(implementation: Any) -> None:
    model, other, within = interrupted("x"), interrupted("other"), []
    inner, beside, elsewhere = model.x.b[0], model.beside[0], other.other.b[0]
    observed: dict[str, Any] = {}
    for path, module in (("x.b.0", inner), ("beside.0", beside)):
        model.x.next = lambda: within.extend(
            [implementation.module_to_fqn(other, elsewhere), implementation.module_to_fqn(model, beside)]
        )
        observed[path] = implementation.module_to_fqn(model, module)
    observed["calls during these"] = within
    during = (["other.b.0", "beside.0"] * 2)[: len(within)]
    expected = {"x.b.0": "x.b.0", "beside.0": "beside.0", "calls during these": during}
    assert_same(observed, expected)


def test_reentrant__fqn_to_module(implementation: Any) -> None:
    model, other, within = interrupted("x"), interrupted("other"), []
    inner = model.x.b[0]
    model.x.next = lambda: within.extend(
        [implementation.fqn_to_module(other, "other.absent.0"), implementation.fqn_to_module(model, "beside.0")]
    )
    observed = {"the call": implementation.fqn_to_module(model, "x.b.0"), "calls during it": within}
    expected = {"the call": inner, "calls during it": [None, model.beside[0]]}
    assert_same(observed, expected)


def test_reentrant__get_arg_info_from_tensor_fqn(implementation: Any) -> None:
    model, other, within = interrupted("x"), interrupted("other"), []
    inner = model.x.b[0]
    model.x.next = lambda: within.append(implementation.get_arg_info_from_tensor_fqn(other, "beside.0.weight"))
    observed = {
        "the call": implementation.get_arg_info_from_tensor_fqn(model, "x.b.0.bias"),
        "calls during it": [dict(sorted(each.items())) for each in within],
    }
    observed["the call"] = dict(sorted(observed["the call"].items()))
    expected = {
        "the call": {"module": inner, "module_fqn": "x.b.0", "tensor_fqn": "x.b.0.bias", "tensor_name": "bias"},
        "calls during it": [
            {
                "module": other.beside[0],
                "module_fqn": "beside.0",
                "tensor_fqn": "beside.0.weight",
                "tensor_name": "weight",
            }
        ],
    }
    assert_same(observed, expected)


def test_reentrant__module_contains_param(implementation: Any) -> None:
    module: Any = Interrupted()
    plain, within = nn.Linear(2, 2), []
    parametrize.register_parametrization(module, "weight", nn.Tanh())
    module.next = lambda: within.append(implementation.module_contains_param(plain, nn.Tanh))
    observed = {"the call": implementation.module_contains_param(module, nn.Tanh), "calls during it": within}
    expected = {"the call": True, "calls during it": [False] * len(within)}
    assert_same(observed, expected)


def meeting() -> Callable[[], None]:
    """Make a function that waits for another thread to call it, too, though not for long: one may wait for a lock."""
    barrier = Barrier(2)

    def meet() -> None:
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=1)

    return meet


def test_threads__module_to_fqn(implementation: Any) -> None:
    first, second, meet = interrupted("x"), interrupted("other", "y"), meeting()
    modules = [first.x.b[0], second.y.b[0]]
    first.x.next = second.y.next = meet
    observed = in_threads(
        lambda: implementation.module_to_fqn(first, modules[0]),
        lambda: implementation.module_to_fqn(second, modules[1]),
    )
    expected = ["x.b.0", "y.b.0"]
    assert_same(observed, expected)


def test_threads__fqn_to_module(implementation: Any) -> None:
    first, second, meet = interrupted("x"), interrupted("x"), meeting()
    modules = [first.x.b[0], second.x.b]
    first.x.next = second.x.next = meet
    observed = in_threads(
        lambda: implementation.fqn_to_module(first, "x.b.0"), lambda: implementation.fqn_to_module(second, "x.b")
    )
    expected = modules
    assert_same(observed, expected)


def test_threads__get_arg_info_from_tensor_fqn(implementation: Any) -> None:
    first, second, meet = interrupted("x"), interrupted("x"), meeting()
    modules = [first.x.b[0], second.x.b]
    first.x.next = second.x.next = meet
    infos = in_threads(
        lambda: implementation.get_arg_info_from_tensor_fqn(first, "x.b.0.weight"),
        lambda: implementation.get_arg_info_from_tensor_fqn(second, "x.b.bias"),
    )
    observed = [[info["module"], info["tensor_name"]] for info in infos]
    expected = [[modules[0], "weight"], [modules[1], "bias"]]
    assert_same(observed, expected)


def test_threads__module_contains_param(implementation: Any) -> None:
    first: Any = Interrupted()
    second: Any = Interrupted()
    meet = meeting()
    parametrize.register_parametrization(first, "weight", nn.Tanh())
    parametrize.register_parametrization(second, "weight", nn.Sigmoid())
    first.next = second.next = meet
    observed = in_threads(
        lambda: implementation.module_contains_param(first, nn.Tanh),
        lambda: implementation.module_contains_param(second, nn.Tanh),
    )
    expected = [True, False]
    assert_same(observed, expected)
