"""Results side by side as Markdown, short enough for a README."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ..outcomes.outcome import FAULTY, Outcome
from ..results.verdict import in_words
from ..text import counted, one_line, visible
from .columns import common, differing
from .table import NOT_JUDGED, Row, Table

#: From this many on, requirements of one level that a name is missing for, or that were not judged, share a row.
FEWEST_TOGETHER = 3
_FAILED = FAULTY - {Outcome.BLOCKED} | {Outcome.EXPECTED_FAILURE}


def page(table: Table, refused: Sequence[str] = ()) -> str:
    """Return a table as Markdown.

    Parameters:
        table: the results side by side.
        refused: a line for each file that was no result.
    """
    parts = [_verdicts(table), *(escaped(each) for each in (common(table.columns), *table.notes) if each)]
    parts += [f"Not shown: {escaped(each)}" for each in refused]
    shown = [row for row in table.rows if not _collapses(row)]
    if shown:
        parts.append(_requirements(table, shown))
    parts += _collapsed(table)
    reasons = [
        f"- {code(row.id)}: {_linked(reason)}"
        for row in table.rows
        for reason in dict.fromkeys(each.reason for cell in row.cells for each in cell.judgements)
        if reason and "://" in reason
    ]
    parts += ["Expected failures:\n\n" + "\n".join(reasons)] if reasons else []
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return any text so that Markdown shows it as it is, in a table too."""
    text = one_line(text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(?<![^\W_])_|_(?![^\W_])|[\\`*\[\]|~#]", r"\\\g<0>", text)


def _linked(text: str) -> str:
    """Return any text as Markdown in which addresses are links."""
    parts = re.split(r"(https?://[^\s()<>]+)", one_line(text))
    return "".join(f"<{part}>" if number % 2 else escaped(part) for number, part in enumerate(parts))


def code(text: str) -> str:
    """Return any text as code within a line, in a table too."""
    text = one_line(text).replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def block(text: str) -> str:
    """Return any text as lines of code."""
    text = visible(text)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def line(cells: Iterable[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def _verdicts(table: Table) -> str:
    columns, different = table.columns, differing(table.columns)
    if all(each.result.environment.torch == each.result.implementation.version for each in columns):
        different.pop("torch", None)  # which the names say
    head = ["result", "verdict", "MUST passed", "SHOULD passed", *different]
    lines = [line(head), line("---" for _ in head)]
    for index, column in enumerate(columns):
        counts = [column.passed(level) for level in ("MUST", "SHOULD")]
        facts = [escaped(values[index]) for values in different.values()]
        lines.append(line([escaped(str(column.name)), f"**{escaped(in_words(column.result))}**", *counts, *facts]))
    return "\n".join(lines)


def _requirements(table: Table, rows: Sequence[Row]) -> str:
    heads = [escaped(table.heading(indices)) for indices in table.merged]
    lines = [line(["requirement", "", *heads]), line("---" for _ in range(len(heads) + 2))]
    for utility, of_utility in table.utilities.items():
        shown = [row for row in of_utility if row in rows]
        if shown:
            lines.append(line([f"**{escaped(utility)}**", "", *("" for _ in heads)]))
        for together in _together(shown):
            names = [code(row.id.partition("/")[2]) for row in together]
            head = names[0] if len(names) == 1 else counted(len(names), "requirement")
            cells = [together[0].cells[indices[0]] for indices in table.merged]
            lines.append(line([head, together[0].level, *(_cell(cell.outcome, cell.words) for cell in cells)]))
    return "\n".join(lines)


def _together(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows of a utility, those together in which every cell is the same: a missing name blocks many.

    Rows in which something failed stand alone, and so are named.
    """
    alike: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        alone = any(cell.outcome in _FAILED for cell in row.cells)
        alike[(row.level, *(cell.words for cell in row.cells), row.id if alone else "")].append(row)
    several = (same for same in alike.values() if len(same) >= FEWEST_TOGETHER)
    single = ([row] for same in alike.values() if len(same) < FEWEST_TOGETHER for row in same)
    return sorted([*several, *single], key=lambda same: rows.index(same[0]))


def _cell(outcome: Outcome | None, words: str) -> str:
    if outcome is None:
        return f"*{NOT_JUDGED}*"
    return f"**{escaped(words)}**" if outcome in FAULTY else escaped(words)


def _collapses(row: Row) -> bool:
    return len(row.outcomes) <= 1


def _collapsed(table: Table) -> Iterator[str]:
    """Return a line for all rows that are the same in all columns; those that did not pass are named."""
    rows = [row for row in table.rows if _collapses(row)]
    alone = len(table.columns) == 1
    alike: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        where = "" if alone else " everywhere" if row.everywhere else " wherever judged"
        alike[f"{row.outcomes[0] if row.outcomes else NOT_JUDGED}{where}"].append(row)
    for words, same in alike.items():
        names = "" if all(row.passed for row in same) else f" ({', '.join(_named(row) for row in same)})"
        yield f"{counted(len(same), 'requirement')}: {escaped(words)}{names}"


def _named(row: Row) -> str:
    return f"{code(row.id)} {row.level}"
