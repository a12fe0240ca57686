"""An object whose six names are bound anew each time one is asked for, and a class that a function makes.

No two look-ups of a name give the same method; the class stays one, and is found by ``pickle`` under its own name.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from types import MethodType
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

ATTRIBUTE = "utilities"
_Hooks = tuple[str, Callable[..., Any], dict[str, bool]]


def _made() -> type[nn.Module]:
    def __init__(self: nn.Module, mask: torch.Tensor) -> None:
        nn.Module.__init__(self)
        nn.Module.register_buffer(self, name="mask", tensor=mask, persistent=False)

    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError("the mask and the input differ in shape: " + str([self.mask.shape, x.shape]))
        return torch.multiply(self.mask, x)

    return type("FakeSparsity", (nn.Module,), {"__init__": __init__, "forward": forward, "__module__": __name__})


FakeSparsity = _made()


@lru_cache(maxsize=None)  # noqa: UP033
def _split(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


class _One:
    """What is done for one module or model; made for a single call."""

    def __init__(self, module: Any) -> None:
        self.module = module

    @cached_property
    def tree(self) -> dict[int, tuple[int | None, str]]:
        """Map each module to the one through which it is first found, and its name there."""
        tree: dict[int, tuple[int | None, str]] = {}
        waiting: list[tuple[int | None, str, nn.Module]] = [(None, "", self.module)]
        while waiting:
            above, name, at = waiting.pop()
            if id(at) not in tree:
                tree[id(at)] = above, name
                items = reversed(list(at._modules.items()))
                waiting.extend((id(at), name, child) for name, child in items if child is not None)
        return tree

    def path_of(self, module: Any) -> str | None:
        at = id(module)
        if at not in self.tree:
            return None
        names = []
        while (above := self.tree[at][0]) is not None:
            names.append(self.tree[at][1])
            at = above
        return ".".join(names[::-1])

    @cached_property
    def devices(self) -> OrderedDict[torch.device, None]:
        return OrderedDict((tensor.device, None) for tensor in (*self.module.buffers(), *self.module.parameters()))

    @property
    def hooks(self) -> Iterator[_Hooks]:
        flags = {"with_kwargs": "with_kwargs", "always_call": "always_called"}
        for kind in ("forward_hook", "forward_pre_hook"):
            for key, hook in getattr(self.module, f"_{kind}s").items():
                on = {flag for flag, end in flags.items() if key in getattr(self.module, f"_{kind}s_{end}", ())}
                yield f"register_{kind}", hook, dict.fromkeys(on, True)


class _Utilities:
    FakeSparsity = FakeSparsity

    def __getattr__(self, name: str) -> Any:
        function = globals().get(f"_{name}")
        if name.startswith("_") or function is None:
            raise AttributeError(name)
        return MethodType(function, self)

    def __dir__(self) -> list[str]:
        names = ("module_to_fqn", "fqn_to_module", "get_arg_info_from_tensor_fqn", "module_contains_param")
        return [*super().__dir__(), *names, "swap_module"]


def _module_to_fqn(self: Any, model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    path = _One(model).path_of(module)
    return prefix + path if path is not None and module is not model else path


def _fqn_to_module(self: Any, model: nn.Module | None, path: str) -> Any:
    at: Any = model
    for name in _split(path):
        try:
            at = getattr(at, name)
        except AttributeError:
            break
    else:
        return at
    return None


def _get_arg_info_from_tensor_fqn(self: Any, model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    above = ".".join(_split(tensor_fqn)[:-1])
    info: dict[str, Any] = OrderedDict(module=self.fqn_to_module(model, above), module_fqn=above)
    info["tensor_name"] = tensor_fqn.removeprefix(above + "." if "." in tensor_fqn else "")
    info["tensor_fqn"] = tensor_fqn
    return info


def _module_contains_param(self: Any, module: nn.Module, parametrization: type[nn.Module]) -> bool:
    lists: Any = module.parametrizations if is_parametrized(module) else nn.ModuleDict()
    kinds = {type(each) for listed in lists.values() for each in listed}
    return any(parametrization in kind.mro() for kind in kinds)


def _swap_module(self: Any, mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind, old = type_before_parametrizations(mod), _One(mod)
    if kind not in mapping:
        return mod
    if len(old.devices) > 1:
        raise AssertionError("on several devices: " + ", ".join(map(str, old.devices)))
    hooks = list(old.hooks)
    new: nn.Module = mapping[kind].from_dense(mod)
    if new is mod:
        return new
    for register, hook, flags in hooks:
        getattr(new, register)(hook, **flags)
    return new.to(next(iter(old.devices))) if old.devices else new


utilities = _Utilities()
