"""No function of its own under any name: objects that can be called, partial applications, bound methods, a class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, reduce
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

_NOTHING = object()


class _Finder:
    """Finds modules by a stack of what is left to enter."""

    def __init__(self, join: Callable[[Iterable[str]], str]) -> None:
        self.join = join

    def __call__(self, model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
        """Keep one stack of names, and enter a module only once."""
        done = {id(model)}
        stack: list[tuple[int, str, nn.Module]] = [(0, "", model)]
        names: list[str] = []
        while stack:
            depth, name, at = stack.pop()
            names[depth:] = [name]
            if at is module:
                return prefix + self.join(names[1:]) if depth else ""
            if depth and id(at) in done:
                continue
            done.add(id(at))
            stack += [(depth + 1, below, each) for below, each in [*at._modules.items()][::-1] if each is not None]
        return None


def _step(found: Any, name: str, *, otherwise: Any) -> Any:
    return otherwise if found is otherwise else getattr(found, name, otherwise)


def _walk(step: Callable[[Any, str], Any], nothing: Any, /, model: Any, path: str) -> Any:
    end = reduce(step, path.split("."), model) if path else model
    return None if end is nothing else end


class _Split(dict[str, Any]):
    """A class in place of a function: calling it makes the answer."""

    def __init__(self, model: nn.Module, tensor_fqn: str) -> None:
        above, _, name = tensor_fqn.rpartition(".")
        super().__init__(module_fqn=above, module=fqn_to_module(model, above), tensor_name=name, tensor_fqn=tensor_fqn)


class _Contains:
    @classmethod
    def look(cls, module: nn.Module, parametrization: type[nn.Module]) -> bool:
        chains: Any = module.parametrizations if is_parametrized(module) else {}
        return not all(not isinstance(each, parametrization) for name in chains for each in chains[name])


class _Swap:
    """Swaps modules, and carries these kinds of hooks."""

    def __init__(self, **kinds: tuple[str, ...]) -> None:
        self.kinds = kinds

    def __call__(self, mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
        target = mapping.get(type_before_parametrizations(mod), _NOTHING)
        return mod if target is _NOTHING else self._move(mod, self._carry(mod, target.from_dense(mod)))

    def _carry(self, old: nn.Module, new: nn.Module) -> nn.Module:
        for kind, flags in self.kinds.items() if old is not new else ():
            for key, hook in getattr(old, f"_{kind}s").items():
                given = {flag: True for flag in flags if key in getattr(old, f"_{kind}s_{_DICTS[flag]}", {})}
                getattr(new, f"register_{kind}")(hook, **given)
        return new

    def _move(self, old: nn.Module, new: nn.Module) -> nn.Module:
        devices = [tensor.device for tensor in [*old.buffers(), *old.parameters()]]
        for device in devices[1:]:
            if device != devices[0]:
                raise AssertionError(f"found both {device} and {devices[0]}")
        return new.to(devices[0]) if devices else new


_DICTS = {"with_kwargs": "with_kwargs", "always_call": "always_called"}


class FakeSparsity(nn.Module):
    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self.register_buffer("mask", mask, persistent=False)
        self.wrong = "mask {} does not fit input {}"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape != self.mask.shape:
            raise AssertionError(self.wrong.format(self.mask.shape, x.shape))
        return x * self.mask


module_to_fqn = _Finder(".".join)
fqn_to_module = partial(_walk, partial(_step, otherwise=_NOTHING), _NOTHING)
get_arg_info_from_tensor_fqn = _Split
module_contains_param = _Contains.look
swap_module = _Swap(forward_pre_hook=("with_kwargs",), forward_hook=("with_kwargs", "always_call"))
