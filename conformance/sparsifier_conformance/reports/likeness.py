"""Which known implementations a result is like, in words."""

from __future__ import annotations

from ..results.known import likeness
from ..results.records import Result
from ..text import counted

#: Of the requirements that differ, more than this are counted and not named.
MOST_NAMED = 3


def in_words(result: Result) -> str:
    """Return which known implementations a result is like, and how far; empty if there is nothing to say."""
    found = likeness(result)
    if found is None:
        return ""
    words = found.names
    if found.number:
        is_short = len(found.but_for) == found.number <= MOST_NAMED
        words += f", but for {', '.join(found.but_for) if is_short else counted(found.number, 'requirement')}"
    if found.compared == found.every and found.same_devices:
        return words
    limits = (
        [] if found.compared == found.every else [f"{found.compared} of {counted(found.every, 'requirement')} compared"]
    )
    if not found.same_devices:
        limits.append(f"on {', '.join(result.environment.devices) or 'no device'}")
    return f"{words} ({', '.join(limits)})"
