"""Implementations that harm whoever runs them. Each is the reference but for one name, and one idea."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
import warnings
from typing import Any, ClassVar

import torch
from torch import nn

import sparsifier_reference


class Reference:
    """The six names of the reference; here, so that the command can take this file as it stands."""

    module_contains_param = staticmethod(sparsifier_reference.module_contains_param)
    swap_module = staticmethod(sparsifier_reference.swap_module)
    module_to_fqn = staticmethod(sparsifier_reference.module_to_fqn)
    fqn_to_module = staticmethod(sparsifier_reference.fqn_to_module)
    get_arg_info_from_tensor_fqn = staticmethod(sparsifier_reference.get_arg_info_from_tensor_fqn)
    FakeSparsity: Any = sparsifier_reference.FakeSparsity


class EndlessLoop(Reference):
    """It leaves the processor to whatever else is tested meanwhile."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        while True:
            time.sleep(0.01)


class ChangesTheDtype(Reference):
    """Correct, but it changes the default dtype, and notes which one there was when each layer was given."""

    seen: ClassVar[list[torch.dtype]] = []

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        if isinstance(model, nn.Linear):
            ChangesTheDtype.seen.append(torch.get_default_dtype())
        torch.set_default_dtype(torch.float64)
        return sparsifier_reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)


class EndsTheProcess(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        os._exit(0)


class SegmentationFault(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return bool(ctypes.string_at(0))


class Exits(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        sys.exit(0)


class Interrupts(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        raise KeyboardInterrupt


class UnboundedRecursion(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        return UnboundedRecursion.module_contains_param(module, parametrization)


class EatsMemory(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        eaten = []
        while True:
            eaten.append(bytearray(2**26))


class Skips(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        import pytest

        pytest.skip("not applicable: says the implementation")


class EndsTheSession(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        import pytest

        pytest.exit("says the implementation", returncode=0)


class UnprintableError(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        class Unprintable(Exception):
            def __str__(self) -> str:
                raise ValueError

        raise Unprintable


class UnprintableResult(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> Any:
        class Unprintable:
            def __repr__(self) -> str:
                raise KeyboardInterrupt

        return Unprintable()


class EndlessResult(Reference):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> Any:
        class Endless:
            def __repr__(self) -> str:
                return "x" * 10_000_000

        return Endless()


class NotCallable(Reference):
    module_contains_param: Any = "a string"


class NoClass(Reference):
    @staticmethod
    def FakeSparsity(mask: Any) -> Any:
        return sparsifier_reference.FakeSparsity(mask)


class Str(str):
    """Text of its own kind."""


class LyingStr(str):
    """Text that says it equals everything."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


class EndsTheProcessUnderO(Reference):
    """Correct, but where asserts are removed it ends its process."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        return sparsifier_reference.swap_module(mod, mapping) if __debug__ else os._exit(7)


class EndlessLoopUnderO(Reference):
    """Correct, but where asserts are removed it never ends."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        while not __debug__:
            time.sleep(0.01)
        return sparsifier_reference.swap_module(mod, mapping)


class SubclassOfStr(Reference):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = sparsifier_reference.module_to_fqn(model, module, prefix)
        return None if path is None else Str(path)


class LyingText(Reference):
    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return LyingStr("x")


class Chatter(Reference):
    """Correct, but prints megabytes."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        print("x" * 1_000_000)
        print("x" * 1_000_000, file=sys.stderr)
        os.write(1, b"y" * 1_000_000)
        return sparsifier_reference.module_contains_param(module, parametrization)


class LeavesThreads(Reference):
    """Correct, but leaves threads running."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        threading.Thread(target=time.sleep, args=(10_000,)).start()
        return sparsifier_reference.module_contains_param(module, parametrization)


class ChangesGlobalState(Reference):
    """Correct, but leaves nothing global as it was."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        torch.set_default_dtype(torch.float64)
        torch.manual_seed(1)
        torch.set_grad_enabled(False)
        torch.set_num_threads(torch.get_num_threads() + 1)
        warnings.simplefilter("error")
        os.environ["CHANGED"] = "1"
        sys.setrecursionlimit(200)
        os.chdir("/")
        return sparsifier_reference.swap_module(mod, mapping)


class PatchesModule(Reference):
    """Correct, but leaves ``nn.Module`` broken."""

    @staticmethod
    def swap_module(mod: Any, mapping: Any) -> Any:
        result = sparsifier_reference.swap_module(mod, mapping)
        nn.Module.named_modules = None  # type: ignore[assignment]
        nn.Module.extra = 1  # type: ignore[attr-defined]
        nn.modules.module.register_module_forward_hook(lambda *args: print(absent))  # type: ignore[name-defined]  # noqa: F821
        return result


class DeletesSubmodules(Reference):
    """Finds the right answer, and deletes a submodule of the model it was given."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = sparsifier_reference.module_to_fqn(model, module, prefix)
        model._modules.popitem()
        return path
