"""Put into words what a check saw and what it drew, whatever the objects of an implementation do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..checking.spelling import spelled

LONGEST = 300
MOST_LINES = 5


def describe(value: Any) -> str:
    """Write a value in one line of at most ``LONGEST`` characters; never raises."""
    if isinstance(value, type):
        return _shortened(value.__qualname__)
    try:
        return _shortened(" ".join(repr(value).split()))
    except BaseException as error:  # an implementation's repr may raise anything
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"


def describe_error(error: BaseException) -> str:
    """Write an error in one line: its class, and what it says."""
    try:
        text = " ".join(str(error).split())
    except BaseException:
        text = "and its message cannot be read"
    return _shortened(f"raised {type(error).__name__}: {text}" if text else f"raised {type(error).__name__}")


def difference(observed: Any, expected: Any) -> str:
    """Say where the two differ, a line for each place.

    Parameters:
        observed: what the check saw.
        expected: what it should have seen.
    """
    lines = list(_differences(observed, expected, ()))
    more = f"(and {len(lines) - MOST_LINES} more)"
    return "\n".join([*lines[:MOST_LINES], more] if len(lines) > MOST_LINES else lines)


def _differences(observed: Any, expected: Any, where: tuple[str, ...]) -> Iterator[str]:
    from ..checking.comparing import same

    if type(observed) is dict and type(expected) is dict and list(observed) == list(expected):
        for key in expected:
            if not same(observed[key], expected[key]):
                name = key if isinstance(key, str) and key else describe(key)
                yield from _differences(observed[key], expected[key], (*where, name))
        return
    place = f"{', '.join(where)}: " if where else ""
    yield f"{place}{describe(observed)} instead of {describe(expected)}"


def drawn_input(arguments: dict[str, Any]) -> str | None:
    """Write what a check drew as torch code, or give None if it drew nothing."""
    lines = []
    for name, value in arguments.items():
        source = getattr(value, "source", None)
        lines.append(
            source("model" if name == "tree" else name) if source else f"{name} = {_shortened(spelled(value))}"
        )
    return "\n".join(lines) or None


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 20]}… ({len(text)} characters)"
