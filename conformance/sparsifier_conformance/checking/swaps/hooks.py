"""What checks of ``swap_module`` swap modules for, and the hooks that they put on them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial, wraps
from types import MethodType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from ..comparing import outcome
from ..spelling import spelled


class Sparse(nn.Identity):
    """What a linear module is swapped for; what it computes plays no part."""

    @classmethod
    def from_dense(cls, mod: nn.Module) -> nn.Module:
        """Make one."""
        return cls()


def mapping_by(from_dense: Callable[[nn.Module], nn.Module], kind: type[nn.Module] = nn.Linear) -> dict[Any, Any]:
    """Map a class to one whose ``from_dense`` is the function given; who makes one of it makes what can be called."""
    return {kind: type("Sparse", (nn.Identity,), {"from_dense": staticmethod(from_dense)})}


def mapping_to(new: Any, kind: type[nn.Module] = nn.Linear) -> dict[Any, Any]:
    """Map a class to one whose ``from_dense`` gives a module that is there already."""
    return mapping_by(lambda mod: new, kind)


def was_swapped(result: Any, old: nn.Module) -> bool:
    """Return whether a swap gave a module that is not the old one, whatever it is."""
    return isinstance(result, nn.Module) and result is not old


def is_third(result: Any, old: nn.Module, new: Any) -> bool:
    """Return whether a swap gave a module that is neither the old nor the new one, which is for other checks to say."""
    return was_swapped(result, old) and result is not new


def swapped(implementation: Any, old: nn.Module, mapping: Any, new: nn.Module) -> Any:
    """Return what a swap gives; the new module in place of a third one."""
    result = implementation.swap_module(old, mapping)
    return new if is_third(result, old, new) else result


def is_taken(implementation: Any, module: nn.Module, *mapped: Any) -> bool:
    """Return whether a module is taken for one of the types that are mapped, whatever is returned."""
    made: list[Any] = []

    class Noting(nn.Identity):
        def __init__(self, *args: Any) -> None:
            super().__init__()
            made.append(self)

        @classmethod
        def from_dense(cls, mod: nn.Module) -> Any:
            return cls()

    outcome(implementation.swap_module, module, dict.fromkeys(mapped, Noting))
    return bool(made)


def telling(calls: list[Any], label: str, kind: str = "function", owner: Any = None) -> Callable[..., None]:
    """Return a hook that adds a label to ``calls``, with the module that it is called with.

    Parameters:
        calls: what it adds to.
        label: what it adds.
        kind: what it is to Python; see ``HOOK_KINDS``.
        owner: what a method is bound to. The label is another one where it is called as a method of something else.
    """

    def hook(module: nn.Module, *args: Any) -> None:
        calls.append((label, module))

    def method(self: Any, module: nn.Module, *args: Any) -> None:
        calls.append((label if self is owner else f"{label}, of another object", module))

    if kind == "observer":  # torch's quantization leaves these behind when it swaps modules
        hook.__name__ = "_observer_forward_pre_hook" if "pre-hook" in label else "_observer_forward_hook"
        hook.__qualname__, hook.__module__ = hook.__name__, "torch.ao.quantization.quantize"
    if kind == "method":
        return MethodType(method, owner)
    if kind == "partial":
        return partial(method, owner)
    if kind == "decorated":  # by what does more than what it decorates
        return wraps(lambda *args: None)(hook)
    if kind == "passed on":  # by what does nothing else
        return wraps(hook)(lambda *args: hook(*args))
    if kind == "partial of none":
        return partial(hook)
    kinds: dict[str, Any] = {"callable": CallableHook, "falsy": FalsyHook, "module": ModuleHook}
    return kinds[kind](calls, label) if kind in kinds else hook


class CallableHook:
    """A hook that has no name, and whose copies add to a list of their own."""

    def __init__(self, calls: list[Any], label: str) -> None:
        self.calls = calls
        self.label = label

    def __call__(self, module: nn.Module, *args: Any) -> None:
        """Add the label and the module."""
        self.calls.append((self.label, module))


class FalsyHook(CallableHook):
    """A hook that is not true, cannot be hashed, and equals any other."""

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        """Return 0."""
        return 0

    def __eq__(self, other: object) -> bool:
        """Return True."""
        return True


class ModuleHook(nn.Module):
    """A hook that is a module."""

    def __init__(self, calls: list[Any], label: str) -> None:
        super().__init__()
        self.calls = calls
        self.label = label

    def forward(self, module: nn.Module, *args: Any) -> None:
        """Add the label and the module."""
        self.calls.append((self.label, module))


#: What a hook can be to Python: whatever can be called serves as one. ``again`` is the one before, once more.
HOOK_KINDS = (
    *("function", "again", "callable", "partial", "method", "falsy", "observer", "decorated", "module"),
    *("passed on", "partial of none"),
)
#: The keyword arguments for the ways in which hooks are registered; not every release, nor pre-hooks, have them all.
HOOK_FLAGS: dict[str, tuple[str, ...]] = {
    "append": (),
    "prepend": ("prepend",),
    "remove": (),
    "kwargs": ("with_kwargs",),
    "always": ("always_call",),
    "always, prepend": ("always_call", "prepend"),
}


@dataclass(frozen=True)
class Hooks:
    """Hooks that are registered one after the other.

    Each has a way and, behind a colon, a kind other than ``function``. The ways are to ``append``, to ``prepend``, or
    only to ``remove`` again; and with a flag, which does not change the order: ``kwargs``, ``always``.
    """

    ways: tuple[str, ...]

    @classmethod
    def of(cls, *ways: str) -> Hooks:
        """Describe hooks that are registered in these ways, as far as torch has them: some have no ``prepend``."""
        known = inspect.signature(nn.Module.register_forward_hook).parameters
        drawn = [way.partition(":") for way in ways]
        return cls(
            tuple(
                f"{way if set(HOOK_FLAGS[way]) <= set(known) else 'append'}{colon}{kind}" for way, colon, kind in drawn
            )
        )

    def __repr__(self) -> str:
        return spelled(list(self.ways))

    def register(self, register_hook: Any, calls: list[Any], label: str) -> None:
        """Register them, with a method of a module.

        Parameters:
            register_hook: the method.
            calls: what each hook adds its label and its module to.
            label: what the labels begin with; a number follows.
        """
        hook: Any = None
        for name, way, kind in self._named(label):
            if kind != "again":
                hook = telling(calls, name, kind, register_hook.__self__)
            handle = register_hook(hook, **dict.fromkeys(_flags(way, label), True))
            if way == "remove":
                handle.remove()

    def registering(self, register_hook: str, calls: str, label: str) -> str:
        """Write the torch code that registers them, of code for what ``register`` takes, and a label."""
        lines, kinds = [], [kind for _, _, kind in self._named(label)]
        for (name, way, kind), following in zip(self._named(label), [*kinds[1:], ""], strict=True):
            how = "" if kind == "function" else f", {spelled(kind)}"
            owner = f", {register_hook.rpartition('.')[0]}" if kind in ("method", "partial") else ""
            hook = "twice" if kind == "again" else f"telling({calls}, {spelled(name)}{how}{owner})"
            if following == "again" and kind != "again":
                hook = f"twice := {hook}"
            flags = "".join(f", {flag}=True" for flag in _flags(way, label))
            lines.append(f"{register_hook}({hook}{flags})" + (".remove()" if way == "remove" else ""))
        return "\n".join(lines)

    def order(self, label: str) -> list[str]:
        """List the labels in the order in which the hooks run."""
        labels: list[str] = []
        for name, way, _ in self._named(label):
            if way != "remove":
                labels.insert(0 if "prepend" in way else len(labels), name)
        return labels

    def _named(self, label: str) -> Iterator[tuple[str, str, str]]:
        """Give the label, the way and the kind of each: that of the one before for one that is there ``again``."""
        name = ""
        for index, each in enumerate(self.ways):
            way, _, kind = each.partition(":")
            if kind == "again" and index == 0:
                kind = ""
            name = name if kind == "again" else f"{label} {index}"
            yield name, way, kind or "function"


def _flags(way: str, label: str) -> list[str]:
    """List the keyword arguments for a way; a pre-hook is never called always."""
    return [flag for flag in HOOK_FLAGS[way] if flag != "always_call" or "pre-hook" not in label]


@lru_cache(maxsize=1)
def registrations() -> st.SearchStrategy[Hooks]:
    """Draw how hooks are registered."""
    ways = [f"{way}:{kind}" if kind != "function" else way for kind in HOOK_KINDS for way in HOOK_FLAGS]
    return st.lists(st.sampled_from(ways), max_size=5).map(lambda drawn: Hooks.of(*drawn))
