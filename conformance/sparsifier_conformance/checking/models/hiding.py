"""What has two things under each of some names, of which attribute access gives one: a module, an object, a class."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class Shown(nn.Module):
    """What attribute access gives."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ReLU()


class Hides:
    """What decides, of each thing of a class, between what the class says and what the thing keeps in its own dict."""

    shown: Any
    attribute_by_dict = nn.Tanh()
    attribute_by_property = property(lambda self: self.shown)

    def method_by_dict(self) -> None:
        """Be hidden, as a method gives way to what is kept."""

    @property
    def property_by_getattr(self) -> Any:
        """Raise what is raised for a missing attribute."""
        raise AttributeError("is not here, but for what __getattr__ gives")

    def __getattr__(self, name: str) -> Any:
        if name == "property_by_getattr":
            return self.shown
        return super().__getattr__(name)  # type: ignore[misc]  # what is no module has none, which is the same error

    def __getattribute__(self, name: str) -> Any:
        return self.shown if name.endswith("_by_override") else super().__getattribute__(name)


def kept() -> dict[str, Any]:
    """Return what something that hides keeps in its dict."""
    hidden, shown = nn.Module(), Shown()
    hidden.add_module("inner", nn.Tanh())
    by_class = dict.fromkeys(("attribute_by_property", "attribute_by_override", "property_by_getattr"), hidden)
    return {"shown": shown, **by_class, **dict.fromkeys(("attribute_by_dict", "method_by_dict"), shown)}


class Hiding(Hides, nn.Module):
    """A module that hides: what is registered, too."""

    module_by_property = parameter_by_property = buffer_by_property = property(lambda self: self.shown)

    def __init__(self) -> None:
        super().__init__()
        vars(self).update(kept())
        hidden = vars(self)["attribute_by_property"]
        self._modules.update(dict.fromkeys(("module_by_property", "module_by_dict", "module_by_override"), hidden))
        self._parameters["parameter_by_property"] = nn.Parameter(torch.ones(2))
        self._parameters["parameter_by_dict"] = nn.Parameter(torch.ones(2))
        self._buffers.update(dict.fromkeys(("buffer_by_property", "buffer_by_dict"), torch.ones(2)))
        for name in ("module_by_dict", "parameter_by_dict", "buffer_by_dict", "extra_repr"):
            vars(self)[name] = self.shown


class HidingObject(Hides):
    """An object that is no module, and hides."""

    __slots__ = ("attribute_by_slot",)

    def __init__(self) -> None:
        vars(self).update(kept())
        self.attribute_by_slot = self.shown
        vars(self)["attribute_by_slot"] = nn.Tanh()


class HidingClass(Hides, type):
    """A class of classes that hide."""


def hiding_class() -> HidingClass:
    """Make a class that hides."""
    return HidingClass("Hidden", (), kept())
