"""Other correct code: implementations written quite differently, none of which the suite may accuse.

More seeds and examples than by default: ``pytest tests/judged/test_variants.py --seeds 20 --times-examples 10``, which
`tox -e variants` does.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from judging import failed, judge
from sparsifier_conformance.implementations import load
from sparsifier_conformance.results.records import Verdict

VARIANTS = sorted(Path(__file__).parents[1].joinpath("variants").glob("*.py"))
#: Fewer than by default, which is what `tox -e variants` is for.
EXAMPLES = 10


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Judge by all checks once; with further seeds and more examples, if asked for, by those that draw their input."""
    seeds, times = metafunc.config.getoption("--seeds"), metafunc.config.getoption("--times-examples")
    more = [(0, times * EXAMPLES)] if times > 1 else []
    metafunc.parametrize(("seed", "examples"), [(seed, EXAMPLES) for seed in range(seeds)] + more)


def claimed(path: Path) -> tuple[str, set[str]]:
    """Give where a variant is, and the SHOULDs that it does not claim to meet."""
    module = load(str(path)).target
    attribute = getattr(module, "ATTRIBUTE", "")
    return f"{path}:{attribute}" if attribute else str(path), set(getattr(module, "NOT_CLAIMED", ()))


@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: path.stem)
def test_a_correct_implementation_conforms_as_it_claims(path: Path, seed: int, examples: int) -> None:
    where, not_claimed = claimed(path)
    first = (seed, examples) == (0, EXAMPLES)
    options = (f"--sparsifier-seed={seed}", f"--sparsifier-examples={examples}")
    result = judge(where, *options, properties_only=not first)
    assert failed(result) <= not_claimed
    if first:
        assert failed(result) == not_claimed
        assert result.verdict is (Verdict.CONFORMS if not_claimed else Verdict.CONFORMS_IN_FULL)
