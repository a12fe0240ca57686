"""The suite as a whole: its checks are those of the specification, and each is written as a check should be."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from running import ROOT
from sources import tree_of
from sparsifier_conformance.judging.items import SUITE_FOLDER, requirement_of
from sparsifier_conformance.specification import load

MODULES = sorted(SUITE_FOLDER.rglob("test_*.py"))


def checks(path: Path) -> list[ast.FunctionDef]:
    return [node for node in tree_of(path).body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def requirement(path: Path, check: ast.FunctionDef) -> str:
    """Return the requirement of a check as a session does, but without importing it."""
    module = SimpleNamespace(__name__=f"sparsifier_conformance.suite.{path.parent.name}.{path.stem}")
    return requirement_of(SimpleNamespace(module=module, function=SimpleNamespace(__name__=check.name)))


def test_every_requirement_has_a_check_and_every_check_a_requirement() -> None:
    assert {requirement(path, check) for path in MODULES for check in checks(path)} == set(load().requirements)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_check_is_written_as_one(path: Path) -> None:
    for check in checks(path):
        assert check.args.args[0].arg == "implementation", check.name
        assert ast.unparse(check.body[-1]) == "assert_same(observed, expected)", check.name


def test_a_requirement_takes_a_device_in_all_of_its_checks_or_in_none() -> None:
    takes: dict[str, set[bool]] = defaultdict(set)
    for path in MODULES:
        for check in checks(path):
            arguments = {argument.arg for argument in check.args.args}
            takes[requirement(path, check)].add("device" in arguments)
    assert [id for id, ways in takes.items() if len(ways) > 1] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_that_is_drawn_hides_a_function(path: Path) -> None:
    """Which a script of the check would bring along, under the same name."""
    shared = SUITE_FOLDER.parent / "checking"
    helpers = {
        node.name
        for module in [path, *shared.rglob("*.py")]
        for node in tree_of(module).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }
    assert {argument.arg for check in checks(path) for argument in check.args.args} & helpers == set()


def test_nothing_imports_the_reference() -> None:
    """Nor does the suite that judges it."""
    for path in (ROOT / "conformance").rglob("*.py"):
        nodes = list(ast.walk(tree_of(path)))
        imported = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        assert not any(name.startswith("sparsifier_reference") for name in imported), path
