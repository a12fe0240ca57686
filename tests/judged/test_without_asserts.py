"""Without its asserts in this process, an implementation does what it does in one under ``python -O``."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import single_files
import under_O
from faults import all_faults
from faults.base import Fault
from sparsifier_conformance.checking.under_O import LOOKS
from sparsifier_conformance.implementations.finding import load
from sparsifier_conformance.implementations.names import has
from sparsifier_conformance.judging.isolation import pristine
from sparsifier_conformance.judging.processes.optimized import stripped
from sparsifier_conformance.suite.FakeSparsity import test_shapes
from sparsifier_conformance.suite.swap_module import test_devices

VARIANTS = sorted(Path(__file__).parents[1].joinpath("variants").rglob("*.py"))
FAULTS = [fault for fault in all_faults() if fault.changed() & set(LOOKS)]
assert {"FakeSparsity", "swap_module"} == set(LOOKS), (test_shapes, test_devices)

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the process under python -O forks")


def answers(where: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is seen in this process, for the names where that can be, and by a process under -O."""
    target, here = load(where).target, {}
    for name, look in LOOKS.items():
        value = stripped(getattr(target, name)) if has(target, name) else None
        if value is not None:
            with pristine():
                here[name] = look(SimpleNamespace(**{name: value}))
    there = under_O.ask(where, 60.0) if here else {}
    return here, {name: there[name] for name in here}


def test_what_stands_alone_is_compiled_without_its_asserts(tmp_path: Path) -> None:
    path = tmp_path / "ours.py"
    path.write_text("def swap_module(mod, mapping):\n    assert mapping\n    return mod if __debug__ else None\n")
    value = stripped(load(str(path)).target.swap_module)
    assert value is not None and value(1, {}) is None


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("import second", "return second.swap(mod)"),
        ("from torch.ao.pruning.sparsifier import utils", "return utils.swap_module(mod, mapping)"),
        ("", "return eval('mod')"),
        ("import sys", "return mod if sys.flags.optimize else None"),
        ("from importlib import import_module", "return import_module('second').swap(mod)"),
    ],
)
def test_what_needs_a_process_of_its_own_gets_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, body: str
) -> None:
    (tmp_path / "second.py").write_text("def swap(mod):\n    assert mod\n    return mod\n")
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "ours.py"
    path.write_text(f"{before}\ndef swap_module(mod, mapping):\n    {body}\n")
    assert stripped(load(str(path)).target.swap_module) is None


def test_what_is_made_within_a_function_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "ours.py"
    path.write_text("def made():\n    return lambda mod, mapping: mod\n\nswap_module = made()\n")
    assert stripped(load(str(path)).target.swap_module) is None


@needs_fork
def test_the_reference_in_one_file_is_seen_as_by_a_process(tmp_path: Path) -> None:
    path = tmp_path / "single.py"
    path.write_text(single_files.of_text(""), encoding="utf-8")
    here, there = answers(str(path))
    assert set(here) == set(LOOKS) and here == there


@needs_fork
@pytest.mark.exhaustive
@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: path.stem)
def test_a_variant_is_seen_as_by_a_process(path: Path) -> None:
    here, there = answers(str(path))
    assert here == there


@needs_fork
@pytest.mark.exhaustive
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_in_one_file_is_seen_as_by_a_process(tmp_path: Path, fault: type[Fault]) -> None:
    text = single_files.of_fault(fault)
    if text is None:
        pytest.skip("it cannot be written into one file by a program")
    path = tmp_path / "single.py"
    path.write_text(text, encoding="utf-8")
    here, there = answers(str(path))
    assert here == there
