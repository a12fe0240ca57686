"""Judge an implementation of PyTorch's sparsifier utilities against their specification."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.4.0"

#: The public names, and where each is. They are imported on first use: pytest imports this package in every session.
_PUBLIC = {
    "Judgement": "results.records",
    "NotWritten": "api",
    "NothingRan": "api",
    "Outcome": "outcomes.outcome",
    "Result": "results.records",
    "Verdict": "results.records",
    "WrongUsage": "api",
    "judge": "api",
}
__all__ = ["Judgement", "NotWritten", "NothingRan", "Outcome", "Result", "Verdict", "WrongUsage", "judge"]

if TYPE_CHECKING:
    from .api import NothingRan, NotWritten, WrongUsage, judge
    from .outcomes.outcome import Outcome
    from .results.records import Judgement, Result, Verdict
else:

    def __getattr__(name: str) -> Any:
        """Return a public name, imported on first use.

        Raises:
            AttributeError: if there is no such name.
        """
        if name in _PUBLIC:
            return getattr(import_module(f".{_PUBLIC[name]}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return the names of the package, whether or not they have been imported."""
        return sorted({*globals(), *__all__})
