"""Look-ups that match patterns, walk by a class, and look at the bases of classes; the rest is the reference's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from sparsifier_reference import FakeSparsity, swap_module

__all__ = [
    "FakeSparsity",
    "fqn_to_module",
    "get_arg_info_from_tensor_fqn",
    "module_contains_param",
    "module_to_fqn",
    "swap_module",
]


@dataclass
class Walk:
    """A walk through a model, which goes from one module to the next that it has not been at."""

    way: list[tuple[str, Iterator[tuple[str, nn.Module | None]]]] = field(default_factory=list)
    been: set[int] = field(default_factory=set)

    def enter(self, name: str, module: nn.Module) -> None:
        """Go one level down."""
        self.been.add(id(module))
        self.way.append((name, iter(module._modules.items())))

    def to(self, module: nn.Module) -> bool:
        """Go on until the walk is at a module, and return whether it is."""
        while self.way:
            name, child = next(self.way[-1][1], ("", self))
            if child is self:
                self.way.pop()
            elif isinstance(child, nn.Module) and id(child) not in self.been:
                self.enter(name, child)
                if child is module:
                    return True
        return False


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    walk = Walk()
    walk.enter("", model)
    if model is module:
        return ""
    return prefix + ".".join([name for name, _ in walk.way][1:]) if walk.to(module) else None


def fqn_to_module(model: Any, path: str) -> Any:
    match path.split("."):
        case [""]:
            return model
        case [*names]:
            while names:
                try:
                    model = getattr(model, names.pop(0))
                except AttributeError:
                    return None
    return model


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    info: dict[str, Any] = {"tensor_fqn": tensor_fqn}
    match tensor_fqn.rsplit(".", maxsplit=1):
        case [above, name]:
            info |= {"module_fqn": above, "tensor_name": name}
        case [name]:
            info |= {"module_fqn": "", "tensor_name": name}
    return info | {"module": fqn_to_module(model, info["module_fqn"])}


def module_contains_param(module: Any, parametrization: type[nn.Module]) -> bool:
    match module._modules.get("parametrizations"):
        case nn.ModuleDict() as chains:
            kinds = {type(each) for chain in chains._modules.values() for each in chain._modules.values()}
            return any(parametrization in kind.__mro__ for kind in kinds)
    return False
