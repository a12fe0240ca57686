"""Mutants as implementations: from an implementation to its code, and back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sparsifier_conformance.implementations.finding import load
from sparsifier_conformance.mutation import loading


@pytest.mark.parametrize(
    ("where", "modules"),
    [
        ("own_package", {"own_package", "own_package.code", "own_package.helping"}),
        ("own_package.code", {"own_package.code"}),
        ("copy.py", {"copy"}),
        ("./copy.py:holder", {"copy"}),
    ],
)
def test_a_mutant_is_the_implementation_but_for_one_module(own: Path, where: str, modules: set[str]) -> None:
    before = dict(sys.modules)
    sources = {source.name: source for source in loading.sources_of(load(where).target)}
    assert sources.keys() == modules
    sys.modules.clear()  # as in a process that is forked for a mutant, where nobody has imported it
    sys.modules.update(before)
    source = sources["copy" if ".py" in where else "own_package.code"]
    mutant = load(loading.write_loader(own / "mutant", where, source, source.text.replace("1", "2"))).target
    function = mutant.swap_module
    assert function() == 2 and function.__module__ == source.name.replace("copy", "sparsifier_implementation_copy")
    assert sys.modules["copy"].__name__ == "copy" and hasattr(sys.modules["copy"], "deepcopy")


def test_what_is_imported_already_is_imported_anew(own: Path) -> None:
    target = load("own_package").target
    (source,) = [each for each in loading.sources_of(target) if each.name == "own_package.code"]
    where = loading.write_loader(own / "mutant", "own_package.code", source, source.text.replace("1", "2"))
    assert load(where).target.swap_module() == 2 and target.swap_module() == 1
