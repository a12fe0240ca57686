"""Read ``spec.md``: the requirements, their levels and their sentences stand nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Level = Literal["MUST", "SHOULD"]

_LEVEL = re.compile(r"\b(MUST|SHOULD)\b")
_VERSION = re.compile(r"^Specification version (\S+)$", re.MULTILINE)


class SpecificationError(ValueError):
    """``spec.md`` is not written as it should be; the message names the place."""


class UnknownRequirement(LookupError):
    """No requirement and no utility has this name; the message names the nearest ones."""


@dataclass(frozen=True)
class Requirement:
    """One requirement.

    ``id`` is ``utility/slug``, ``level`` MUST or SHOULD, ``sentence`` what is required in one line of
    text, and ``body`` the whole of it as written: sentence, reason and example.
    """

    id: str
    level: Level
    sentence: str
    body: str

    @property
    def utility(self) -> str:
        """The utility (or ``interface``) that the requirement is about."""
        return self.id.partition("/")[0]

    @property
    def slug(self) -> str:
        """The part of the id after the utility."""
        return self.id.partition("/")[2]


@dataclass(frozen=True)
class Section:
    """What the specification says about one utility."""

    utility: str
    text: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Specification:
    """The whole page: its version, its text and its sections in order."""

    version: str
    text: str
    sections: tuple[Section, ...]

    @property
    def requirements(self) -> dict[str, Requirement]:
        """Every requirement by its id, in the order of the page."""
        return {requirement.id: requirement for section in self.sections for requirement in section.requirements}

    def select(self, names: tuple[str, ...]) -> dict[str, Requirement]:
        """Give the requirements that the names stand for.

        Parameters:
            names: ids or utilities; none at all stands for every requirement.

        Returns:
            The requirements by id, in the order of the page.

        Raises:
            UnknownRequirement: if a name is neither an id nor a utility.
        """
        requirements = self.requirements
        utilities = [section.utility for section in self.sections]
        for name in names:
            if name not in requirements and name not in utilities:
                near = _near(name, [*utilities, *requirements])
                hint = f"did you mean {', '.join(near)}?" if near else f"the utilities are {', '.join(utilities)}"
                raise UnknownRequirement(
                    f"no requirement or utility is called {name!r}; {hint} "
                    "(`sparsifier-conformance spec` prints them all)"
                )
        return {
            id: requirement
            for id, requirement in requirements.items()
            if not names or id in names or requirement.utility in names
        }

    def text_of(self, name: str) -> str:
        """Give the text of one utility or requirement.

        Parameters:
            name: an id or a utility.

        Raises:
            UnknownRequirement: if it is neither.
        """
        self.select((name,))
        for section in self.sections:
            if section.utility == name:
                return section.text
        requirement = self.requirements[name]
        return f"### {requirement.id}\n\n{requirement.body}"


def _near(name: str, known: list[str]) -> list[str]:
    """Return the names that somebody may have meant: of a requirement the second part may do, in any letter case."""
    meant = name.strip().lower().replace("_", "-")
    forms: dict[str, list[str]] = {}
    for each in known:
        for form in {each, each.partition("/")[2]} - {""}:
            forms.setdefault(form.lower().replace("_", "-"), []).append(each)
    close = [meant] if meant in forms else get_close_matches(meant, forms, n=3, cutoff=0.7)
    close = close or [form for form in forms if len(meant) > 2 and re.search(rf"\b{re.escape(meant)}", form)]
    return list(dict.fromkeys(each for form in close for each in forms[form]))[:3]


@lru_cache(maxsize=1)
def load() -> Specification:
    """Read the specification that is installed, without importing torch.

    Raises:
        SpecificationError: if the page is missing or not written as it should be.
    """
    found = find_spec("sparsifier_reference")
    if found is None or not found.submodule_search_locations:
        raise SpecificationError("the package sparsifier_reference, which holds spec.md, is not installed")
    return parse(Path(found.submodule_search_locations[0], "spec.md").read_text(encoding="utf-8"))


def parse(text: str) -> Specification:
    """Read a specification from its Markdown.

    A second-level heading opens a utility, a third-level one a requirement, whose first paragraph is its
    sentence and holds its level; a fourth-level one ends the requirements.

    Raises:
        SpecificationError: if the version is missing, an id is repeated or stands under another utility,
            or a sentence does not hold exactly one level.
    """
    version = _VERSION.search(text)
    if version is None:
        raise SpecificationError("spec.md has no line 'Specification version …'")
    sections = tuple(_section(part) for part in _split(text, "## ")[1:])
    ids = [requirement.id for section in sections for requirement in section.requirements]
    for id in ids:
        if ids.count(id) > 1:
            raise SpecificationError(f"{id} stands in spec.md twice")
    return Specification(version[1], text, sections)


def _split(text: str, heading: str) -> list[str]:
    """Cut a text before each heading of a level, examples being indented by nothing but never so begun."""
    return re.split(rf"^(?={re.escape(heading)})", text, flags=re.MULTILINE)


def _section(text: str) -> Section:
    utility = text.partition("\n")[0].removeprefix("## ").strip()
    requirements_text = _split(text, "#### ")[0]
    requirements = tuple(_requirement(part, utility) for part in _split(requirements_text, "### ")[1:])
    return Section(utility, text.strip(), requirements)


def _requirement(text: str, utility: str) -> Requirement:
    heading, _, rest = text.partition("\n")
    id = heading.removeprefix("### ").strip()
    body = rest.strip()
    sentence = " ".join(body.split("\n\n")[0].split())
    levels = _LEVEL.findall(sentence)
    if not id.startswith(f"{utility}/"):
        raise SpecificationError(f"{id} stands under {utility} in spec.md")
    if len(levels) != 1:
        raise SpecificationError(f"the first paragraph of {id} in spec.md must hold one MUST or SHOULD")
    level: Level = levels[0]
    return Requirement(id, level, sentence, body)
