"""Judge an implementation of PyTorch's sparsifier utilities against their specification."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.3.0"
__all__ = ["Judgement", "NothingRan", "Outcome", "Result", "Verdict", "WrongUsage", "judge"]

if TYPE_CHECKING:
    from .api import NothingRan, WrongUsage, judge
    from .results.records import Judgement, Outcome, Result, Verdict
else:

    def __getattr__(name: str) -> Any:
        """Import what is asked for: the plugin imports this package in every session of pytest."""
        if name in __all__:
            module = "api" if name in ("NothingRan", "WrongUsage", "judge") else "results.records"
            return getattr(import_module(f".{module}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
