"""Run torchao's own tests of these utilities on other code: ``python tests/tools/torchao_tests.py CHECKOUT``.

Its wheels have no tests, and none are copied here, so CHECKOUT is one of torchao 0.18:
``git clone --branch v0.18.0 https://github.com/pytorch/ao``. The reference, torch and torch with the patches of
``upstream/`` each take the place of torchao's module, which is judged first. The table becomes that of
``docs/moving-from-torchao.md``. As torch's own tests these need ``expecttest`` and ``numpy``.
"""

from __future__ import annotations

import datetime
import runpy
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import counts
from patching import imported, patched
from sources import ROOT
from sparsifier_conformance.implementations.finding import load

DOCUMENT = ROOT / "docs" / "moving-from-torchao.md"
NAME = "torchao.prototype.sparsity.sparsifier.utils"
TESTS = ("test_parametrization.py", "test_sparsity_utils.py")


def main(arguments: list[str]) -> int:
    """Write the table, and return the exit status."""
    files = [Path(checkout, "test", "prototype", name) for checkout in arguments for name in TESTS]
    if len(arguments) != 1 or not all(map(Path.is_file, files)):
        print(f"torchao_tests.py: give a checkout of torchao 0.18, which has {' and '.join(TESTS)}", file=sys.stderr)
        return 2
    counts.put(DOCUMENT, {"torchao-tests": "\n".join(lines(Path(arguments[0]), files))})
    return 0


def lines(checkout: Path, files: list[Path]) -> Iterator[str]:
    """Yield the lines of the table: a row for each implementation, with how many tests pass and which do not."""
    import torch

    yield f"torch {torch.__version__}, {datetime.date.today().isoformat()}"
    yield ""
    yield "| tests of torchao 0.18 on | passed | failed |"
    yield "|---|--:|---|"
    with TemporaryDirectory() as folder:
        for name, implementation in {
            "torchao's module": load(str(checkout.joinpath(*NAME.split(".")).with_suffix(".py"))).target,
            "the reference": load("sparsifier_reference").target,
            "torch": load("sparsifier_conformance.torch_utilities:utils").target,
            "torch with all patches": imported(patched(Path(folder), "all.patch")),
        }.items():
            ran, failed = outcome(implementation, files)
            yield f"| {name} | {ran - len(failed)} of {ran} | {', '.join(f'`{each}`' for each in failed)} |"


def outcome(implementation: Any, files: list[Path]) -> tuple[int, list[str]]:
    """Return how many tests ran with an implementation in place of torchao's module, and the names of those that fail.

    Parameters:
        implementation: what has the six names.
        files: of tests, in the style of unittest.
    """
    parts = NAME.split(".")
    packages = {".".join(parts[:length]): ModuleType(parts[length - 1]) for length in range(1, len(parts))}
    vars(packages[NAME.rpartition(".")[0]])["utils"] = implementation
    suite, result = unittest.TestSuite(), unittest.TestResult()
    before = {name: sys.modules.pop(name) for name in (*packages, NAME) if name in sys.modules}
    sys.modules.update({**packages, NAME: implementation})
    try:
        for file in files:
            for each in runpy.run_path(str(file), run_name=file.stem).values():
                if isinstance(each, type) and issubclass(each, unittest.TestCase) and each.__module__ == file.stem:
                    suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(each))
    finally:
        for name in (*packages, NAME):
            del sys.modules[name]
        sys.modules.update(before)
    suite.run(result)
    return result.testsRun, sorted(test.id().rpartition(".")[2] for test, _ in result.failures + result.errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
