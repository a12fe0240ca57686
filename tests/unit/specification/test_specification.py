"""The specification: how it is read."""

from __future__ import annotations

import pytest

from sparsifier_conformance import specification
from sparsifier_conformance.implementations.names import NAMES

PAGE = """\
# Title

Specification version 1.2.3

## utility

What it is for.

### utility/first

The first MUST
hold.

Because of a reason.

### utility/second

The second SHOULD NOT fail.

#### Unspecified

The rest, which MUST not be read as a requirement.
"""


def test_requirements_are_read() -> None:
    page = specification.parse(PAGE)
    first, second = page.requirements.values()
    assert page.version == "1.2.3"
    assert (first.id, first.utility, first.slug, first.level) == ("utility/first", "utility", "first", "MUST")
    assert first.sentence == "The first MUST hold."
    assert first.body.endswith("Because of a reason.")
    assert (second.id, second.level, second.sentence) == ("utility/second", "SHOULD", "The second SHOULD NOT fail.")


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        ("Specification version 1.2.3", "", "no line"),
        ("The first MUST\nhold.", "The first holds.", "utility/first .* must hold one MUST or SHOULD"),
        ("The first MUST\nhold.", "It MUST and SHOULD.", "utility/first .* must hold one MUST or SHOULD"),
        ("### utility/second", "### utility/first", "utility/first stands in spec.md twice"),
        ("### utility/second", "### other/second", "other/second stands under utility"),
    ],
)
def test_a_page_that_is_written_wrongly_is_refused(wrong: str, right: str, complaint: str) -> None:
    with pytest.raises(specification.SpecificationError, match=complaint):
        specification.parse(PAGE.replace(wrong, right))


def test_every_utility_is_there_with_what_is_unspecified() -> None:
    page = specification.load()
    assert {section.utility for section in page.sections} == {"interface", *NAMES}
    without = [section.utility for section in page.sections if "#### Unspecified" not in section.text]
    assert without == [], "add what is left open, under `#### Unspecified`"


def test_ids_are_selected_by_utility_and_by_id() -> None:
    page = specification.parse(PAGE)
    assert list(page.select(())) == ["utility/first", "utility/second"]
    assert list(page.select(("utility",))) == ["utility/first", "utility/second"]
    assert list(page.select(("utility/second",))) == ["utility/second"]
    with pytest.raises(specification.UnknownRequirement, match=r"'utility/secund'; did you mean utility/second"):
        page.select(("utility/secund",))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("submodules", "; did you mean fqn_to_module/submodules?"),
        ("fakesparsity", "; did you mean FakeSparsity?"),
        ("Module_to_fqn/root_is_empty", "; did you mean module_to_fqn/root-is-empty?"),
        ("round-trip", "fqn_to_module/round-trip-name"),
        ("swap", "; did you mean swap_module,"),
        ("x", "; the utilities are interface, module_to_fqn,"),
        ("nope", "; the utilities are interface, module_to_fqn,"),
        ("all", "; the utilities are interface, module_to_fqn,"),
        ("", "; the utilities are interface, module_to_fqn,"),
    ],
)
def test_a_wrong_name_is_met_with_the_likely_ones(name: str, hint: str) -> None:
    with pytest.raises(specification.UnknownRequirement) as raised:
        specification.load().select((name,))
    assert f"is called {name!r}" in str(raised.value) and hint in str(raised.value)
