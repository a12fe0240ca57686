"""Models that are as what users have: lived in, or of modules that are unlike others."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from inspect import isabstract, ismodule
from typing import Any

import torch
from torch import fx, nn
from torch.ao import quantization
from torch.ao.nn import intrinsic, qat, quantizable, quantized
from torch.nn.utils import parametrize
from torch.optim import swa_utils

from .small import registered
from .strategies import TELLING_NAMES

#: Tensors of every kind.
TENSORS: dict[str, Callable[[], torch.Tensor]] = {
    "frozen": lambda: nn.Parameter(torch.ones(2), requires_grad=False),
    "trained": lambda: nn.Parameter(torch.ones(2)),
    "of integers": lambda: torch.ones(2, dtype=torch.int64),
    "of truth values": lambda: torch.ones(2, dtype=torch.bool),
    "of complex numbers": lambda: torch.ones(2, dtype=torch.complex64),
    "of half precision": lambda: torch.ones(2, dtype=torch.float16),
    "empty": lambda: torch.ones(0),
    "of no dimensions": lambda: torch.tensor(0.0),
    "of five dimensions": lambda: torch.ones(1, 1, 1, 1, 2),
    "not contiguous": lambda: torch.ones(2, 3).t(),
    "of what is no number": lambda: torch.tensor([float("nan"), float("inf")]),
    "on meta": lambda: torch.ones(2, device="meta"),
}


class WithError(nn.Module):
    """A module of which an attribute raises an error."""

    @property
    def value(self) -> Any:
        """Raise an error."""
        raise ValueError("raised by a property")


def noted(*args: Any) -> None:
    """Leave a note on the module that a hook is called with: a look-up calls none."""
    for module in args[:1]:
        if isinstance(module, nn.Module):
            vars(module)["noted"] = True


def lived_in() -> nn.Module:
    """Make a model with traces of use: gradients, hooks, flags, ties, and attributes of every kind."""
    model: Any = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
    parametrize.register_parametrization(model[0], "weight", nn.Tanh())
    model[2][0].weight = nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]]).t())  # not contiguous
    model(torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    # What is absent, shared and tied; and the model itself is no emptier than what is in it.
    model.add_module("z", nn.Linear(2, 2, bias=False))
    model.add_module("absent", None)
    model.add_module("again", model[2])
    model.add_module("erring", WithError())
    model.z.weight = model[2][0].weight
    model[1].eval()
    for module in (model, model.z, model[2][0]):
        furnish(module)
    return model  # type: ignore[no-any-return]


def furnish(module: Any) -> None:
    """Put whatever a module may have into one: tensors, not in the alphabet's order, hooks, plain attributes."""
    for name in ("y", "b", "a"):
        module.register_parameter(name, nn.Parameter(torch.ones(2), requires_grad=name == "b"))
        module.register_buffer(f"{name}_", torch.tensor([1, 2]), persistent=name == "b")
    module.register_buffer("none", None)
    module.a.label, module.a.grad = "kept", torch.zeros(2)
    module.b.register_hook(noted)
    module.register_forward_hook(noted)
    module.register_forward_pre_hook(noted)
    module.register_full_backward_hook(noted)
    module._register_state_dict_hook(noted)
    module._register_load_state_dict_pre_hook(noted)
    module.kept, module.by_name, module.around = [nn.ReLU(), 1], {"b": nn.ReLU(), "a": None}, {1, 2}


def of_every_name() -> nn.Module:
    """Make a model of which each telling name is that of a child, and of one below, in containers of every kind."""
    model, kinds = nn.Module(), (nn.Module, nn.Sequential, nn.ModuleList, nn.ModuleDict)
    for index, name in enumerate(TELLING_NAMES):
        child = kinds[index % len(kinds)]()
        child.add_module(TELLING_NAMES[-1 - index], nn.Linear(2, 2))
        model.add_module(name, child)
    return model


def wrapper(name: str, module: nn.Module) -> nn.Module:
    """Wrap a module as wrappers do, under a name."""
    outer = nn.Module()
    outer.add_module(name, module)
    return outer


def of_every_class(private: bool = False) -> nn.Module:
    """Make a model with a child of each class that ``torch.nn`` has, one of each half in eval mode.

    So has it of those that tools take for leaves: of graphs, fused, quantized, averaged and distributed ones. They are
    made without their constructors, which want arguments of every kind, and cannot be called.

    Parameters:
        private: whether it has those, too, of which ``torch.nn`` makes its own.
    """
    model, parts = nn.Module(), (nn, nn.parallel, fx, intrinsic, quantization, qat, quantizable, quantized, swa_utils)
    homes = filter(ismodule, vars(nn.modules).values()) if private else ()
    kinds = {each for part in (*parts, *homes) for each in vars(part).values() if isinstance(each, type)}
    modules = [each for each in kinds if issubclass(each, nn.Module) and not isabstract(each)]
    for index, kind in enumerate(sorted(modules, key=lambda kind: (kind.__name__, kind.__module__))):
        child = nn.Module.__new__(kind)  # which warns of none that is deprecated
        nn.Module.__init__(child)
        child.add_module("inner", nn.Module())
        nn.Module.train(child, index % 2 == 0)
        model.add_module(kind.__name__ if kind.__name__ not in model._modules else f"{kind.__name__} {index}", child)
    return model


class FalsyLinear(nn.Linear):
    """A module that is not true."""

    def __bool__(self) -> bool:
        """Return False."""
        return False


class EqualLinear(nn.Linear):
    """A module that compares equal to every other one of its class, parametrized or not."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EqualLinear)

    def __hash__(self) -> int:
        return 1


class EqualToNone(nn.Module):
    """A module that compares equal to None."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ReLU()

    def __eq__(self, other: object) -> bool:
        return other is None or other is self

    def __hash__(self) -> int:
        return id(self)


class Falsy(nn.Module):
    """A module that is false, and has no length."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ReLU()

    def __bool__(self) -> bool:
        return False


class Forwarding(nn.Module):
    """A module that has the attributes of what it wraps, as wrappers do."""

    def __init__(self) -> None:
        super().__init__()
        self.wrapped = nn.Sequential(nn.Linear(2, 3), nn.ReLU())

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("wrapped"), name)


class Slotted(nn.Module):
    """A module whose attributes are kept in other places than in its dict: in slots, and in its class."""

    __slots__ = ("slot",)
    on_class = nn.ReLU()

    def __init__(self) -> None:
        super().__init__()
        self.slot = 3
        self.add_module("inner", nn.ReLU())


def empty_containers() -> nn.Module:
    """Make containers that are false, as they are empty."""
    return nn.ModuleList([nn.Sequential(), nn.ModuleDict(), nn.ModuleList(), nn.ParameterList(), nn.ParameterDict()])


def of_parameters() -> nn.Module:
    """Make containers of parameters."""
    each = nn.Parameter(torch.ones(2))
    return nn.ModuleDict({"list": nn.ParameterList([each]), "dict": nn.ParameterDict({"key": each})})


def lazy() -> nn.Module:
    """Make a module whose tensors have no shapes yet."""
    return nn.Sequential(nn.LazyLinear(3))


def scripted() -> nn.Module:
    """Make a module of TorchScript."""
    return torch.jit.script(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))


def wrapped() -> nn.Module:
    """Make a module within wrappers that torch has."""
    return nn.DataParallel(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))


def reparametrized() -> nn.Module:
    """Make a module whose weight is computed by a hook, and one of whose weights come two originals."""
    return nn.Sequential(nn.utils.weight_norm(nn.Linear(2, 2)), nn.utils.spectral_norm(nn.Linear(2, 2)))


def attention() -> nn.Module:
    """Make a module of modules of torch's own."""
    return nn.TransformerEncoderLayer(2, 1, 2)


#: What makes modules that are unlike others, each of which some code takes for something else.
ODD_MODULES = (
    *(Falsy, EqualToNone, Forwarding, Slotted, empty_containers, of_parameters, lazy, scripted, wrapped),
    *(reparametrized, attention),
)


@lru_cache(maxsize=4096)
def build_small(slots: tuple[tuple[Any, Any], ...]) -> list[nn.Module]:
    """Return the modules of a model, of which the first is the model itself; the same ones to whoever asks next."""
    modules = [nn.Module() for _ in slots]
    for module in range(len(slots)):
        for name, child in registered(slots, module):
            modules[module].add_module(name, None if child is None else modules[child])
    return modules
