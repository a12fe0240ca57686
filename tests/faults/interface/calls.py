"""Faults of what holds for the six names together: what is meant for another call."""

from __future__ import annotations

import threading
from typing import Any, ClassVar

import torch
from torch import nn

import sparsifier_reference as reference

from ..base import Fault


class OneWalkForAll(Fault, aims_at="interface/reentrant", so_too=["interface/threads"]):
    """Keeps where the walk stands in one place."""

    stack: ClassVar[list[Any]] = []

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        if module is model:
            return ""
        if not isinstance(module, nn.Module):
            return None
        stack = OneWalkForAll.stack
        stack[:] = [("", model)]
        seen = set()
        while stack:
            path, each = stack.pop()
            if each is module:
                return prefix + path
            if id(each) in seen:
                continue
            seen.add(id(each))
            children = [(name, child) for name, child in each._modules.items() if child is not None]
            stack += [(f"{path}.{name}" if path else name, child) for name, child in reversed(children)]
        return None


class OnePathForAll(Fault, aims_at="interface/reentrant", so_too=["interface/threads"]):
    """Keeps the position in the path in one place."""

    position: ClassVar[int] = 0

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        names = path.split(".") if path else []
        OnePathForAll.position = 0
        while OnePathForAll.position < len(names):
            try:
                model = getattr(model, names[OnePathForAll.position])
            except AttributeError:
                return None
            OnePathForAll.position += 1
        return model


class SameCallIsNothing(Fault, aims_at="interface/reentrant"):
    """Gives nothing for a path that is being followed already, lest it never end."""

    followed: ClassVar[set[Any]] = set()

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        key = threading.get_ident(), id(model), path
        if key in SameCallIsNothing.followed:
            return None
        SameCallIsNothing.followed.add(key)
        try:
            return reference.fqn_to_module(model, path)
        finally:
            SameCallIsNothing.followed.discard(key)


class BusyIsNothing(Fault, aims_at="interface/reentrant"):
    """Takes a call during a call for an endless one, and ends it."""

    busy = threading.local()

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        busy = BusyIsNothing.busy
        info = {"module_fqn": tensor_fqn.rpartition(".")[0], "module": None}
        if not getattr(busy, "now", False):
            busy.now = True
            try:
                info = reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)
            finally:
                busy.now = False
        return {**info, "tensor_name": tensor_fqn.rpartition(".")[2], "tensor_fqn": tensor_fqn}


class SharedBetweenThreads(Fault, aims_at="interface/threads"):
    """Keeps what was asked where each call within a call has its own place, but each thread has not."""

    asked: ClassVar[dict[int, Any]] = {}
    depth = threading.local()

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        asked, depth = SharedBetweenThreads.asked, SharedBetweenThreads.depth
        depth.value = getattr(depth, "value", 0) + 1
        asked[depth.value] = model, path
        try:
            found = reference.fqn_to_module(model, path)
            now_asked = asked[depth.value]
            return found if now_asked[0] is model else reference.fqn_to_module(*now_asked)
        finally:
            depth.value -= 1


class BusyWithTheModel(Fault, aims_at="interface/reentrant"):
    """Takes a call during one about the same model for an endless one, and ends it."""

    busy = threading.local()

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        models = vars(BusyWithTheModel.busy).setdefault("models", [])
        if any(each is model for each in models):
            return {**reference.get_arg_info_from_tensor_fqn(model, tensor_fqn), "module": None}
        models.append(model)
        try:
            return reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)
        finally:
            models.pop()


class OneSwapForAll(Fault, aims_at="interface/reentrant", so_too=["interface/threads"]):
    """Keeps in one place which module is swapped, and carries the hooks of that one."""

    swapped: ClassVar[Any] = None

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        OneSwapForAll.swapped = mod
        result = reference.swap_module(mod, mapping)
        if OneSwapForAll.swapped is not mod and result is not mod:
            result._forward_hooks.clear()
        return result


class SwapsOneAtATime(Fault, aims_at="interface/reentrant", so_too=["interface/threads"]):
    """Takes a call during a call for an endless one, and leaves the module as it is."""

    busy: ClassVar[list[Any]] = []

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        busy = SwapsOneAtATime.busy
        if busy:
            return mod
        busy.append(mod)
        try:
            return reference.swap_module(mod, mapping)
        finally:
            busy.clear()


class SwapsOfThreadsMeet(Fault, aims_at="interface/threads"):
    """Keeps what is swapped where each call within a call has its own place, but each thread has not."""

    swapped: ClassVar[dict[int, Any]] = {}
    depth = threading.local()

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        swapped, depth = SwapsOfThreadsMeet.swapped, SwapsOfThreadsMeet.depth
        depth.value = getattr(depth, "value", 0) + 1
        swapped[depth.value] = mod
        try:
            result = reference.swap_module(mod, mapping)
            if swapped[depth.value] is not mod:
                result._forward_hooks.clear()
            return result
        finally:
            depth.value -= 1


class MasksOneAtATime(Fault, aims_at="interface/reentrant"):
    """Takes a call during a call for an endless one, and does not mask."""

    busy = threading.local()

    class FakeSparsity(reference.FakeSparsity):
        def __call__(self, x: Any) -> Any:
            busy = MasksOneAtATime.busy
            if torch.compiler.is_compiling() or not getattr(busy, "now", False):
                busy.now = True
                try:
                    return super().__call__(x)
                finally:
                    busy.now = False
            return x


class SwapsNothingWithinItsSwap(Fault, aims_at="interface/reentrant"):
    """Returns a module whose swap has begun, lest ``from_dense`` go round in circles; each thread for itself."""

    begun: ClassVar[Any] = threading.local()

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        begun = vars(SwapsNothingWithinItsSwap.begun).setdefault("ids", set())
        if id(mod) in begun:
            return mod
        begun.add(id(mod))
        try:
            return reference.swap_module(mod, mapping)
        finally:
            begun.discard(id(mod))
