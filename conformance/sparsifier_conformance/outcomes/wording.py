"""What a check saw and what it drew, in words, whatever the objects of an implementation do."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

from ..checking.spelling import spelled
from ..text import counted

LONGEST = 300
MOST_PLACES = 5
#: So much of what is the same stands before the place where two long texts differ.
BEFORE_PLACE = 40
#: Where code stands that torch shows in an error, in the line before it.
_SHOWN = re.compile(r'[ \t]*File "([^"]+)", line ([0-9]+)')
#: What torch's compilers say where they show code.
_SHOWS_CODE = re.compile("<--- HERE|from user code:")
#: Where checks are.
_SUITE = Path(__file__).parents[1] / "suite"
#: What stands before the name of a function or class within a function.
_WITHIN = re.compile(r"(?<![\w.])[\w.]+\.<locals>\.")
#: Where an object is in memory, as its repr says.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class _NoEntry:
    """What a dict has under a key that only the other dict has."""

    def __repr__(self) -> str:
        return "no entry"


NO_ENTRY = _NoEntry()


def describe(value: Any) -> str:
    """Return a value in one line of at most ``LONGEST`` characters; never raises."""
    return _shortened(_without_addresses(_text(value))[0])


def _text(value: Any) -> str:
    if isinstance(value, type):
        return value.__qualname__
    try:
        return _WITHIN.sub("", " ".join(repr(value).split()))
    except BaseException as error:  # an implementation's repr may raise anything
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"


def _without_addresses(*texts: str) -> list[str]:
    """Return texts without addresses of objects; where nothing else differs, numbers take their place."""
    without = [_ADDRESS.sub("", text) for text in texts]
    if len(set(without)) == len(set(texts)):
        return without
    numbers = {each: f" #{number}" for number, each in enumerate(dict.fromkeys(_ADDRESS.findall("".join(texts))), 1)}
    return [_ADDRESS.sub(lambda found: numbers[found[0]], text) for text in texts]


def describe_error(error: BaseException, file: str | None = None) -> str:
    """Return an error in one line: the case that raised it if one is noted, its class, what it says, where it is from.

    Parameters:
        error: what was raised.
        file: that of the implementation; the deepest line of it that the error passed through is named, or else of its
            package.
    """
    try:
        text, shown = _without_code(str(error))
    except BaseException:
        text, shown = "and its message cannot be read", []
    text = " ".join(text.split())
    said = _shortened(f"raised {type(error).__name__}: {text}" if text else f"raised {type(error).__name__}")
    return _case(error) + said + (_place(error, shown, Path(file)) if file is not None else "")


def _without_code(text: str) -> tuple[str, list[tuple[Path, int]]]:
    """Return the message of an error without the lines of code that torch shows in it, and where these stand."""
    if _SHOWS_CODE.search(text) is None:
        return text, []
    kept: list[str] = []
    shown: list[tuple[Path, int]] = []
    is_code = False
    for line in text.splitlines():
        if place := _SHOWN.match(line):
            shown.append((Path(place[1]), int(place[2])))
            kept[-1:] = [each.rstrip().removesuffix(":") for each in kept[-1:]]
        is_code = place is not None or (is_code and line[:1] in (" ", "\t"))
        kept += [] if is_code else [line]
    # TorchScript names what it compiles before what that is called from; all else the callers first.
    deepest_last = "most recent call last" in text or "from user code:" in text
    return "\n".join(kept), shown if deepest_last else shown[::-1]


def _case(error: BaseException) -> str:
    """Return what a check has noted on an error that it let through, to put before what is said of it."""
    try:
        return "".join(f"{_shortened(' '.join(str(note).split()))}: " for note in reversed(error.__notes__))
    except BaseException:  # there is none, or an implementation's own notes may be anything
        return ""


def _place(error: BaseException, shown: list[tuple[Path, int]], file: Path) -> str:
    """Return the deepest line of a file, or else of the package that it is part of, in the traceback of an error.

    Where none is in it, the error came of what a check did with an answer: then that line of the check.

    Parameters:
        error: what was raised.
        shown: further lines, which its message shows: deeper than the traceback, the deepest last.
        file: that of the implementation.
    """
    package = file.parent
    while (package.parent / "__init__.py").exists():
        package = package.parent
    frames = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__)] + shown
    own = [each for each in frames if each[0] == file]
    if (package / "__init__.py").exists():
        own = own or [each for each in frames if package in each[0].parents]
        root = package.parent
    else:
        root = file.parent
    if own:
        return f" ({own[-1][0].relative_to(root).as_posix()}, line {own[-1][1]})"
    # Not of the fixtures that a check asks.
    of_check = [each.line for each in traceback.extract_tb(error.__traceback__) if _is_check(each.filename)]
    return f" (when the check did this: {of_check[-1]})" if of_check and of_check[-1] else ""


def _is_check(file: str) -> bool:
    """Return whether a file holds checks."""
    return file.startswith(str(_SUITE)) and Path(file).name.startswith("test_")


def difference(observed: Any, expected: Any) -> str:
    """Return where the two differ and how: lines that begin with ``expected`` and ``got``, under each place.

    Parameters:
        observed: what the check saw.
        expected: what it should have seen.
    """
    places = list(_differences(observed, expected, ()))
    lines = [line for place in places[:MOST_PLACES] for line in place]
    return "\n".join([*lines, f"(and {len(places) - MOST_PLACES} more)"] if len(places) > MOST_PLACES else lines)


def _differences(observed: Any, expected: Any, where: tuple[str, ...]) -> Iterator[list[str]]:
    from ..checking.comparing import same

    if parts := _parts(observed, expected):
        for name, seen, right in parts:
            if not same(seen, right):
                yield from _differences(seen, right, (*where, name))
        return
    indentation = "    " if where else ""
    shown = _where_they_differ(*_without_addresses(_text(expected), _text(observed)))
    if isinstance(observed, type) != isinstance(expected, type):  # else a class looks like an object of that name
        classes = (isinstance(expected, type), isinstance(observed, type))
        shown = [f"the class {text}" if is_class else text for text, is_class in zip(shown, classes, strict=True)]
    if (
        isinstance(observed, str)
        and isinstance(expected, str)
        and normalize("NFC", observed) == normalize("NFC", expected)
    ):
        shown = _where_they_differ(ascii(expected), ascii(observed))
    lines = [f"{indentation}expected {shown[0]}", f"{indentation}got      {shown[1]}{_how(observed, expected, shown)}"]
    yield [f"{', '.join(where)}:", *lines] if where else lines


def _parts(observed: Any, expected: Any) -> list[tuple[str, Any, Any]]:
    """Return what two values hold, each with its name, if they are compared piece by piece.

    That is what dicts hold that have the same keys, and lists and tuples with dicts in them that are as long; and where
    the text of either is too long to be shown, what any dicts hold, and lists and tuples that are as long.
    """
    if type(observed) is not type(expected):
        return []
    if type(expected) is dict:
        if list(observed) == list(expected) or (observed.keys() != expected.keys() and _is_long(observed, expected)):
            return [
                (_name(key), observed.get(key, NO_ENTRY), expected.get(key, NO_ENTRY))
                for key in dict.fromkeys((*expected, *observed))
            ]
        return []
    are_as_long = type(expected) in (list, tuple) and len(observed) == len(expected)
    if are_as_long and (_holds_dict(expected) or _is_long(observed, expected)):
        return [(f"[{index}]", *pair) for index, pair in enumerate(zip(observed, expected, strict=True))]
    return []


def _name(key: Any) -> str:
    return key if isinstance(key, str) and key else describe(key)


def _is_long(*values: Any) -> bool:
    """Return whether the text of a value would be cut."""
    return any(len(_text(value)) > LONGEST for value in values)


def _holds_dict(value: Any) -> bool:
    """Return whether a list or a tuple has a dict in it, however deep."""
    return type(value) in (list, tuple) and any(type(each) is dict or _holds_dict(each) for each in value)


def _how(observed: Any, expected: Any, shown: list[str]) -> str:
    """Return how two values differ where their texts do not show it."""
    import torch

    if isinstance(observed, torch.Tensor) and isinstance(expected, torch.Tensor):
        return f" ({_of_tensors(observed, expected)})"
    if shown[0] != shown[1]:
        return ""
    if type(observed) is not type(expected):
        return f" (of another class: {type(observed).__module__}.{type(observed).__qualname__})"
    if isinstance(observed, type):
        return f" (another class of that name, in {observed.__module__})"
    return " (another object, though its text is the same)"


def _of_tensors(observed: Any, expected: Any) -> str:
    """Return in what two tensors differ, or that one is merely another object than the other."""
    import torch

    facts = {name: (_fact(observed, name), _fact(expected, name)) for name in ("device", "dtype", "shape")}
    differing = [f"{name} {one} and not {other}" for name, (one, other) in facts.items() if one != other]
    if differing:
        return f"of {', '.join(differing)}"
    try:
        if not torch.equal(observed, expected):
            return "of other values"
        if observed.stride() != expected.stride():
            return f"of strides {observed.stride()} and not {expected.stride()}"
    except Exception:  # a device that holds no values, or a layout without strides
        return "another tensor"
    return "another tensor, though equal in device, dtype, shape and values"


def _fact(tensor: Any, name: str) -> Any:
    try:
        return getattr(tensor, name)
    except RuntimeError:  # of a lazy module, whose tensors have no shape yet
        return f"no {name} yet"


def drawn_input(arguments: dict[str, Any]) -> str | None:
    """Return what a check drew as torch code, or None if it drew nothing."""
    lines = []
    for name, value in arguments.items():
        source = getattr(value, "source", None)
        called = "model" if name in ("tree", "own_model") else name
        lines.append(source(called) if source else f"{called} = {_shortened(spelled(value))}")
    return "\n".join(lines) or None


def _where_they_differ(first: str, second: str) -> list[str]:
    """Return two texts shortened, so that the place where they differ is seen."""
    texts = (first, second)
    if first == second or max(map(len, texts)) <= LONGEST:
        return [_shortened(text) for text in texts]
    pairs = enumerate(zip(first, second, strict=False))
    place = next((index for index, (one, other) in pairs if one != other), min(map(len, texts)))
    return [_shortened(text, place - BEFORE_PLACE if place > LONGEST // 2 else 0) for text in texts]


def _shortened(text: str, start: int = 0) -> str:
    begin, rest = "… " if start else "", text[start:]
    return begin + (rest if len(rest) <= LONGEST else f"{rest[: LONGEST - 20]}… ({counted(len(text), 'character')})")
