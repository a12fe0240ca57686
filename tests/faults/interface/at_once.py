"""Faults of what holds for the six names together: what two threads write to and read in the same place."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import torch
from torch.nn.utils import parametrize

import sparsifier_reference as reference

from ..base import Fault


class OneFinderForAll(Fault, aims_at="interface/threads"):
    """Is an object, which knows how far it has come."""

    here: ClassVar[Any] = None

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        finder = OneFinderForAll
        finder.here = model
        for name in path.split(".") if path else ():
            try:
                value = getattr(finder.here, name)
            except AttributeError:
                return None
            finder.here = value
        return finder.here


class OneListOfPaths(Fault, aims_at="interface/threads"):
    """Collects paths in a list that it keeps, once all modules are known."""

    paths: ClassVar[list[Any]] = []

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = reference.module_to_fqn(model, module, prefix)
        paths = OneListOfPaths.paths
        paths.clear()
        paths.append(path)
        return paths[0] if paths else None


class OneGeneratorForAll(Fault, aims_at="interface/threads"):
    """Keeps the walk that it is on."""

    walk: ClassVar[Any] = None

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = reference.module_to_fqn(model, module, prefix)
        OneGeneratorForAll.walk = (each for each in [path])
        return next(OneGeneratorForAll.walk, None)


class OneDictForAll(Fault, aims_at="interface/threads"):
    """Fills in the same dict each time, and gives a copy."""

    info: ClassVar[dict[str, Any]] = {}

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        found, info = reference.get_arg_info_from_tensor_fqn(model, tensor_fqn), OneDictForAll.info
        for name, value in found.items():
            info[name] = value
        return dict(info)


class OneAnswerForAll(Fault, aims_at="interface/threads"):
    """Notes the answer in one place while it looks."""

    found: ClassVar[bool] = False

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> Any:
        OneAnswerForAll.found = False
        if parametrize.is_parametrized(module):
            for chain in module.parametrizations.values():
                if any(isinstance(each, parametrization) for each in chain):
                    OneAnswerForAll.found = True
        return OneAnswerForAll.found


class OneResultForAll(Fault, aims_at="interface/threads"):
    """Notes the result in one place before it gives it."""

    result: ClassVar[Any] = None

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = reference.swap_module(mod, mapping)
        OneResultForAll.result = result
        return OneResultForAll.result


class OneProductForAll(Fault, aims_at="interface/threads", so_too=["FakeSparsity/*"]):
    """Keeps its products in one place, for all modules of the class."""

    class FakeSparsity(reference.FakeSparsity):
        product: Any = None

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            kind = OneProductForAll.FakeSparsity
            kind.product = super().forward(x)
            product: torch.Tensor = kind.product
            kind.product = None
            return product


class OneClassForAll(Fault, aims_at="interface/threads"):
    """Notes the class that is asked for, which a helper looks for."""

    wanted: ClassVar[Any] = object

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> Any:
        OneClassForAll.wanted = parametrization
        if not parametrize.is_parametrized(module):
            return False
        for chain in module.parametrizations.values():
            for each in chain:
                if isinstance(each, OneClassForAll.wanted):
                    return True
        return False


class OnePrefixForAll(Fault, aims_at="interface/threads"):
    """Notes the prefix until the path is known."""

    prefix: ClassVar[str] = ""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        OnePrefixForAll.prefix = prefix
        path = reference.module_to_fqn(model, module)
        return OnePrefixForAll.prefix + path if path else path


class OneTargetForAll(Fault, aims_at="interface/threads", so_too=["swap_module/from-dense-errors-propagate"]):
    """Notes what a module is to be swapped for."""

    target: ClassVar[Any] = None

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        kind = parametrize.type_before_parametrizations(mod)
        OneTargetForAll.target = None
        if kind in mapping:
            OneTargetForAll.target = mapping[kind]
        target = OneTargetForAll.target
        return mod if target is None else reference.swap_module(mod, {kind: target})


class OneSetOfDevices(Fault, aims_at="interface/threads", so_too=["swap_module/rejected-under-O"]):
    """Collects the devices of a module in a set that it keeps."""

    devices: ClassVar[set[Any]] = set()

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = reference.swap_module(mod, mapping)
        devices = OneSetOfDevices.devices
        devices.clear()
        for tensor in mod.parameters():
            devices.add(tensor.device)
        if result is not mod and len(devices) > 1:
            raise AssertionError("a module to swap must be on one device")
        return result


class SeenByAll(Fault, aims_at="interface/threads", so_too=["interface/reentrant"]):
    """Notes in one place which modules were seen."""

    seen: ClassVar[set[int]] = set()

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        seen = SeenByAll.seen
        seen.clear()
        to_come = [("", model)]
        while to_come:
            path, here = to_come.pop()
            if here is module:
                return prefix + path[1:] if path else ""
            if id(here) in seen:
                continue
            seen.add(id(here))
            children = [(f"{path}.{name}", child) for name, child in here._modules.items() if child is not None]
            to_come.extend(reversed(children))
        return None


class BusyForOthers(Fault, aims_at="interface/threads", so_too=["interface/reentrant"]):
    """Looks for nothing while another call does, if it had begun before."""

    busy: ClassVar[bool] = False

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> Any:
        if BusyForOthers.busy:
            return False
        BusyForOthers.busy = True
        try:
            return reference.module_contains_param(module, parametrization)
        finally:
            BusyForOthers.busy = False


class SilentMeanwhile(Fault, aims_at="interface/threads"):
    """Ignores warnings while it looks, by filters that all threads have."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return reference.module_to_fqn(model, module, prefix)
