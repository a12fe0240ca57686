"""Checks of ``module_contains_param``: which parametrizations there are, on which tensors, and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.odd import TENSORS, EqualLinear, wrapper
from sparsifier_conformance.checking.models.parametrized import Listed, Wanted
from sparsifier_conformance.checking.models.strategies import TELLING_NAMES


class Holder(nn.Module):
    """A parametrization that is nothing but what it holds."""

    def forward(self, x: Any) -> Any:
        return x


def holding_children() -> nn.Module:
    """Make a parametrization that holds others under the names that wrappers have for them."""
    holder = Holder()
    for name in ("module", "_orig_mod", "base_layer", "parametrization", "inner", "0"):
        holder.add_module(name, Wanted())
    return holder


def holding_attributes() -> nn.Module:
    """Make a parametrization that holds others where they are not registered."""
    holder: Any = Holder()
    for name in ("module", "inner"):
        holder.__dict__[name] = Wanted()
    holder.kept, holder.by_name, holder.pair = [Wanted()], {"a": Wanted()}, (Wanted(), 1)
    return holder  # type: ignore[no-any-return]


def holding_parametrizations() -> nn.Module:
    """Make a parametrization of which a tensor is parametrized itself."""
    holder = Holder()
    holder.register_parameter("scale", nn.Parameter(torch.ones(2)))
    parametrize.register_parametrization(holder, "scale", Wanted())
    return holder


def holding_items() -> nn.Module:
    """Make a parametrization that is a list of others."""
    return Listed([Wanted(), nn.ModuleList([Wanted()])])


def having_elsewhere() -> Any:
    """Make a module that has instances of a class wherever they are no parametrizations of its tensors."""
    module: Any = nn.Linear(2, 2)
    module.child, module.kept, module.by_name = Wanted(), [Wanted()], {"a": Wanted()}
    module.__dict__["unregistered"], module.mask = Wanted(), torch.ones(2)
    module.weight.parametrization = Wanted()
    module.register_forward_hook(Wanted())
    module.register_forward_pre_hook(Wanted())
    around = module.__dict__["around"] = nn.Linear(2, 2)
    parametrize.register_parametrization(around, "weight", Wanted())
    return module


def test_parametrizations_only__elsewhere(implementation: Any) -> None:
    plain, module = having_elsewhere(), having_elsewhere()
    parametrize.register_parametrization(module, "weight", nn.Tanh())
    module.parametrizations.weight.register_forward_hook(Wanted())
    observed = {
        "where nothing is parametrized": bool(implementation.module_contains_param(plain, Wanted)),
        "where something else is registered": bool(implementation.module_contains_param(module, Wanted)),
        "what is registered": bool(implementation.module_contains_param(module, nn.Tanh)),
    }
    expected = {
        "where nothing is parametrized": False,
        "where something else is registered": False,
        "what is registered": True,
    }
    assert_same(observed, expected)


HOLDERS = (holding_children, holding_attributes, holding_parametrizations, holding_items)


@pytest.mark.parametrize("make", HOLDERS)
def test_parametrizations_only__around_others(implementation: Any, make: Callable[[], nn.Module]) -> None:
    module, holder = nn.Linear(2, 2), make()
    parametrize.register_parametrization(module, "weight", holder)
    observed = {
        "what is registered": bool(implementation.module_contains_param(module, type(holder))),
        "what it holds": bool(implementation.module_contains_param(module, Wanted)),
    }
    expected = {"what is registered": True, "what it holds": False}
    assert_same(observed, expected)


class OwnList(parametrize.ParametrizationList):
    """A list of the parametrizations of a tensor that is the user's own."""


def test_parametrizations_only__lists_of_ones_own(implementation: Any) -> None:
    module: Any = nn.Linear(2, 2)
    parametrize.register_parametrization(module, "weight", Wanted())
    module.parametrizations.weight.__class__ = OwnList
    observed = {
        "what is registered": bool(implementation.module_contains_param(module, Wanted)),
        "the list of it": bool(implementation.module_contains_param(module, OwnList)),
    }
    expected = {"what is registered": True, "the list of it": False}
    assert_same(observed, expected)


class Equal(nn.Identity):
    """A parametrization that compares equal to those of its subclasses, and they to it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equal)

    def __hash__(self) -> int:
        return 1


class EqualToo(Equal):
    """Another one."""


def test_any_tensor_any_position__equal_ones(implementation: Any) -> None:
    observed, expected = {}, {}
    twice = Equal()
    for chain in ((Equal(), EqualToo()), (EqualToo(), Equal()), (twice, twice), (twice, twice, EqualToo())):
        modules = {"of one tensor": EqualLinear(2, 2), "of two": EqualLinear(2, 2)}
        for position, each in enumerate(chain):
            parametrize.register_parametrization(modules["of one tensor"], "weight", each)
            parametrize.register_parametrization(modules["of two"], "bias" if position else "weight", each)
        for where, module in modules.items():
            case = f"{', '.join(type(each).__name__ for each in chain)} {where}"
            observed[case] = [bool(implementation.module_contains_param(module, kind)) for kind in (Equal, EqualToo)]
            expected[case] = [True, any(type(each) is EqualToo for each in chain)]
    assert_same(observed, expected)


class Raising(nn.Module):
    """A parametrization that raises an error once it is to compute something again."""

    broken = False

    def forward(self, x: Any) -> Any:
        if self.broken:
            raise ValueError("raised by a parametrization")
        return x


#: Classes of modules that some code leaves out, or knows otherwise.
CLASSES: tuple[type[nn.Module], ...] = (
    *(nn.Module, nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict, nn.DataParallel),
    *(nn.LSTM, nn.MultiheadAttention, nn.Embedding, nn.Conv2d, nn.BatchNorm2d, nn.LazyLinear),
)


def worked_in() -> nn.Module:
    """Make a parametrization with a hook, a frozen parameter and a buffer, in eval mode."""
    wanted = Wanted().eval()
    wanted.register_forward_hook(lambda *args: None)
    wanted.register_parameter("scale", nn.Parameter(torch.ones(2), requires_grad=False))
    wanted.register_buffer("mask", torch.ones(2))
    return wanted


def of_every_tensor() -> dict[str, Any]:
    """Make modules with parametrizations on tensors of every kind and name, the modules of many classes, too."""
    modules: dict[str, Any] = {}
    for index, name in enumerate(TELLING_NAMES):
        # The classes are made without their constructors, which want arguments of every kind.
        of_class = CLASSES[index % len(CLASSES)]
        module: Any = of_class.__new__(of_class)
        nn.Module.__init__(module)
        kind = list(TENSORS)[index % len(TENSORS)]
        tensor = TENSORS[kind]()
        modules[f"{kind}, called {name!r}, of a {of_class.__name__}"] = module
        if isinstance(tensor, nn.Parameter):
            module.register_parameter(name, tensor)
        else:
            module.register_buffer(name, tensor, persistent=False)
        wanted = worked_in() if index % 2 else Wanted()
        parametrize.register_parametrization(module, name, wanted, unsafe=index % 3 == 0)
        module.register_forward_hook(lambda *args: None)
    tied: Any = nn.Linear(2, 2)
    modules["of which the original is tied"] = tied
    parametrize.register_parametrization(tied, "weight", nn.Tanh())
    parametrize.register_parametrization(tied, "bias", Wanted())
    tied.parametrizations.bias.original = tied.parametrizations.weight.original
    tied.weight.sum().backward()
    tied.parametrizations.bias.original.register_hook(lambda gradient: None)
    return modules


def test_any_tensor_any_position__of_every_tensor(implementation: Any) -> None:
    observed, expected = {}, {}
    for kind, module in of_every_tensor().items():
        observed[kind] = [bool(implementation.module_contains_param(module, each)) for each in (Wanted, nn.Sigmoid)]
        expected[kind] = [True, False]
    assert_same(observed, expected)


def test_own_tensors_only__of_every_tensor(implementation: Any) -> None:
    own = nn.Linear(2, 2)
    parametrize.register_parametrization(own, "weight", Wanted())
    parents = {kind: wrapper("inner", module) for kind, module in of_every_tensor().items()}
    modules = {**parents, "a module's own weight": own}
    observed = {kind: bool(implementation.module_contains_param(each, Wanted)) for kind, each in modules.items()}
    expected = {**dict.fromkeys(parents, False), "a module's own weight": True}
    assert_same(observed, expected)


def test_any_tensor_any_position__not_computed(implementation: Any) -> None:
    module: Any = nn.Linear(2, 2)
    for kind in (Raising, nn.Identity):
        parametrize.register_parametrization(module, "weight", kind())
    module.parametrizations.weight[0].broken = True
    kinds = (Raising, nn.Identity, nn.Tanh)
    observed = [bool(implementation.module_contains_param(module, kind)) for kind in kinds]
    expected = [True, True, False]
    assert_same(observed, expected)
