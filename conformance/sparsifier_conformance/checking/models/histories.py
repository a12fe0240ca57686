"""What users do to a model between calls: each step takes one, and returns the one that they go on with."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

Step = Callable[[Any], Any]


class Grown(nn.Module):
    """A model that compares equal to every other one of its class, as one may that is compared by its settings."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Sequential(nn.Linear(2, 2), nn.ReLU()), nn.Linear(2, 2)
        self.works = False
        self.__dict__["waiting"] = nn.ReLU()  # which is not registered

    @property
    def value(self) -> Any:
        """Return the last child, or raise an error where it does not work."""
        if not self.works:
            raise ValueError("does not work yet")
        return list(self._modules.values())[-1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grown)

    def __hash__(self) -> int:
        return 1


class Anew(Grown):
    """A model that nobody has asked anything of, and that equals no other."""

    __eq__, __hash__ = object.__eq__, object.__hash__


def anew(model: Any) -> Any:
    """Return a model as this one is, of which nothing can be known yet."""
    copied = copy.deepcopy(model)
    copied.__class__ = Anew
    return copied


def replaced(model: Any) -> Any:
    """Put another module under the name of one."""
    model.b = nn.Linear(2, 2)
    return model


def replaced_below(model: Any) -> Any:
    """Put another module under the name of one that is not the model's own child."""
    model.a.add_module("0", nn.Linear(2, 2))
    return model


def deleted(model: Any) -> Any:
    """Delete a child, if it is there."""
    model.a._modules.pop("1", None)
    return model


def emptied(model: Any) -> Any:
    """Put None in the place of a child."""
    model.b = None
    return model


def renamed(model: Any) -> Any:
    """Give the first child another name, and the last place."""
    name, child = next(iter(model._modules.items()))
    delattr(model, name)
    model.add_module(f"{name}_", child)
    if name != "a":
        return model
    model.a = nn.Sequential(child[0])
    return model


def renamed_in_place(model: Any) -> Any:
    """Give the last child another name, so that the modules and their order stay the same."""
    name, child = list(model._modules.items())[-1]
    delattr(model, name)
    model.add_module(f"{name}_", child)
    return model


def added_in_front(model: Any) -> Any:
    """Register what is deep in the model again, before all else."""
    others = dict(model._modules)
    model._modules.clear()
    model._modules.update({"front": model_child(others), **others})
    return model


def model_child(modules: dict[str, Any]) -> Any:
    """Return the last child of the last module that has any, or a new one."""
    return next((list(each.children())[-1] for each in modules.values() if each and list(each.children())), nn.ReLU())


def tied(model: Any) -> Any:
    """Register a module of the model under one more name."""
    model.again = model.a
    return model


def taken_in(model: Any) -> Any:
    """Register a module that was asked for before, when it was a stranger."""
    model._modules["late"] = model.waiting
    return model


def parametrized_anew(model: Any) -> Any:
    """Parametrize a tensor, once more if it is already."""
    parametrize.register_parametrization(model.a[0], "weight", nn.Tanh())
    return model


def plain_again(model: Any) -> Any:
    """Remove the parametrizations of a tensor, if it has any."""
    if parametrize.is_parametrized(model.a[0]):
        parametrize.remove_parametrizations(model.a[0], "weight")
    return model


def new_tensors(model: Any) -> Any:
    """Put other tensors in the place of some."""
    model.a[0].bias = nn.Parameter(torch.ones(2))
    model.register_buffer("scale", torch.ones(2))
    return model


def cast(model: Any) -> Any:
    """Change the dtype of all tensors."""
    return model.double()


def loaded(model: Any) -> Any:
    """Load a state dict, whose tensors take the place of the model's where torch can do that."""
    assign = {"assign": True} if "assign" in inspect.signature(nn.Module.load_state_dict).parameters else {}
    model.load_state_dict(copy.deepcopy(model.state_dict()), **assign)
    return model


def attribute_set(model: Any) -> Any:
    """Let a plain attribute hold another object."""
    model.a.kept = [model.a]
    return model


def working(model: Any) -> Any:
    """Mend, or break, what raises an error."""
    model.works = not model.works
    return model


def copied(model: Any) -> Any:
    """Go on with a deep copy."""
    return copy.deepcopy(model)


def pickled(model: Any) -> Any:
    """Go on with what comes back from pickle, which has no parametrized modules; else with a shallow copy."""
    if any(map(parametrize.is_parametrized, model.modules())):
        return copy.copy(model)
    return pickle.loads(pickle.dumps(model))


def made_anew(model: Any) -> Any:
    """Go on with another model, made in the same way."""
    return Grown()


def left_alone(model: Any) -> Any:
    """Do nothing at all, and ask again."""
    return model


STEPS: tuple[Step, ...] = (
    *(left_alone, replaced, deleted, renamed, renamed_in_place, tied, parametrized_anew, plain_again, new_tensors),
    *(replaced_below, emptied, added_in_front, working, copied, made_anew, attribute_set, cast, pickled, loaded),
    taken_in,
)


@lru_cache(maxsize=1)
def histories() -> st.SearchStrategy[list[Step]]:
    """Draw steps that are taken one after the other."""
    return st.lists(st.sampled_from(STEPS), min_size=1, max_size=4)
