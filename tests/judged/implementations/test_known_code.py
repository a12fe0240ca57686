"""What ships of known implementations is of the code that is installed, and whoever changes it names it."""

from __future__ import annotations

from pathlib import Path

import pytest

import known_outcomes as tool
from judging import judge
from sparsifier_conformance.results.known import known, likeness

PACKAGE, RELEASE, TEXT = tool.installed()
LISTED = {code.digest for code in known().codes if RELEASE in code.releases.get(PACKAGE, ())}


@pytest.mark.skipif(not LISTED, reason=f"torch {RELEASE} is not known")
def test_the_code_of_the_installed_torch_is_what_was_judged() -> None:
    assert {tool.digest(TEXT)} == LISTED, "run `python tests/tools/known_outcomes.py`"


@pytest.mark.skipif(not known().torch.startswith(f"{RELEASE}."), reason=f"judged with torch {known().torch}")
def test_a_mutant_names_its_parent(tmp_path: Path) -> None:
    text = TEXT.replace("        return {}\n", "        return None\n")
    assert text != TEXT
    path = tmp_path / "mutant.py"
    path.write_text(text, encoding="utf-8")
    only = ["FakeSparsity"]
    found = likeness(judge(path, "--sparsifier-device=cpu", "--sparsifier-examples=5", only=only, scripts=False))
    assert found is not None and found.names.startswith("torch 2.10 to")
    assert len(found.but_for) == found.number and "FakeSparsity/not-in-state-dict" in found.but_for
