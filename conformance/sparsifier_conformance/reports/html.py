"""Results side by side as one HTML page that stands alone: no request leaves it, and without scripts it still reads."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from .. import __version__
from ..outcomes.outcome import Outcome
from ..results.verdict import is_limited, limits_of
from ..specification import load
from ..text import visible
from . import small_models
from .columns import Column, common, conditions, differing, joint
from .table import NOT_JUDGED, Cell, Row, Table, texts

TEMPLATES = Path(__file__).with_name("templates")
#: What a cell shows of an outcome, which is clear without colours too. The legend has them in this order.
SIGNS = {
    Outcome.PASSED.value: "✓",
    Outcome.FAILED.value: "✗",
    Outcome.CRASHED.value: "!!",
    Outcome.TIMED_OUT.value: "…",
    Outcome.BLOCKED.value: "■",
    Outcome.EXPECTED_FAILURE.value: "(✗)",
    Outcome.UNEXPECTED_PASS.value: "(✓)",
    Outcome.NOT_APPLICABLE.value: "–",
    Outcome.NOT_RUN.value: "?",
    NOT_JUDGED: "·",
}
#: From this many on, the headings of columns stand upright, so that the columns are narrow.
FEWEST_UPRIGHT = 8


@dataclass(frozen=True)
class Happening:
    """What was seen of one requirement, on the devices where it was the same."""

    outcome: str
    devices: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]


@dataclass
class Detail:
    """What a cell opens: shared by all results that say the same of a requirement."""

    anchor: str
    id: str
    level: str
    sentence: str
    happenings: tuple[Happening, ...]
    columns: list[Column] = field(default_factory=list)

    @property
    def results(self) -> str:
        """The names of the results that say this."""
        return joint([column.name for column in self.columns])

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to read but that it passed, or was not judged."""
        return all(each.outcome in _QUIET for each in self.happenings)


@dataclass(frozen=True)
class Shown:
    """A cell as the page shows it."""

    outcome: str
    words: str
    devices: tuple[str, ...]
    anchors: str


_QUIET = (Outcome.PASSED.value, Outcome.NOT_APPLICABLE.value, NOT_JUDGED)


def page(table: Table, refused: Sequence[str] = ()) -> str:
    """Return a table as HTML.

    Parameters:
        table: the results side by side.
        refused: a line for each file that was no result.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
    )
    environment.filters |= {"slug": lambda id: id.partition("/")[2] or id, "prose": _prose, "css": _css_class}
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    details, rows = _details(table)
    every = {name: values for name, values in conditions(table.columns).items() if name != "date"}
    return environment.get_template("page.html").render(
        table=table,
        cells={row.id: [_shown(row, indices, rows[row.id]) for indices in table.merged] for row in table.rows},
        details=details,
        refused=refused,
        facts={name: _linked(name, values) for name, values in differing(table.columns).items()},
        common=Markup(common(table.columns, lambda name, value: _link(name, value, "results"))),
        conditions=[
            "; ".join(f"{name}: {value}" for name, value in zip(every, values, strict=True))
            for values in zip(*every.values(), strict=True)
        ],
        small_models=[small_models.told(each.result) for each in table.columns],
        limits_of=lambda column: limits_of(column.result).lstrip(",; "),
        is_limited=lambda column: is_limited(column.result),
        legend={words: SIGNS[words] for words in _legend(table)},
        signs=SIGNS,
        everywhere=" everywhere" if len(table.columns) > 1 else "",
        upright=len(table.merged) >= FEWEST_UPRIGHT,
        specification=load(),
        version=__version__,
        style=Markup((TEMPLATES / "page.css").read_text(encoding="utf-8")),
        script=Markup(script),
        digest=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _linked(name: str, values: Sequence[str]) -> list[Markup]:
    """Return the values of a condition, one for each result, with links where the page says more."""
    return [_link(name, value, f"r{number}") for number, value in enumerate(values, 1)]


def _link(name: str, value: str, anchor: str) -> Markup:
    """Return the value of a condition: a date leads to how the result came about, this specification to its text."""
    if name == "specification":
        anchor = "specification"
    if name == "date" or (name == "specification" and value == load().version):
        return Markup('<a href="#{}">{}</a>').format(anchor, visible(value))
    return escape(visible(value))


def _details(table: Table) -> tuple[list[Detail], dict[str, list[Detail]]]:
    """Return every detail once, and for each requirement those of its cells."""
    details: list[Detail] = []
    rows: dict[str, list[Detail]] = {}
    for row in table.rows:
        known: dict[object, Detail] = {}
        of_row = rows[row.id] = []
        for column, cell in zip(table.columns, row.cells, strict=True):
            first = cell.judgements[0] if cell.judgements else row
            content = (first.level, first.sentence, _happenings(cell))
            if content not in known:
                known[content] = Detail(f"d{len(details) + 1}", row.id, *content)
                details.append(known[content])
            known[content].columns.append(column)
            of_row.append(known[content])
    return details, rows


def _happenings(cell: Cell) -> tuple[Happening, ...]:
    if not cell.judgements:
        return (Happening(NOT_JUDGED, (), (("why", cell.reason),)),)
    devices: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for each in cell.judgements:
        where = devices.setdefault((each.outcome.value, texts(each)), [])
        if each.device is not None:
            where.append(each.device)
    return tuple(Happening(outcome, tuple(where), said) for (outcome, said), where in devices.items())


def _shown(row: Row, indices: Sequence[int], details: Sequence[Detail]) -> Shown:
    """Return the cell of some columns in which all cells say the same in short, though perhaps not in detail."""
    cell = row.cells[indices[0]]
    anchors = dict.fromkeys(details[index].anchor for index in indices)
    outcome = NOT_JUDGED if cell.outcome is None else cell.outcome.value
    return Shown(outcome, cell.words, cell.devices, " ".join(anchors))


def _legend(table: Table) -> list[str]:
    seen = {cell.outcome.value if cell.outcome else NOT_JUDGED for row in table.rows for cell in row.cells}
    return [words for words in SIGNS if words in seen]


def _prose(text: str) -> Markup:
    """Return a text in which what stands between backticks is code."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:
        return escape(visible(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _css_class(words: str) -> str:
    return words.replace(" ", "-")
