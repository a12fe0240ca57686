"""The specification: how it is read, and that its examples hold for the reference."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import sparsifier_reference
from running import command
from sparsifier_conformance import specification

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
    names = sparsifier_reference.__all__
    assert {section.utility for section in page.sections} == {"interface", *names}
    assert all("#### Unspecified" in section.text for section in page.sections)


def test_ids_are_selected_by_utility_and_by_id() -> None:
    page = specification.parse(PAGE)
    assert list(page.select(())) == ["utility/first", "utility/second"]
    assert list(page.select(("utility",))) == ["utility/first", "utility/second"]
    assert list(page.select(("utility/second",))) == ["utility/second"]
    with pytest.raises(specification.UnknownRequirement, match=r"'utility/secund'; did you mean utility/second"):
        page.select(("utility/secund",))


def test_the_examples_hold_for_the_reference() -> None:
    page = Path(sparsifier_reference.__file__).with_name("spec.md")
    # In Markdown a fence closes an example, which doctest would take for output.
    text = page.read_text(encoding="utf-8").replace("```python\n", "\n").replace("```\n", "\n")
    test = doctest.DocTestParser().get_doctest(text, {}, "spec.md", str(page), 0)
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.failures == 0
    assert runner.tries > 40


def test_the_command_prints_it_without_importing_torch(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')")
    env = {"PYTHONPATH": str(tmp_path)}
    whole = command("spec", cwd=tmp_path, env=env)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout.strip() == specification.load().text.strip()
    utility = command("spec", "swap_module", cwd=tmp_path, env=env)
    assert utility.stdout.startswith("## swap_module\n") and "#### Unspecified" in utility.stdout
    requirement = command("spec", "FakeSparsity/product", cwd=tmp_path, env=env)
    assert requirement.stdout.startswith("### FakeSparsity/product\n") and "IEEE" in requirement.stdout


def test_an_unknown_name_gets_one_line(tmp_path: Path) -> None:
    ended = command("spec", "swap_modul", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1 and "did you mean swap_module" in ended.stderr
