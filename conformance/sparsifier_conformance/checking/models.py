"""Models that are as what users have: lived in, or of modules that are unlike others."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize


class WithError(nn.Module):
    """A module of which an attribute raises an error."""

    @property
    def value(self) -> Any:
        """Raise an error."""
        raise ValueError("raised by a property")


def noted(*args: Any) -> None:
    """Do nothing, as a hook."""


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
