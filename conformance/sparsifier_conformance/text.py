"""Text for a terminal: made safe whatever its origin, laid out, and what may have been meant by a wrong name."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable, Iterable
from difflib import get_close_matches

#: Control and format characters, surrogates, and the two separators of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


#: No line is laid out longer than this, however wide the terminal is.
WIDEST = 100


def width() -> int:
    """Return the number of columns that text is laid out for."""
    return max(40, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def visible(text: str) -> str:
    """Return a text with escapes for characters that cannot be seen, or that steer a terminal or the order of letters.

    Parameters:
        text: of any origin; its line ends and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(each if each in "\n\t" else _escaped(each) for each in text)


def one_line(text: str) -> str:
    """Return any text as one line in which every character can be seen."""
    return " ".join(visible(text).split())


def counted(number: float, noun: str) -> str:
    """Return a number with its noun, which has an ``s`` unless it is one thing."""
    written = f"{number:g}" if isinstance(number, float) else str(number)
    return f"{written} {noun}" if number == 1 else f"{written} {noun}s"


def did_you_mean(given: str, names: Iterable[str], shown: Callable[[str], str] = repr) -> str:
    """Return the end of a complaint, which asks whether the nearest of some names was meant; empty if none is near."""
    near = get_close_matches(given, list(names), n=1)
    return f"; did you mean {shown(near[0])}?" if near else ""


def _escaped(character: str) -> str:
    unseen = unicodedata.category(character) in _UNSEEN
    return character.encode("unicode_escape").decode("ascii") if unseen else character
