"""Text made safe for a terminal, whatever its origin."""

from __future__ import annotations

import unicodedata

#: Control and format characters, surrogates, and the two separators of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Write characters that a reader cannot see, or that steer a terminal or the order of letters, as escapes.

    Parameters:
        text: of any origin; its line ends and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(each if each in "\n\t" else _escaped(each) for each in text)


def one_line(text: str) -> str:
    """Write any text so that it stays in its line, and is seen as it is."""
    return " ".join(visible(text).split())


def _escaped(character: str) -> str:
    unseen = unicodedata.category(character) in _UNSEEN
    return character.encode("unicode_escape").decode("ascii") if unseen else character
