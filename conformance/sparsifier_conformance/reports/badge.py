"""A badge that shows what the results come to: the JSON of an "endpoint", from which shields.io draws it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..results.records import Result, Verdict
from ..results.verdict import BEST_FIRST, is_limited

LABEL = "sparsifier conformance"
_GREEN, _YELLOW, _RED = "1a7f37", "8a6100", "b3261e"
_COLOURS = {Verdict.INCOMPLETE: _YELLOW, Verdict.DOES_NOT_CONFORM: _RED}


#: No badge is as long, and every result is longer.
_LONGEST = 400


def is_badge(path: Path) -> bool:
    """Return whether a file holds a badge that was written here, and not a result."""
    try:
        document = json.loads(path.read_bytes()) if path.stat().st_size < _LONGEST else None
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and "schemaVersion" in document and document.get("label") == LABEL


def endpoint(results: Sequence[Result], refused: int = 0) -> str:
    """Return the JSON of a badge, which is never better than the worst of the results.

    Parameters:
        results: at least one.
        refused: how many more there should have been.
    """
    worst = max((result.verdict for result in results), key=BEST_FIRST.index)
    conforming = sum(result.verdict not in _COLOURS for result in results)
    total, colour = len(results) + refused, _COLOURS.get(worst, _GREEN)
    message = worst.value if total == 1 or conforming == total else f"{conforming} of {total} conform"
    if conforming and any(result.partial or result.selection.level == "MUST" for result in results):
        message += " (in part)"
    elif conforming and any(map(is_limited, results)):
        message += " (except for expected failures)"
    if colour == _GREEN and (refused or any(map(is_limited, results))):
        colour = _YELLOW
    return json.dumps({"schemaVersion": 1, "label": LABEL, "message": message, "color": colour}) + "\n"
