"""Faults of ``module_to_fqn`` that take a module for one that it has met, or that is met elsewhere."""

from __future__ import annotations

from typing import Any

from torch import nn

from sparsifier_reference import module_to_fqn as right

from ..base import Fault

IT = "module_to_fqn"


class PathsByModule(Fault, aims_at=f"{IT}/path-of-descendant", so_too=[f"{IT}/equal-siblings-found"]):
    """Keeps the path of each module in a dict, where one takes the place of all that equal it."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        paths: dict[Any, str] = {}
        left = [(model, "")]
        while left:
            at, path = left.pop()
            if at in paths:
                continue
            paths[at] = path
            named = [(child, f"{path}.{name}" if path else name) for name, child in at._modules.items()]
            left += [each for each in reversed(named) if each[0] is not None]
        found = next((path for each, path in paths.items() if each is module), None)
        return prefix + found if found else found


class LooksInsideWrappers(Fault, aims_at=f"{IT}/not-a-descendant-is-none"):
    """Takes a wrapper that is not in the model for what it wraps."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        if path is None and isinstance(module, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            inside: Any = module._modules.get("module")
            return right(model, inside, prefix)
        return path


class LooksInsideWhatIsCompiled(Fault, aims_at=f"{IT}/not-a-descendant-is-none"):
    """Takes a compiled module that is not in the model for the one that was compiled."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        if path is None and type(module).__name__ == "OptimizedModule":
            return right(model, module._orig_mod, prefix)
        return path
