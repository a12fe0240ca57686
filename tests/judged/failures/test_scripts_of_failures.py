"""The scripts of failures, and what they take along."""

from __future__ import annotations

from pathlib import Path

from judging import judge
from reproducing import output_of
from sparsifier_conformance.checking import descriptions
from sparsifier_conformance.outcomes.reproducer.sources import Closure, wrapped

COPIES = "faults.swap_module.mapping:CopiesUnmapped"


def test_what_is_expected_to_fail_has_one_too(tmp_path: Path) -> None:
    judge(
        "torch",
        "--sparsifier-only=fqn_to_module/nothing-beyond-missing",
        "--sparsifier-expect=torch",
        f"--sparsifier-reproducers={tmp_path}",
    )
    assert [file.name for file in tmp_path.iterdir()] == ["fqn_to_module.nothing-beyond-missing.py"]


def test_one_that_fails_prints_what_was_expected() -> None:
    (failure,) = judge(COPIES, only=["swap_module/unmapped-is-same-object"]).requirements
    assert failure.reproducer is not None
    *printed, error = output_of(failure.reproducer, COPIES)
    assert error == f"AssertionError: {failure.sentence}"
    assert any(": expected " in line and ", got " in line for line in printed)


def test_one_device_is_enough(tmp_path: Path) -> None:
    judge(
        "faults.FakeSparsity.shapes:" + _a_shape_fault(),
        "--sparsifier-only=FakeSparsity/shape-mismatch-rejected",
        f"--sparsifier-reproducers={tmp_path}",
    )
    [script] = tmp_path.iterdir()
    assert "fails on cpu:" in script.read_text(encoding="utf-8")


def test_what_a_made_up_device_notes_for_the_run_stays_there() -> None:
    closure = Closure()
    closure.add("sparsifier_conformance.devices.fake", {"faking"})
    definitions = "\n".join(closure.definitions())
    assert "class _Placing" in definitions and "doubts" not in definitions and "_STORAGE" not in definitions


def test_long_lines_are_broken_where_that_changes_nothing() -> None:
    names = ", ".join(f"name_{number}" for number in range(20))
    assert wrapped(f"call({names})").startswith("call(\n    name_0,\n    name_1,\n")
    comprehension = f"observed = {{(one, other): call(one, other, {'x' * 90}) for one, other in several.items()}}"
    assert wrapped(comprehension) == comprehension


def _a_shape_fault() -> str:
    from faults.FakeSparsity import shapes

    return next(name for name, value in vars(shapes).items() if getattr(value, "aims_at", ""))


def test_a_tensor_is_described_without_the_speller_of_all_values() -> None:
    """Which takes thirty lines of a script."""
    closure = Closure()
    closure.add(descriptions.__name__, {"MaskAndInput"})
    definitions = "\n".join(closure.definitions())
    assert "class Values" in definitions and "def spelled" not in definitions
