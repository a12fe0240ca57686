"""The six names stand on a class, as static methods and a nested class: ``static_class.py:Utilities`` finds them."""

from __future__ import annotations

from collections import deque
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

ATTRIBUTE = "Utilities"


class Utilities:
    """A namespace: nobody makes one."""

    class FakeSparsity(nn.Module):
        """Nested, so that pickle must find it by its qualified name."""

        def __init__(self, mask: torch.Tensor) -> None:
            super().__init__()
            self.mask: torch.Tensor
            self.register_buffer("mask", mask, persistent=False)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if torch.jit.is_scripting():  # type: ignore[attr-defined]
                return self.mask * x
            Utilities._require(x.shape == self.mask.shape, "mask and input", tuple(self.mask.shape), tuple(x.shape))
            return self.mask * x

    @staticmethod
    def _require(condition: bool, what: str, *differing: Any) -> None:
        if not condition:
            raise AssertionError(f"{what} must not differ: {', '.join(map(str, differing))}")

    @staticmethod
    def module_to_fqn(model: nn.Module, module: nn.Module, prefix: str = "") -> str | None:
        """Climb back from the module: of each, remember whose child it was when it was first entered."""
        if model is module:
            return ""
        entered: dict[int, tuple[int, str]] = {id(model): (0, "")}
        waiting = deque((id(model), name, child) for name, child in model._modules.items())
        while waiting:
            parent, name, child = waiting.popleft()
            if child is None or id(child) in entered:
                continue
            entered[id(child)] = (parent, name)
            if child is module:
                break
            waiting.extendleft((id(child), *each) for each in reversed(child._modules.items()))
        names: deque[str] = deque()
        at = id(module)
        while at in entered and at != id(model):
            at, name = entered[at]
            names.appendleft(name)
        return prefix + ".".join(names) if names else None

    @staticmethod
    def fqn_to_module(model: nn.Module | None, path: str) -> Any:
        found: list[Any] = [model]
        for name in path.split(".") if path else []:
            try:
                found.append(getattr(found[-1], name))
            except AttributeError:
                return None
        return found[-1]

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: nn.Module, tensor_fqn: str) -> dict[str, Any]:
        module_fqn, tensor_name = tensor_fqn.rsplit(".", 1) if "." in tensor_fqn else ("", tensor_fqn)
        return {
            "module_fqn": module_fqn,
            "module": Utilities.fqn_to_module(model, module_fqn),
            "tensor_name": tensor_name,
            "tensor_fqn": tensor_fqn,
        }

    @staticmethod
    def module_contains_param(module: nn.Module, parametrization: type[nn.Module]) -> bool:
        if not parametrize.is_parametrized(module):
            return False
        chains: Any = module.parametrizations
        return True in (isinstance(each, parametrization) for chain in chains.values() for each in chain)

    @staticmethod
    def swap_module(mod: nn.Module, mapping: dict[type[nn.Module], Any]) -> nn.Module:
        kind = parametrize.type_before_parametrizations(mod)
        if kind not in mapping:
            return mod
        result: nn.Module = mapping[kind].from_dense(mod)
        if result is not mod:
            Utilities._carry_hooks(mod, result)
        devices = {str(tensor.device) for tensors in (mod.parameters(), mod.buffers()) for tensor in tensors}
        Utilities._require(len(devices) < 2, "the devices of a module", *sorted(devices))
        for device in devices:
            result.to(device)
        return result

    @staticmethod
    def _carry_hooks(old: nn.Module, new: nn.Module) -> None:
        for kind, kept in (("forward_pre_hook", {}), ("forward_hook", {"always_call": "always_called"})):
            flags = {"with_kwargs": "with_kwargs", **kept}
            for key, hook in getattr(old, f"_{kind}s").items():
                on = {flag: True for flag, ids in flags.items() if key in getattr(old, f"_{kind}s_{ids}", ())}
                getattr(new, f"register_{kind}")(hook, **on)
