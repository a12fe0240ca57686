"""Faults of what holds for the six names together: what a look-up leaves behind, in a model or beyond it."""

from __future__ import annotations

import decimal
import gc
import logging
import os
import sys
import threading
import warnings
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

import sparsifier_reference as reference

from ..base import Fault

SIDE_EFFECTS = "interface/no-side-effects"


class LookingSortsBuffers(Fault, aims_at=SIDE_EFFECTS):
    """Keeps the buffers in the alphabet's order."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        model._buffers = dict(sorted(model._buffers.items()))
        return reference.module_to_fqn(model, module, prefix)


class LookingFlattens(Fault, aims_at=SIDE_EFFECTS):
    """Makes what it finds contiguous, in place, for whoever asks next."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = reference.fqn_to_module(model, path)
        if type(found) is nn.Parameter and not found.is_contiguous():
            found.data = found.data.contiguous()
        return found


class LookingNotesTheName(Fault, aims_at=SIDE_EFFECTS):
    """Writes on the tensor which name it was found by."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = reference.fqn_to_module(model, path)
        if isinstance(found, nn.Parameter):
            found.fqn = path  # type: ignore[attr-defined]
        return found


class LookingForgetsGradients(Fault, aims_at=SIDE_EFFECTS):
    """Clears the gradients of the module that it found."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        info = reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)
        if isinstance(info["module"], nn.Module):
            info["module"].zero_grad()
        return info


class LookingRenewsHooks(Fault, aims_at=SIDE_EFFECTS):
    """Copies the dict of hooks, so that the handles which were given out remove nothing."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        module._forward_hooks = type(module._forward_hooks)(module._forward_hooks)
        return reference.module_contains_param(module, parametrization)


class LookingTakesAnomaliesOff(Fault, aims_at=SIDE_EFFECTS, so_too=["get_arg_info_from_tensor_fqn/module-resolved"]):
    """Detects no anomalies while it looks, and never again."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        torch.autograd.set_detect_anomaly(False)
        return reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)


class LookingIsPrecise(Fault, aims_at=SIDE_EFFECTS):
    """Lets matrices be multiplied with less precision from then on."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        torch.set_float32_matmul_precision("medium")
        return reference.module_to_fqn(model, module, prefix)


class LookingStaysInAMode(Fault, aims_at=SIDE_EFFECTS, so_too=["interface/threads", "fqn_to_module/attributes"]):
    """Detects anomalies for the time of the look, and on if an error comes out of it."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        before = torch.is_anomaly_enabled()
        torch.autograd.set_detect_anomaly(True)
        found = reference.fqn_to_module(model, path)
        torch.autograd.set_detect_anomaly(before)
        return found


class LookingCollectsNothing(Fault, aims_at=SIDE_EFFECTS):
    """Stops the collection of garbage, which would slow it down."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        gc.disable()
        return reference.module_to_fqn(model, module, prefix)


class LookingSilences(
    Fault, aims_at=SIDE_EFFECTS, so_too=["interface/threads", "get_arg_info_from_tensor_fqn/module-resolved"]
):
    """Ignores warnings, its own and those of everybody else."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        warnings.simplefilter("ignore", FutureWarning)
        return reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)


class LookingSetsTheEnvironment(Fault, aims_at=SIDE_EFFECTS):
    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        os.environ["TORCH_SHOW_CPP_STACKTRACES"] = "1"
        return reference.module_contains_param(module, parametrization)


class LookingDigsDeep(Fault, aims_at=SIDE_EFFECTS):
    """Raises the recursion limit, and lowers it to what is usual."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        sys.setrecursionlimit(sys.getrecursionlimit() + 10_000)
        try:
            return reference.module_to_fqn(model, module, prefix)
        finally:
            sys.setrecursionlimit(1_234)


class LookingIsExact(Fault, aims_at=SIDE_EFFECTS, so_too=["fqn_to_module/attributes"]):
    """Lets decimal numbers have few digits, with which it needs no more."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        decimal.getcontext().prec = 12
        return reference.fqn_to_module(model, path)


class LookingIsPrivate(Fault, aims_at=SIDE_EFFECTS, so_too=["get_arg_info_from_tensor_fqn/module-resolved"]):
    """Lets files that are made from then on be the user's alone."""

    @staticmethod
    def get_arg_info_from_tensor_fqn(model: Any, tensor_fqn: str) -> Any:
        os.umask(0o077)
        return reference.get_arg_info_from_tensor_fqn(model, tensor_fqn)


class LookingTrustsAClass(Fault, aims_at=SIDE_EFFECTS):
    """Lets the class of what it looks into be loaded with weights."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        torch.serialization.add_safe_globals([type(model)])
        return reference.module_to_fqn(model, module, prefix)


class LookingSwitchesToAndFro(Fault, aims_at=SIDE_EFFECTS):
    """Switches with each call, so that nothing has changed after two."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        backends: Any = torch.backends.cuda
        backends.enable_flash_sdp(not backends.flash_sdp_enabled())
        return reference.module_contains_param(module, parametrization)


class LookingComputes(
    Fault,
    aims_at=SIDE_EFFECTS,
    so_too=["module_contains_param/parametrizations-only", "module_contains_param/any-tensor-any-position"],
):
    """Computes the tensors that it is asked about, whatever comes of it."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        for name in module.parametrizations if is_parametrized(module) else ():
            getattr(module, name)
        return reference.module_contains_param(module, parametrization)


class LookingIsNotLogged(Fault, aims_at=SIDE_EFFECTS):
    """Keeps quiet about what it does, and everybody else, too."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        logging.disable(logging.INFO)
        return reference.module_to_fqn(model, module, prefix)


class LookingShowsErrorsItsWay(Fault, aims_at=SIDE_EFFECTS, so_too=["fqn_to_module/attributes"]):
    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        sys.excepthook = print
        return reference.fqn_to_module(model, path)


class LookingNeedsALargerStack(Fault, aims_at=SIDE_EFFECTS):
    """Leaves the stack of new threads as large as deep recursion needs it."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        threading.stack_size(1 << 20)
        return reference.module_to_fqn(model, module, prefix)


class LookingShortensTracebacks(Fault, aims_at=SIDE_EFFECTS):
    """Lets errors be shown without the way to them."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        sys.tracebacklimit = 0
        return reference.module_contains_param(module, parametrization)


class LookingCollectsAgain(Fault, aims_at=SIDE_EFFECTS):
    """Spares itself the collection of garbage, and lets it be collected from then on."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        gc.disable()
        try:
            return reference.module_to_fqn(model, module, prefix)
        finally:
            gc.enable()


class LookingLogs(Fault, aims_at=SIDE_EFFECTS):
    """Says that nothing was found, by a function that sets logging up where nobody has."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        found = reference.fqn_to_module(model, path)
        if found is None:
            logging.warning("there is nothing at %r", path)
        return found


class LookingDebugsCheckpoints(Fault, aims_at=SIDE_EFFECTS):
    """Has checkpoints debugged from now on, which torch leaves open."""

    @staticmethod
    def module_contains_param(module: Any, parametrization: Any) -> bool:
        torch.utils.checkpoint._checkpoint_debug_enabled = True
        return reference.module_contains_param(module, parametrization)
