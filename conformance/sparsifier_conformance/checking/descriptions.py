"""What checks draw: small descriptions of models and tensors, each of which can write itself as torch code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from math import inf, nan
from types import CodeType
from typing import Any

import torch
from hypothesis import reject
from torch import nn
from torch.nn.utils import parametrize

from .spelling import spelled


@dataclass(frozen=True)
class Values:
    """A tensor: the name of its dtype, its shape, and its numbers in row-major order.

    ``layout`` is code behind that of the tensor, which gives it other strides (see ``mask_strategies.layouts``).
    """

    dtype: str
    shape: tuple[int, ...]
    numbers: tuple[Any, ...]
    layout: str = ""

    def source(self, name: str, device: str = "cpu") -> str:
        """Write the torch code that makes the tensor and calls it ``name``."""
        where = "" if device == "cpu" else f', device="{device}"'
        numbers: Any = list(self.numbers) if self.shape else self.numbers[0]
        reshaped = f".reshape({self.shape})" if len(self.shape) != 1 and self.shape else ""
        return f"{name} = torch.tensor({numbers!r}, dtype=torch.{self.dtype}{where}){reshaped}{self.layout}"

    def build(self, device: str = "cpu") -> torch.Tensor:
        """Make the tensor, on a device."""
        tensor: torch.Tensor = _run(self.source("tensor", device), "tensor")
        return tensor


@dataclass(frozen=True)
class MaskAndInput:
    """A mask, and an input of its shape."""

    mask: Values
    x: Values

    def source(self, name: str = "") -> str:
        """Write the torch code that makes the two, which are called ``mask`` and ``x``."""
        return f"{self.mask.source('mask')}\n{self.x.source('x')}"

    def parts(self) -> tuple[Values, Values]:
        """Give the two, in the order in which they are built."""
        return self.mask, self.x

    def build(self, device: str = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
        """Make the mask and the input, on a device.

        Where torch itself makes no such tensors or no product of them, as some devices do not take every dtype,
        there is nothing to compare with.
        """
        try:
            mask, x = self.mask.build(device), self.x.build(device)
            _ = mask * x
        except (RuntimeError, TypeError):
            reject()
        return mask, x


@dataclass(frozen=True)
class Tree:
    """A model: its modules, what is registered in them, and under which names.

    ``kinds`` are the class names (in ``torch.nn``) of the modules, of which the first is the model.
    ``children`` are (parent, name, child) in the order of registration, where a child of None stands for
    one registered as None, and one that occurs twice is shared. ``tensors`` are (module, name, kind, number of
    parametrizations), the kind being ``parameter`` or ``buffer``.
    """

    kinds: tuple[str, ...]
    children: tuple[tuple[int, str, int | None], ...]
    tensors: tuple[tuple[int, str, str, int], ...] = ()

    def source(self, name: str) -> str:
        """Write the torch code that makes the model and calls it ``name``."""
        paths = {0: ""}
        lines = [f"{name} = nn.{self.kinds[0]}()", *self._registered(name, 0, paths)]
        for module, tensor_name, kind, count in self.tensors:
            owner = _at(name, paths[module])
            value = "nn.Parameter(torch.ones(2))" if kind == "parameter" else "torch.ones(2)"
            lines.append(f"{owner}.register_{kind}({spelled(tensor_name)}, {value})")
            parametrized = f"parametrize.register_parametrization({owner}, {spelled(tensor_name)}, nn.Tanh())"
            lines += [parametrized] * count
        return "\n".join(lines)

    def _registered(self, name: str, module: int, paths: dict[int, str]) -> Iterator[str]:
        """Write what is registered in a module and below; ``paths`` are those of the modules that are there."""
        for parent, child_name, child in self.children:
            if parent != module:
                continue
            if child is None or child in paths:
                added = "None" if child is None else _at(name, paths[child])
                yield _registration(_at(name, paths[module]), child_name, added)
                continue
            yield _registration(_at(name, paths[module]), child_name, f"nn.{self.kinds[child]}()")
            paths[child] = _join(paths[module], child_name)
            yield from self._registered(name, child, paths)

    def build(self) -> nn.Module:
        """Make the model."""
        model: nn.Module = _run(self.source("model"), "model")
        return model

    def paths(self) -> dict[str, str]:
        """Give every path of a module, with the first path of that module.

        The two differ where a module is shared. The order is depth first, in the order of registration; the
        modules of parametrizations are left out.
        """
        first: dict[int, str] = {}
        return {path: first.setdefault(index, path) for path, index in self._walk(0, ())}

    def parametrization_paths(self) -> list[str]:
        """List the paths of the modules that parametrizations put into the model, in no special order."""
        paths = []
        first = {index: path for path, index in reversed(list(self._walk(0, ())))}
        for module, tensor_name, _, count in self.tensors:
            if count:
                listed = _join(first[module], f"parametrizations.{tensor_name}")
                paths += [_join(first[module], "parametrizations"), listed]
                paths += [f"{listed}.{position}" for position in range(count)]
        return list(dict.fromkeys(paths))

    def tensor_paths(self, *, parametrized: bool = False) -> list[str]:
        """List the paths of the tensors that are, or are not, parametrized."""
        first = {index: path for path, index in reversed(list(self._walk(0, ())))}
        return [_join(first[module], name) for module, name, _, count in self.tensors if bool(count) == parametrized]

    def _walk(self, module: int, names: tuple[str, ...]) -> Iterator[tuple[str, int]]:
        yield ".".join(names), module
        for parent, name, child in self.children:
            if parent == module and child is not None:
                yield from self._walk(child, (*names, name))


def _at(name: str, path: str) -> str:
    """Write what gives the module at a path of the model that is called ``name``."""
    if not path:
        return name
    if all(map(_is_attribute, path.split("."))):
        return f"{name}.{path}"
    return f"{name}.get_submodule({spelled(path)})"


def _registration(parent: str, name: str, child: str) -> str:
    """Write what registers a child, which may be None."""
    if _is_attribute(name) and child != "None":
        return f"{parent}.{name} = {child}"
    return f"{parent}.add_module({spelled(name)}, {child})"


def _is_attribute(name: str) -> bool:
    """Tell whether source may spell a name as that of an attribute.

    Python changes some letters beyond ASCII, and assigns nothing to ``__debug__``.
    """
    return name.isascii() and name.isidentifier() and not name.startswith("__") and not iskeyword(name)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@lru_cache(maxsize=1024)
def _compiled(source: str) -> CodeType:
    return compile(source, "<description>", "exec")


def _run(source: str, name: str) -> Any:
    """Run the code that a description writes: what is printed is then what was built."""
    namespace = {"torch": torch, "nn": nn, "parametrize": parametrize, "inf": inf, "nan": nan}
    exec(_compiled(source), namespace)
    return namespace[name]
