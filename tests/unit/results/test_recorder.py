"""What becomes of a utility whose checks do not end."""

from __future__ import annotations

import pytest

from records import judged
from sparsifier_conformance.judging.recorder import endless
from sparsifier_conformance.results.records import Judgement

TIMED_OUT = judged("swap_module/one", "timed out")


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (TIMED_OUT, ["swap_module"]),
        (judged("swap_module/two", "timed out", "cpu"), ["swap_module"]),
        (judged("swap_module/two", "timed out", level="SHOULD"), []),
        (judged("swap_module/two", "expected failure"), []),
        (judged("swap_module/two", "failed"), []),
        (judged("module_to_fqn/two", "timed out"), []),
    ],
)
def test_three_musts_that_timed_out_are_enough(last: Judgement, expected: list[str]) -> None:
    assert endless([TIMED_OUT, TIMED_OUT, last]) == expected
