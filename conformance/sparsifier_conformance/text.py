"""Text made safe for a terminal, whatever its origin."""

from __future__ import annotations

import shutil
import unicodedata

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


def _escaped(character: str) -> str:
    unseen = unicodedata.category(character) in _UNSEEN
    return character.encode("unicode_escape").decode("ascii") if unseen else character
