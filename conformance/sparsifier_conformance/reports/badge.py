"""A badge that says what the results come to: as SVG, or as what shields.io draws one from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..outcomes.outcome import Outcome
from ..results.records import Judgement, Result, Verdict

LABEL = "sparsifier conformance"
_GREEN, _YELLOW, _RED = "#1a7f37", "#8a6100", "#b3261e"
_COLOURS = {
    Verdict.CONFORMS_IN_FULL: _GREEN,
    Verdict.CONFORMS: _GREEN,
    Verdict.INCOMPLETE: _YELLOW,
    Verdict.DOES_NOT_CONFORM: _RED,
}
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">
<title>{label}: {message}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#454a50"/>\
<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="7" y="14" textLength="{label_length}">{label}</text>
<text x="{message_x}" y="14" textLength="{message_length}">{message}</text>
</g>
</svg>
"""
_PIXELS_A_LETTER = 6.6


def svg(results: Sequence[Result], refused: int = 0) -> str:
    """Draw the badge.

    Parameters:
        results: at least one.
        refused: how many more there should have been.
    """
    message, colour = _says(results, refused)
    label_length, message_length = round(len(LABEL) * _PIXELS_A_LETTER), round(len(message) * _PIXELS_A_LETTER)
    left, right = label_length + 14, message_length + 14
    return _SVG.format(
        label=LABEL,
        message=message,
        colour=colour,
        left=left,
        right=right,
        width=left + right,
        label_length=label_length,
        message_length=message_length,
        message_x=left + 7,
    )


def endpoint(results: Sequence[Result], refused: int = 0) -> str:
    """Write the JSON that shields.io draws the badge from, which it calls an endpoint.

    Parameters:
        results: at least one.
        refused: how many more there should have been.
    """
    message, colour = _says(results, refused)
    return json.dumps({"schemaVersion": 1, "label": LABEL, "message": message, "color": colour.strip("#")}) + "\n"


def _says(results: Sequence[Result], refused: int) -> tuple[str, str]:
    """Give the message and the colour: never better than the worst of the results."""
    verdicts = [result.verdict for result in results]
    worst = max(verdicts, key=list(_COLOURS).index)
    colour = _COLOURS[worst]
    conforming = sum(_COLOURS[verdict] == _GREEN for verdict in verdicts)
    total = len(verdicts) + refused
    message = worst.value if total == 1 or conforming == total else f"{conforming} of {total} conform"
    known = any(each.level == "MUST" and each.outcome is Outcome.EXPECTED_FAILURE for each in _all(results))
    if conforming and any(result.partial or result.selection.level == "MUST" for result in results):
        message += " (in part)"
    elif conforming and known:
        message += " (but for expected failures)"
    return message, _YELLOW if colour == _GREEN and (refused or known) else colour


def _all(results: Sequence[Result]) -> Iterator[Judgement]:
    for result in results:
        yield from result.requirements
