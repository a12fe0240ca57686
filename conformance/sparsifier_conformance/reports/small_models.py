"""What a result says of the small models, every one of which some checks go through."""

from __future__ import annotations

from ..checking.models.small import small_models
from ..results.records import Result
from ..text import counted


def in_words(result: Result) -> str:
    """Return how many small models were tried, and for which requirements not all of them; empty if none was."""
    tried = result.small_models
    if tried is None or len(tried.unfinished) == tried.checks:
        return ""
    number = sum(map(len, small_models(result.exhaustive)))
    words = f"all {counted(number, 'model')} of up to {counted(result.exhaustive, 'module')}"
    if not tried.unfinished:
        return words
    return f"{words} ({', '.join(dict.fromkeys(tried.unfinished))} ended before the last)"


def told(result: Result) -> str:
    """Return the same, or that no small model was tried, or that a result of an earlier version does not say."""
    return in_words(result) or ("none" if result.small_models is not None else "not said")
