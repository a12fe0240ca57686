"""Checks of ``fqn_to_module``: attribute access decides what lies at a path, and an attribute does what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same
from sparsifier_conformance.checking.models.whole import reached
from sparsifier_conformance.checking.world.acting import ACTS, what_comes_of


class Shown(nn.Module):
    """What attribute access gives."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ReLU()


class Hiding(nn.Module):
    """A module that has two things under each of some names, of which attribute access gives one."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = Shown()
        hidden = nn.Module()
        hidden.add_module("inner", nn.Tanh())
        self._modules.update(dict.fromkeys(("module_by_property", "module_by_dict", "module_by_override"), hidden))
        self._parameters["parameter_by_property"] = nn.Parameter(torch.ones(2))
        self._parameters["parameter_by_dict"] = nn.Parameter(torch.ones(2))
        self._buffers.update(dict.fromkeys(("buffer_by_property", "buffer_by_dict"), torch.ones(2)))
        for kind in ("module", "parameter", "buffer"):
            self.__dict__[f"{kind}_by_dict"] = self.shown
        self.__dict__["attribute_by_property"] = self.__dict__["attribute_by_override"] = hidden
        self.__dict__["attribute_by_dict"] = self.__dict__["extra_repr"] = self.shown

    attribute_by_dict = nn.Tanh()
    module_by_property = parameter_by_property = buffer_by_property = attribute_by_property = property(
        lambda self: self.shown
    )

    @property
    def property_by_getattr(self) -> Any:
        raise AttributeError("is not here, but for what __getattr__ gives")

    def __getattr__(self, name: str) -> Any:
        return super().__getattr__("shown" if name == "property_by_getattr" else name)

    def __getattribute__(self, name: str) -> Any:
        return self.shown if name.endswith("_by_override") else super().__getattribute__(name)


#: What is hidden from attribute access, and by what.
HIDDEN = (
    *("module_by_property", "module_by_dict", "module_by_override", "parameter_by_property", "parameter_by_dict"),
    *("buffer_by_property", "buffer_by_dict", "attribute_by_property", "attribute_by_override", "attribute_by_dict"),
    *("property_by_getattr", "extra_repr"),
)


def test_attributes__hiding(implementation: Any) -> None:
    model: Any = Hiding()
    model.add_module("below", Hiding())
    observed, expected = {}, {}
    for name in HIDDEN:
        for path, owner in ((name, model), (f"below.{name}", model.below)):
            observed[path] = implementation.fqn_to_module(model, path)
            expected[path] = owner.shown
            observed[f"{path}.inner"] = implementation.fqn_to_module(model, f"{path}.inner")
            expected[f"{path}.inner"] = owner.shown.inner
    assert_same(observed, expected)


@pytest.mark.parametrize(("act", "mode"), ACTS)
def test_attributes__acting(implementation: Any, act: Callable[..., Any], mode: str) -> None:
    observed = what_comes_of(implementation.fqn_to_module, act, mode)
    expected = what_comes_of(reached, act, mode)
    assert_same(observed, expected)
