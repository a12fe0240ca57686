"""What checks of ``swap_module`` swap modules for, and the hooks that they put on them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from hypothesis import strategies as st
from torch import nn

from .spelling import spelled


class Sparse(nn.Identity):
    """What a linear module is swapped for; what it computes plays no part."""

    @classmethod
    def from_dense(cls, mod: nn.Module) -> nn.Module:
        """Make one."""
        return cls()


def mapping_by(from_dense: Callable[[nn.Module], nn.Module], kind: type[nn.Module] = nn.Linear) -> dict[Any, Any]:
    """Map a class to one whose ``from_dense`` is the function given."""
    return {kind: type("Sparse", (nn.Module,), {"from_dense": staticmethod(from_dense)})}


def mapping_to(new: nn.Module, kind: type[nn.Module] = nn.Linear) -> dict[Any, Any]:
    """Map a class to one whose ``from_dense`` gives a module that is there already."""
    return mapping_by(lambda mod: new, kind)


def telling(calls: list[Any], label: str) -> Callable[..., None]:
    """Make a hook that tells ``calls`` a label and the module that it is called with."""

    def hook(module: nn.Module, *args: Any) -> None:
        calls.append((label, module))

    return hook


@dataclass(frozen=True)
class Hooks:
    """Hooks that are registered one after the other: to ``append``, to ``prepend``, or only to ``remove`` again."""

    ways: tuple[str, ...]

    @classmethod
    def of(cls, *ways: str) -> Hooks:
        """Describe hooks that are registered in these ways, as far as torch has them: some have no ``prepend``."""
        prepends = "prepend" in inspect.signature(nn.Module.register_forward_hook).parameters
        return cls(tuple("append" if way == "prepend" and not prepends else way for way in ways))

    def __repr__(self) -> str:
        return spelled(list(self.ways))

    def register(self, register_hook: Callable[..., Any], calls: list[Any], label: str) -> None:
        """Register them, with a method of a module.

        Parameters:
            register_hook: the method.
            calls: what each hook tells its label and its module.
            label: what the labels begin with; a number follows.
        """
        for name, way in self._named(label):
            handle = register_hook(telling(calls, name), **({"prepend": True} if way == "prepend" else {}))
            if way == "remove":
                handle.remove()

    def registering(self, register_hook: str, calls: str, label: str) -> str:
        """Write the torch code that registers them, of code for what ``register`` takes, and a label."""
        endings = {"append": ")", "prepend": ", prepend=True)", "remove": ").remove()"}
        return "\n".join(
            f"{register_hook}(telling({calls}, {spelled(name)}){endings[way]}" for name, way in self._named(label)
        )

    def order(self, label: str) -> list[str]:
        """List the labels in the order in which the hooks run."""
        labels: list[str] = []
        for name, way in self._named(label):
            if way != "remove":
                labels.insert(0 if way == "prepend" else len(labels), name)
        return labels

    def _named(self, label: str) -> Iterator[tuple[str, str]]:
        for index, way in enumerate(self.ways):
            yield f"{label} {index}", way


def registrations() -> st.SearchStrategy[Hooks]:
    """Draw how hooks are registered."""
    ways = ("append", "prepend", "remove")
    return st.sampled_from([Hooks.of(*each) for size in range(6) for each in product(ways, repeat=size)])
