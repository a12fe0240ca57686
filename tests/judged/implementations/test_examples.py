"""The examples of the specification hold for the reference."""

from __future__ import annotations

import doctest
from pathlib import Path

import sparsifier_reference


def test_the_examples_hold_for_the_reference() -> None:
    page = Path(sparsifier_reference.__file__).with_name("spec.md")
    # In Markdown a fence closes an example, which doctest would take for output.
    text = page.read_text(encoding="utf-8").replace("```python\n", "\n").replace("```\n", "\n")
    test = doctest.DocTestParser().get_doctest(text, {}, "spec.md", str(page), 0)
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.failures == 0
    assert runner.tries > 40
