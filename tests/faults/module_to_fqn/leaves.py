"""Faults of ``module_to_fqn`` that take some modules for no modules of their own, or look at them as values."""

from __future__ import annotations

from typing import Any

from torch import fx, nn
from torch.ao import quantization
from torch.ao.nn import intrinsic
from torch.optim import swa_utils

from sparsifier_reference import module_to_fqn as right

from ..base import Fault

PATH = "module_to_fqn/path-of-descendant"


def _with_leaves(leaves: tuple[type, ...]) -> Any:
    """Make a ``module_to_fqn`` that finds nothing below some modules."""

    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        names = (path or "").removeprefix(prefix).split(".")[:-1]
        for name in names:
            if isinstance(model, leaves):
                return None
            model = model._modules[name]
        return None if names and isinstance(model, leaves) else path

    return staticmethod(module_to_fqn)


class FusedModulesAreLeaves(Fault, aims_at=PATH, so_too=["module_to_fqn/deep-models"]):
    """Stops where a tool that quantizes would."""

    module_to_fqn: Any = _with_leaves((intrinsic.ConvReLU2d, intrinsic.LinearReLU))


class GraphsAreLeaves(Fault, aims_at=PATH, so_too=["module_to_fqn/deep-models"]):
    """Stops where a tool that traces has been."""

    module_to_fqn: Any = _with_leaves((fx.GraphModule,))


class ComparesWithNone(Fault, aims_at=PATH):
    """Asks the module itself whether it is None."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return None if module == None else right(model, module, prefix)  # noqa: E711


class HashesWhatIsLookedFor(Fault, aims_at="module_to_fqn/not-a-descendant-is-none"):
    """Looks a module up in a table, as if all that may be asked for could be a key."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        return None if module in {None} else right(model, module, prefix)


class ParametrizationsAreLeaves(
    Fault, aims_at="module_to_fqn/parametrizations-reached", so_too=[PATH, "module_to_fqn/deep-models"]
):
    """Takes a parametrization for one piece."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        above = [nn.Module(), model]
        for name in (path or "").removeprefix(prefix).split(".")[:-1] if path else ():
            above.append(above[-1]._modules[name])
        return None if any(isinstance(each, nn.utils.parametrize.ParametrizationList) for each in above[:-1]) else path


class AveragesAreLeaves(Fault, aims_at=PATH):
    """Takes an average of models for one piece."""

    module_to_fqn: Any = _with_leaves((swa_utils.AveragedModel,))


class QuantizedModelsAreLeaves(Fault, aims_at=PATH):
    """Takes what is between stubs for one piece."""

    module_to_fqn: Any = _with_leaves((quantization.QuantWrapper,))


class ReplicasAreLeaves(Fault, aims_at=PATH):
    """Takes for one piece what runs on several devices."""

    module_to_fqn: Any = _with_leaves((nn.parallel.DistributedDataParallel,))


class CompiledIsUnwrapped(Fault, aims_at=PATH):
    """Names what is in a compiled module as if it were not compiled."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        path = right(model, module, prefix)
        kept, at = [], model
        for name in (path or "").removeprefix(prefix).split(".") if path else ():
            if type(at).__name__ != "OptimizedModule":
                kept.append(name)
            at = at._modules[name]
        return prefix + ".".join(kept) if path else path
