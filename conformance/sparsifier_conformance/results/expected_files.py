"""Files of expected failures (TOML): found by name, read with every complaint in one go, and written."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..outcomes.outcome import FAILURES, Outcome
from .complaints import complaints_of
from .expectations import Entry, Expectations, Expected
from .records import Judgement, Result

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HEADING = "[[expected]]"
SHIPPED = Path(__file__).with_name("expected")


class ExpectedFileError(ValueError):
    """Files of expected failures cannot be used; the message has a line for each thing that is wrong."""


def shipped() -> list[str]:
    """List the names of the files that come with this package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read(names: Sequence[str], folder: Path | None = None) -> Expectations:
    """Read files of expected failures, and check all that can be checked before anything runs.

    Parameters:
        names: paths, or names of files that come with this package; entries of later ones override.
        folder: what paths are relative to; the current one by default.

    Raises:
        ExpectedFileError: if one is missing or is no such file, or if an entry has no reason or can never hold.
    """
    entries: list[Expected] = []
    complaints: list[str] = []
    for name in dict.fromkeys(names):
        path = SHIPPED / f"{name}.toml" if name in shipped() else (folder or Path()) / name
        try:
            _read(path, entries, complaints)
        except ExpectedFileError as error:
            complaints.append(str(error))
    if complaints:
        raise ExpectedFileError("\n".join(complaints))
    return Expectations(tuple(entries))


def _read(path: Path, entries: list[Expected], complaints: list[str]) -> None:
    """Add the entries of a file to those read before, and what is wrong with them to the complaints."""
    text = _text(path)
    try:
        tables = _tables(text)
    except (ValueError, RecursionError) as error:
        raise ExpectedFileError(f"{path}: {error}") from None
    ours: list[Expected] = []
    for table, line in zip(tables, _lines(path, text, len(tables)), strict=True):
        wrong = list(complaints_of(table))
        complaints += [f"{path}, line {_line_of(key, text, line)}: {complaint}" for key, complaint in wrong]
        if not wrong:
            ours.append(Expected(msgspec.convert(table, Entry), str(path), line, path.parent == SHIPPED))
    for index, each in enumerate(ours):
        later = next((other for other in ours[index + 1 :] if other.entry.overrides(each.entry)), None)
        if later is not None:
            complaints.append(f"{each.place}: never counts, for line {later.line} overrides it; remove one of the two")
        before = [*entries, *ours[:index]]
        if not each.entry.fails and not any(
            each.entry.covers(other.entry.id) or other.entry.covers(each.entry.id) for other in before
        ):
            complaints.append(f"{each.place}: fails = false, but no entry before it expects a failure; remove it")
    entries += ours


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        names = ", ".join(shipped())
        raise ExpectedFileError(f"{path}: there is no such file (known by name: {names})") from None
    except OSError as error:
        raise ExpectedFileError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ExpectedFileError(f"{path} is not TOML: it is not UTF-8") from None


def _tables(text: str) -> list[dict[str, Any]]:
    """Give the entries as tables.

    Raises:
        ValueError: if this is not TOML, or something else than entries stands in it.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is not TOML: {error}") from None
    tables = document.pop("expected", [])
    if document or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        strange = f"{next(iter(document))!r} has no meaning; " if document else ""
        raise ValueError(f"{strange}every entry stands under a heading [[expected]]")
    return tables


def _lines(path: Path, text: str, count: int) -> list[int]:
    """Find the lines where entries begin: where a heading, read as TOML, adds an entry to what stands above it."""
    lines = text.splitlines(keepends=True)
    found: list[int] = []
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("[[") and _count("".join(lines[:number])) == len(found) + 1:
            found.append(number)
    if len(found) != count:
        raise ExpectedFileError(f"{path}: every entry stands under a heading [[expected]], in a line of its own")
    return found


def _count(text: str) -> int:
    try:
        return len(tomllib.loads(text).get("expected", []))
    except tomllib.TOMLDecodeError:
        return 0


def _line_of(key: str | None, text: str, line: int) -> int:
    """Find the line of a key of the entry that begins at a line, or give that line."""
    for number, content in enumerate(text.splitlines()[line:], start=line + 1):
        if content.lstrip().startswith("[["):
            break
        if key is not None and re.match(rf"""\s*(["']?){re.escape(key)}\1\s*=""", content):
            return number
    return line


def write(result: Result, path: Path) -> int:
    """Write the failures of a run that are not expected yet, each with an empty reason to fill in.

    Both levels are written: a failed SHOULD fails no run, but what is written tells when it passes at last.

    Returns:
        The number of entries.

    Raises:
        OSError: if the file cannot be written.
    """
    lines = list(_written(result))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lines.count(HEADING)


def _written(result: Result) -> Iterator[str]:
    yield f"# What {_comment(result.implementation.name)} fails, seen on {result.started[:10]} with torch"
    yield f"# {_comment(result.environment.torch)}. Give every entry a reason; then --expect takes this file."
    judged: dict[str, list[Judgement]] = defaultdict(list)
    utilities: dict[str, list[Judgement]] = defaultdict(list)
    for each in result.requirements:
        if each.outcome is not Outcome.NOT_APPLICABLE:
            judged[each.id].append(each)
            utilities[each.id.partition("/")[0]].append(each)
    for utility, of_utility in utilities.items():
        if len(of_utility) > 1 and all(each.outcome is Outcome.BLOCKED for each in of_utility):
            yield from _entry(utility, f"All of its requirements are blocked: {of_utility[0].message}")
            for each in of_utility:
                judged.pop(each.id, None)
    for id, judgements in judged.items():
        failures = [each for each in judgements if each.outcome in FAILURES]
        everywhere = len(failures) == len(judgements)
        for each in failures[:1] if everywhere else failures:
            comments = f"{each.level}: {each.sentence}", f"{each.outcome.value}: {each.message}"
            yield from _entry(id, *comments, device=None if everywhere else each.device)


def _entry(id: str, *comments: str, device: str | None = None) -> Iterator[str]:
    yield ""
    yield from (f"# {_comment(comment)}" for comment in comments)
    yield from (HEADING, f'id = "{id}"', 'reason = ""')
    if device is not None:
        yield f'device = "{device}"'


def _comment(text: str) -> str:
    """Make one line of printable characters of what may hold anything."""
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else "?" for character in line)[:300]
