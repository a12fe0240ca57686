"""The list of equivalent mutants: what is no such list, and what each entry must say."""

from __future__ import annotations

from pathlib import Path

import pytest

from running import ROOT
from sparsifier_conformance.mutation import equivalents
from sparsifier_conformance.mutation.equivalents import NoList


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[equivalent]]\nmodule = 'm'\n", "is no list of equivalent mutants"),
        ("[[equivalent]\n", "is no list of equivalent mutants"),
        ("other = 1\n", "is no list of equivalent mutants"),
        ("", "it is empty"),
        ("E" * 2, "lists a mutant twice: own | fqn_to_module | a | b"),
        ("R", "gives no reason for own | fqn_to_module | a | b"),
    ],
)
def test_a_list_that_is_not_one_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path, entry = (
        tmp_path / "list.toml",
        "[[equivalent]]\nmodule='own'\nfunction='fqn_to_module'\nbefore='a'\nafter='b'\n",
    )
    path.write_text(text.replace("E", f"{entry}reason='r'\n").replace("R", f"{entry}reason=' '\n"))
    with pytest.raises(NoList) as refused:
        equivalents.read(path)
    assert str(path) in str(refused.value) and why in str(refused.value) and "\n" not in str(refused.value)


def test_a_list_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoList, match=r"absent\.toml cannot be read: No such file"):
        equivalents.read(tmp_path / "absent.toml")


def test_every_reason_is_a_sentence() -> None:
    listed = equivalents.read(ROOT / "tests" / "tools" / "equivalent_mutants.toml")
    assert listed and all(entry.reason.strip().endswith(".") for entry in listed)
