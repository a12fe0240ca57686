"""What torchao's own tests say of other code is counted, and a checkout that has none is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import torchao_tests

TEST = """
from unittest import TestCase
from torchao.prototype.sparsity.sparsifier import utils
from torchao.prototype.sparsity.sparsifier.utils import answer

class {name}(TestCase):
    def test_answer(self):
        self.assertEqual(answer, 42)

    def test_both_ways(self):
        self.assertIs(utils.answer, answer)
"""


class Right:
    """What the tests are made for."""

    answer = 42


class Wrong:
    """What they fail for."""

    answer = 43


def test_each_test_is_counted_and_those_that_fail_are_named(tmp_path: Path) -> None:
    files = [tmp_path / name for name in torchao_tests.TESTS]
    for number, file in enumerate(files):
        file.write_text(TEST.format(name=f"Test{number}"), encoding="utf-8")
    assert torchao_tests.outcome(Right, files) == (4, [])
    assert torchao_tests.outcome(Wrong, files) == (4, ["test_answer", "test_answer"])
    assert torchao_tests.NAME not in sys.modules


@pytest.mark.parametrize("arguments", [[], ["{}"], ["{}", "{}"]], ids=len)
def test_what_is_no_checkout_is_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert torchao_tests.main([each.format(tmp_path) for each in arguments]) == 2
    assert capsys.readouterr().err.startswith("torchao_tests.py: give a checkout of torchao 0.18, which has test_")
