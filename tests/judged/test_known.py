"""What ships of known implementations is what those that are installed come to."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from packaging.version import Version

import known_outcomes as tool
from judging import judge
from sparsifier_conformance.results.known import known, likeness

QUICKLY = ("--sparsifier-device=cpu", "--sparsifier-examples=5")
PACKAGE, RELEASE, TEXT = tool.installed()
LISTED = [code for code in known().codes if RELEASE in code.releases.get(PACKAGE, ())]


@pytest.mark.skipif(not LISTED, reason=f"torch {RELEASE} is not among those that are known")
def test_the_code_of_the_installed_torch_is_that_which_was_judged() -> None:
    assert tool.digest(TEXT) == LISTED[0].digest, "run `python tests/tools/known_outcomes.py`"


@pytest.mark.parametrize("where", ["torch", "reference"])
def test_what_is_installed_names_itself(where: str) -> None:
    if where == "torch" and Version(known().torch).release[:2] != Version(torch.__version__).release[:2]:
        pytest.skip(f"what ships was judged with torch {known().torch}")
    found = likeness(judge(where, *QUICKLY, scripts=False))
    assert found is not None and (found.number, found.compared) == (0, found.every), found
    wanted = LISTED[0].releases["torch"] if where == "torch" else []
    assert found.names.startswith(f"torch {wanted[0]} to" if wanted else "the reference")


@pytest.mark.skipif(RELEASE != "2.13", reason="how a mutant of this release is judged")
def test_a_mutant_names_its_parent(tmp_path: Path) -> None:
    text = TEXT.replace("self.mask * x", "self.mask + x")
    assert text != TEXT
    path = tmp_path / "mutant.py"
    path.write_text(text, encoding="utf-8")
    found = likeness(judge(path, *QUICKLY, only=["FakeSparsity"], scripts=False))
    assert found is not None and found.names.startswith("torch 2.10 to") and found.number == len(found.but_for) > 0
