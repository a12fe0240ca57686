"""Two passes over an index: who registers whom first, then only steps from which the module can be reached.

The smallest sequence of positions is the first path depth first, so a walk from the model takes the first child
that leads on. Where the model contains itself, what leads on is found anew without the modules already passed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from graphlib import CycleError, TopologicalSorter
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized


def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
    if model is module:
        return ""
    children, parents = _index(model)
    if id(module) not in parents:
        return None
    leading = _reaching(id(module), parents, frozenset())
    at, names, passed = id(model), list[str](), {id(model)}
    is_cyclic = _is_cyclic(parents)
    while at != id(module):
        if is_cyclic:
            leading = _reaching(id(module), parents, frozenset(passed))
        name, at = next((name, child) for name, child in children[at] if child in leading and child not in passed)
        names.append(name)
        passed.add(at)
    return prefix + ".".join(names)


def _is_cyclic(parents: dict[int, set[int]]) -> bool:
    try:
        TopologicalSorter(parents).prepare()
    except CycleError:
        return True
    return False


def _index(model: nn.Module) -> tuple[dict[int, list[tuple[str, int]]], dict[int, set[int]]]:
    """Give, by ``id``, the named children of every module, and the parents."""
    children: dict[int, list[tuple[str, int]]] = {}
    parents: dict[int, set[int]] = defaultdict(set)
    waiting = deque([model])
    while waiting:
        parent = waiting.popleft()
        if id(parent) in children:
            continue
        present = {name: child for name, child in parent._modules.items() if child is not None}
        children[id(parent)] = [(name, id(child)) for name, child in present.items()]
        for child in present.values():
            parents[id(child)].add(id(parent))
            waiting.append(child)
    return children, parents


def _reaching(module: int, parents: dict[int, set[int]], without: frozenset[int]) -> set[int]:
    """Give the modules from which one can be reached."""
    reaching, waiting = {module}, [module]
    while waiting:
        for parent in parents.get(waiting.pop(), set()) - reaching - without:
            reaching.add(parent)
            waiting.append(parent)
    return reaching


def fqn_to_module(model: nn.Module | None, path: str) -> Any:
    names = deque(path.split(".") if path else [])
    found: Any = model
    while names:
        try:
            found = getattr(found, names.popleft())
        except AttributeError:
            return None
    return found


def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
    backwards = tensor_fqn[::-1]
    name, _, above = backwards.partition(".")
    info = {"tensor_fqn": tensor_fqn, "module_fqn": above[::-1], "tensor_name": name[::-1]}
    return {**info, "module": fqn_to_module(model, info["module_fqn"])}


def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
    chains = module._modules.get("parametrizations") if is_parametrized(module) else None
    kinds: set[type] = set()
    for chain in chains.children() if chains is not None else ():
        kinds.update(type(each) for each in chain._modules.values())
    return any(issubclass(kind, parametrization) for kind in kinds)


def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
    kind = type(mod).__bases__[0] if is_parametrized(mod) else type(mod)
    devices: dict[torch.device, int] = defaultdict(int)
    if kind not in mapping:
        return mod
    for tensor in (*mod.buffers(), *mod.parameters()):
        devices[tensor.device] += 1
    if len(devices) > 1:
        raise AssertionError(f"tensors by device: {dict(devices)}")  # and from_dense has not run
    result: nn.Module = mapping[kind].from_dense(mod)
    for device in devices:
        result = result.to(device)
    if result is mod:
        return result
    kwargs, always = "_forward_hooks_with_kwargs", "_forward_hooks_always_called"
    for key, hook in mod._forward_hooks.items():
        flags = {"with_kwargs": key in getattr(mod, kwargs, ()), "always_call": key in getattr(mod, always, ())}
        result.register_forward_hook(hook, **{flag: True for flag, on in flags.items() if on})
    for key, pre_hook in mod._forward_pre_hooks.items():
        on = key in getattr(mod, "_forward_pre_hooks_with_kwargs", ())
        result.register_forward_pre_hook(pre_hook, **({"with_kwargs": on} if on else {}))
    return result


class FakeSparsity(nn.Module):
    """Puts the buffer where ``register_buffer`` would."""

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        self.mask: torch.Tensor
        self._buffers["mask"] = mask
        self._non_persistent_buffers_set.add("mask")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        sizes = zip(x.shape, self.mask.shape)  # noqa: B905
        if x.dim() != self.mask.dim() or any([a != b for a, b in sizes]):  # noqa: C419
            raise AssertionError(f"{x.shape} against {self.mask.shape}")
        return x.mul(self.mask)
