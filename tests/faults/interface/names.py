"""Faults of what holds for the six names together."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

import sparsifier_reference as reference

from ..base import Fault

PARAMETERS = "interface/parameters"
SIDE_EFFECTS = "interface/no-side-effects"


class NoArgInfo(Fault, aims_at="interface/names", so_too=["interface/*", "get_arg_info_from_tensor_fqn/*"]):
    """Leaves one of the six out."""

    get_arg_info_from_tensor_fqn: Any = None


#: What uses ``FakeSparsity`` as a class, and as one of modules.
OF_THE_CLASS = [
    "module_contains_param/subclass-instances-count",
    "module_contains_param/any-tensor-any-position",
    "module_contains_param/class-not-name",
    "interface/*",
    "FakeSparsity/*",
]


class FakeSparsityIsAFunction(Fault, aims_at="interface/names", so_too=OF_THE_CLASS):
    """Hides the class behind a function that makes instances."""

    @staticmethod
    def FakeSparsity(mask: Any) -> Any:
        return reference.FakeSparsity(mask)


class FakeSparsityIsNoModule(Fault, aims_at="interface/names", so_too=OF_THE_CLASS):
    class FakeSparsity:
        def __init__(self, mask: Any) -> None:
            self.mask = mask

        def __call__(self, x: Any) -> Any:
            return self.mask * x


class ModuleIsCalledLayer(Fault, aims_at=PARAMETERS):
    """As torch 1.10 called it."""

    @staticmethod
    def module_to_fqn(model: Any, layer: Any, prefix: str = "") -> Any:
        return reference.module_to_fqn(model, layer, prefix)


class PrefixByNameOnly(Fault, aims_at=PARAMETERS, so_too=["module_to_fqn/prefix-prepended"]):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, *, prefix: str = "") -> Any:  # type: ignore[override]
        return reference.module_to_fqn(model, module, prefix)


class PathByPositionOnly(Fault, aims_at=PARAMETERS):
    @staticmethod
    def fqn_to_module(model: Any, path: str, /) -> Any:
        return reference.fqn_to_module(model, path)


class TensorFqnIsCalledFqn(Fault, aims_at=PARAMETERS):
    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, fqn: str) -> Any:
        return reference.get_arg_info_from_tensor_fqn(model, fqn)


class ParametrizationIsCalledKind(Fault, aims_at=PARAMETERS):
    @staticmethod
    def module_contains_param(module: Any, kind: Any) -> bool:
        return reference.module_contains_param(module, kind)


class ModIsCalledModule(Fault, aims_at=PARAMETERS):
    @staticmethod
    def swap_module(module: Any, mapping: Any) -> Any:
        return reference.swap_module(module, mapping)


class MaskIsCalledTensor(Fault, aims_at=PARAMETERS):
    class FakeSparsity(reference.FakeSparsity):
        def __init__(self, tensor: Any) -> None:
            super().__init__(tensor)


class LookingSwitchesToEval(Fault, aims_at=SIDE_EFFECTS):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        model.training = False
        return reference.module_to_fqn(model, module, prefix)


class LookingCleansUp(Fault, aims_at=SIDE_EFFECTS):
    """Removes the children that are None, which are in its way."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        for name in [name for name, child in model._modules.items() if child is None]:
            del model._modules[name]
        return reference.module_to_fqn(model, module, prefix)


class LookingSorts(Fault, aims_at=SIDE_EFFECTS, so_too=["fqn_to_module/round-trip-module"]):
    """Moves what it found to the end of its parent, where it is found again at once."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = reference.fqn_to_module(model, path)
        if path in getattr(model, "_modules", {}):
            model._modules[path] = model._modules.pop(path)
        return found


class LookingDrawsNumbers(Fault, aims_at=SIDE_EFFECTS, so_too=["interface/threads", "fqn_to_module/attributes"]):
    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        torch.rand(1)
        return reference.fqn_to_module(model, path)


class LookingTurnsGradOff(Fault, aims_at=SIDE_EFFECTS):
    """Takes no gradients while it looks, and forgets to take them again."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        torch.set_grad_enabled(False)
        return reference.module_contains_param(module, parametrization)


class LookingSetsDtype(Fault, aims_at=SIDE_EFFECTS):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        torch.set_default_dtype(torch.float64)
        return reference.module_contains_param(module, parametrization)


class LookingFreezes(Fault, aims_at=SIDE_EFFECTS):
    """Turns ``requires_grad`` off for the tensors of the module that it found."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)
        for parameter in info["module"].parameters() if type(info["module"]) is nn.Linear else ():
            parameter.requires_grad_(False)
        return info


class LookingRegisters(Fault, aims_at=SIDE_EFFECTS):
    """Leaves a hook on the module that it found."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)
        if type(info["module"]) is nn.Linear:
            info["module"].register_forward_pre_hook(_print)
        return info


def _print(module: nn.Module, args: Any) -> None:
    print(type(module).__name__)


class LookingWrites(Fault, aims_at=SIDE_EFFECTS, so_too=["module_contains_param/unparametrized-is-false"]):
    """Sets the tensors of a module to zero on its way."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        with torch.no_grad():
            for tensor in [*module.parameters(), *module.buffers()]:
                tensor.zero_()
        return reference.module_contains_param(module, parametrization)
