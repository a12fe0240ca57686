"""The suite as a whole: its checks are those of the specification, and each is written as a check should be."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from judging import judge
from running import ROOT
from sparsifier_conformance.judging.session import SUITE_FOLDER, requirement_of
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Verdict
from sparsifier_conformance.specification import load

MODULES = sorted(SUITE_FOLDER.glob("test_*.py"))


def checks(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def test_the_ids_that_a_run_emits_are_those_of_the_specification() -> None:
    result = judge("reference")
    emitted = {judgement.id for judgement in result.requirements}
    assert emitted == set(load().requirements)
    assert result.verdict is Verdict.CONFORMS_IN_FULL and not result.partial
    outcomes = {judgement.outcome for judgement in result.requirements}
    assert outcomes <= {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    for judgement in result.requirements:
        requirement = load().requirements[judgement.id]
        assert (judgement.level, judgement.sentence) == (requirement.level, requirement.sentence)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_check_is_written_as_one(path: Path) -> None:
    for check in checks(path):
        assert requirement_of(f"{path.name}::{check.name}") in load().requirements, check.name
        assert check.args.args[0].arg == "implementation", check.name
        assert ast.unparse(check.body[-1]) == "assert same(observed, expected)", check.name


def test_a_requirement_takes_a_device_in_all_of_its_checks_or_in_none() -> None:
    takes: dict[str, set[bool]] = defaultdict(set)
    for path in MODULES:
        for check in checks(path):
            arguments = {argument.arg for argument in check.args.args}
            takes[requirement_of(f"{path.name}::{check.name}")].add("device" in arguments)
    assert [id for id, ways in takes.items() if len(ways) > 1] == []


def test_imports_run_one_way() -> None:
    """The suite imports the rest of its package, and nothing imports the reference."""
    for path in (ROOT / "conformance").rglob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
        assert not any(name.startswith("sparsifier_reference") for name in imported), path
        if path.parent != SUITE_FOLDER:
            assert not any(".suite" in name or name.startswith("suite") for name in imported), path


def test_files_fit_in_a_head() -> None:
    written = [
        *(ROOT / "conformance").rglob("*.py"),
        *(ROOT / "reference").rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
    ]
    assert [path.name for path in written if len(path.read_text(encoding="utf-8").splitlines()) > 300] == []
