"""Files of expected failures (TOML): found by name, read with every complaint in one go, and written."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import indent, wrap
from typing import Any

import msgspec

from ..files import read_text, write_whole
from ..outcomes.outcome import FAILURES, Outcome
from ..text import WIDEST, did_you_mean
from .expectations import Entry, Expectations, Expected
from .records import Judgement, Result

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HEADING = "[[expected]]"
#: Of what was seen of a failure.
MOST_LINES = 6
SHIPPED = Path(__file__).with_name("expected")


class ExpectedFileError(ValueError):
    """Files of expected failures cannot be used; the message has a line for each thing that is wrong."""


def shipped() -> list[str]:
    """Return the names of the files that come with this package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read(names: Sequence[str], folder: Path | None = None) -> Expectations:
    """Return what files of expected failures expect, after checking all that can be checked before anything runs.

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
    ours: list[Expected] = []
    for number, table in enumerate(_tables(path), start=1):
        who = f"{path}: {table.get('id', f'entry {number}')}"
        try:
            ours.append(Expected(msgspec.convert(table, Entry), str(path), path.parent == SHIPPED))
        except msgspec.ValidationError as error:
            complaints.append(f"{who}: {_in_words(error, table)}")
    unexplained = [each.entry.id for each in ours if not each.entry.reason.strip()]
    if unexplained:  # such as all that --write-expected has just written
        others = f" and {len(unexplained) - 1} more" if len(unexplained) > 1 else ""
        complaints.append(f"{path}: {unexplained[0]}{others}: the reason is empty; say why it fails")
    for index, each in enumerate(ours):
        if any(later.entry.overrides(each.entry) for later in ours[index + 1 :]):
            complaints.append(f"{path}: {each.entry.id}: a later entry overrides this one; remove one of the two")
        before = [other.entry for other in (*entries, *ours[:index])]
        if not each.entry.fails and not any(each.entry.covers(one.id) or one.covers(each.entry.id) for one in before):
            complaints.append(f"{path}: {each.entry.id}: fails = false, but no entry before it expects a failure")
    entries += ours


def _in_words(error: msgspec.ValidationError, table: dict[str, Any]) -> str:
    """Return what msgspec says of an entry, with the key, and the one that was meant in place of an unknown one."""
    unknown = next((key for key in table if key not in Entry.__struct_fields__), None)
    if unknown is not None:
        return f"{unknown!r} has no meaning{did_you_mean(unknown, Entry.__struct_fields__)}"
    what, _, where = str(error).partition(" - at `$.")
    return f"{where.rstrip('`')}: {what}" if where else what.replace("Object missing required field", "no")


def _tables(path: Path) -> list[dict[str, Any]]:
    """Return the entries of a file as tables.

    Raises:
        ExpectedFileError: if it cannot be read, is not TOML, or holds something else than entries.
    """
    try:
        document = tomllib.loads(read_text(path))
    except FileNotFoundError:
        hint = did_you_mean(path.name, shipped(), str)
        raise ExpectedFileError(
            f"{path}: there is no such file{hint} (known by name: {', '.join(shipped())})"
        ) from None
    except OSError as error:
        raise ExpectedFileError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ExpectedFileError(f"{path} is not TOML: {error}") from None
    tables = document.pop("expected", [])
    if document or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        strange = f"{next(iter(document))!r} has no meaning; " if document else ""
        raise ExpectedFileError(f"{path}: {strange}every entry stands under a heading [[expected]]")
    return tables


def write(result: Result, path: Path) -> int:
    """Write the failures of a run that are not expected yet, each with an empty reason to fill in.

    Both levels are written: a failed SHOULD fails no run, but its entry shows when it passes one day.

    Returns:
        The number of entries.

    Raises:
        OSError: if the file cannot be written.
    """
    lines = list(_written(result))
    write_whole(path, ("\n".join(lines) + "\n").encode())
    return lines.count(HEADING)


def _written(result: Result) -> Iterator[str]:
    seen = (
        f"What {result.implementation.name} fails, seen on {result.started[:10]} with torch {result.environment.torch}"
    )
    yield from _comment(seen)
    yield from _comment("Give every entry a reason; then --expect takes this file.")
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
            message = each.message or ""
            seen = "\n" + indent(message, "  ") if "\n" in message else f" {message}"
            comments = f"{each.level}: {each.sentence}", f"{each.outcome.value}:{seen}"
            yield from _entry(id, *comments, device=None if everywhere else each.device)


def _entry(id: str, *comments: str, device: str | None = None) -> Iterator[str]:
    yield ""
    for comment in comments:
        yield from _comment(comment)
    yield from (HEADING, f'id = "{id}"', 'reason = ""')
    if device is not None:
        yield f'device = "{device}"'


def _comment(text: str) -> Iterator[str]:
    """Return a comment of printable characters: a line for each of the text, more for a long one, and not too many."""
    lines = text.splitlines()
    for line in lines[:MOST_LINES]:
        begin = "# " + " " * min(8, len(line) - len(line.lstrip()))
        printable = "".join(each if each.isprintable() else "?" for each in line.strip()[:300])
        yield from wrap(printable, WIDEST, initial_indent=begin, subsequent_indent=f"{begin}  ", break_on_hyphens=False)
    if len(lines) > MOST_LINES:
        yield f"#   … (and {len(lines) - MOST_LINES} more)"
