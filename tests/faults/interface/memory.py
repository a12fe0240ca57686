"""Faults of a look-up that looks at Python's memory, or at how TorchScript runs."""

from __future__ import annotations

import tracemalloc
from typing import Any

import torch

import sparsifier_reference as reference

from ..base import Fault

SIDE_EFFECTS = "interface/no-side-effects"


class LookingTracesMemory(Fault, aims_at=SIDE_EFFECTS):
    """Measures how much memory a look-up takes, and goes on measuring."""

    @staticmethod
    def fqn_to_module(model: Any, path: str) -> Any:
        tracemalloc.start()
        return reference.fqn_to_module(model, path)


class LookingStopsProfiling(Fault, aims_at=SIDE_EFFECTS):
    """Lets TorchScript specialise nothing while it looks, and forgets how that was before."""

    @staticmethod
    def module_to_fqn(model: Any, module: Any, prefix: str = "") -> Any:
        set_profiling: Any = torch._C._jit_set_profiling_mode
        set_profiling(False)
        try:
            return reference.module_to_fqn(model, module, prefix)
        finally:
            set_profiling(True)
