"""What has two things under each of some names, of which attribute access gives one: a module, an object, a class."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

#: What a module may have registered: also nothing, under a name.
REGISTERED = ("module", "parameter", "buffer", "no_module", "no_parameter", "no_buffer")


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

    on_class = Shown()
    module_by_property = parameter_by_property = buffer_by_property = property(lambda self: self.shown)
    no_module_by_property = no_parameter_by_property = no_buffer_by_property = module_by_property
    module_by_class = parameter_by_class = buffer_by_class = on_class
    no_module_by_class = no_parameter_by_class = no_buffer_by_class = on_class

    def __init__(self) -> None:
        super().__init__()
        vars(self).update(kept())
        hidden = vars(self)["attribute_by_property"]
        for by in ("property", "class", "dict", "override"):
            self._modules.update({f"module_by_{by}": hidden, f"no_module_by_{by}": None})
            self._parameters.update({f"parameter_by_{by}": nn.Parameter(torch.ones(2)), f"no_parameter_by_{by}": None})
            self._buffers.update({f"buffer_by_{by}": torch.ones(2), f"no_buffer_by_{by}": None})
        for name in (*(f"{what}_by_dict" for what in REGISTERED), "extra_repr"):
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
