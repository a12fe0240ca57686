"""Other correct code: implementations written quite differently, none of which the suite may accuse.

Here with few inputs on the CPU alone, without torch's compiler, two of them with a user's own model; and of those that
write all six names otherwise, which take longest, the four that have least in common. ``tox -e variants`` judges all of
them on all devices, with 20 seeds and with 10 times the examples:
``pytest tests/judged/implementations/test_variants.py --exhaustive --seeds 20 --times-examples 10``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import sparsifier_reference
from judging import failed, judge
from sparsifier_conformance.implementations.finding import imported, load
from sparsifier_conformance.implementations.names import NAMES
from sparsifier_conformance.results.records import Result, Verdict

VARIANTS = sorted(Path(__file__).parents[2].joinpath("variants").rglob("*.py"))
EXAMPLES = 40
QUICKLY = ("--sparsifier-examples=5", "--sparsifier-exhaustive=2", "--sparsifier-device=cpu")
NO_COMPILER = ("-m", "not sparsifier_imports_compiler")
OWN_MODEL = "--sparsifier-model=architectures:Experts"
ALL_SIX = {"callables", "error_first", "locked", "zipper"}
ON_OWN_MODEL = {"callables", "zipper"}
QUICK = [path for path in VARIANTS if path.parents[1].name != "all_six" or path.stem in ALL_SIX]
each_variant = pytest.mark.parametrize("path", VARIANTS, ids=lambda path: path.stem)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Judge with further seeds and more examples, if requested."""
    if "seed" in metafunc.fixturenames:
        seeds, times = metafunc.config.getoption("--seeds"), metafunc.config.getoption("--times-examples")
        more = [(0, times * EXAMPLES)] if times > 1 else []
        metafunc.parametrize(("seed", "examples"), [(seed, EXAMPLES) for seed in range(seeds)] + more)


def claimed(path: Path) -> tuple[str, set[str]]:
    """Return where a variant is, and the SHOULDs that it does not claim to meet."""
    module = imported(str(path), "variant")
    attribute = getattr(module, "ATTRIBUTE", "")
    return f"{path}:{attribute}" if attribute else str(path), set(getattr(module, "NOT_CLAIMED", ()))


def changed(path: Path) -> list[str]:
    """Return the names that a variant does not take from the reference: no other check could accuse it."""
    target = load(claimed(path)[0]).target
    return [name for name in NAMES if getattr(target, name) is not getattr(sparsifier_reference, name)]


def check(result: Result, not_claimed: set[str]) -> None:
    """Check that it fails what it does not claim to meet, as far as that was judged, and nothing else."""
    assert failed(result) == not_claimed & {each.id for each in result.requirements}
    assert result.verdict is (Verdict.CONFORMS if failed(result) else Verdict.CONFORMS_IN_FULL)


@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.stem)
def test_a_correct_implementation_conforms_as_it_claims(path: Path) -> None:
    where, not_claimed = claimed(path)
    own_model = [OWN_MODEL] if path.stem in ON_OWN_MODEL else []
    check(judge(where, *own_model, *QUICKLY, *NO_COMPILER, names=changed(path)), not_claimed)


@pytest.mark.exhaustive
@each_variant
def test_it_does_so_on_all_devices_and_with_any_seed(path: Path, seed: int, examples: int) -> None:
    """By all checks once; with further seeds and more examples by those that draw their input."""
    where, not_claimed = claimed(path)
    first = (seed, examples) == (0, EXAMPLES)
    options = (f"--sparsifier-seed={seed}", f"--sparsifier-examples={examples}")
    result = judge(where, *options, properties_only=not first)
    assert failed(result) <= not_claimed
    if first:
        check(result, not_claimed)
