"""Print where the CPU time of a run goes: ``python tests/benchmarks/shares.py [WHERE]``.

The run is a default one in a single process, with torch and its compiler imported apart, so that neither counts as a
check's. CPU time is user and system time, of processes that it starts, too.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import time
from collections import defaultdict
from collections.abc import Generator
from importlib import import_module
from statistics import mean

import pytest

from sparsifier_conformance.judging.items import device_of
from sparsifier_conformance.judging.processes.in_process import arguments_for
from sparsifier_conformance.judging.processes.workers import COSTLY, THRESHOLD

PYTHON, TORCH, ELSE = "Python, pytest", "import torch", "between the checks, and the result"
COMPILER = "torch._dynamo"
DEAREST = 10


def cpu() -> float:
    """Return the CPU time of this process, and of those that it started and that have ended."""
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system


class Shares:
    """A pytest plugin that notes what each part of a session takes; the parts are in the order in which they end."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self.checks: dict[str, float] = defaultdict(float)
        self.compiling: set[str] = set()
        self.runs = 0
        self._noted = 0.0

    def note(self, part: str) -> None:
        """Note as a part's all CPU time since the last one ended."""
        now = cpu()
        self.parts[part] = now - self._noted
        self._noted = now

    def pytest_collection_finish(self) -> None:
        """End the part before the checks."""
        self.note("Hypothesis and the checks: imported, collected")
        gc.freeze()  # as what judges does

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Generator[None, None, None]:
        """Note what a check takes, on all devices together."""
        name = item.nodeid.partition("[")[0].removeprefix("suite/")
        device, compiles = device_of(item), item.get_closest_marker(COSTLY) is not None
        self.compiling.update([name] * compiles)
        begin = cpu()
        if COMPILER not in sys.modules and (compiles or (device is not None and device.imports_compiler)):
            import_module(COMPILER)
            self.parts["import torch's compiler"] = cpu() - begin
            self._noted += cpu() - begin
            begin = cpu()
        yield
        taken = cpu() - begin
        self.checks[name] += taken
        self.runs += 1
        self._noted += taken


def main(arguments: list[str]) -> None:
    """Print what each part takes, in seconds and as a multiple of importing torch."""
    shares = Shares()
    shares.note(PYTHON)
    import_module("torch")
    shares.note(TORCH)
    gc.set_threshold(THRESHOLD)
    with contextlib.redirect_stdout(io.StringIO()) as output:
        pytest.main(arguments_for(*(arguments or ["torch"])), plugins=[shares])
    if not shares.runs:
        raise SystemExit(f"nothing was judged:\n{output.getvalue()}")
    shares.note(ELSE)
    for line in lines(shares):
        print(line)


def lines(shares: Shares) -> list[str]:
    """Return the table of what was noted."""
    first = shares.parts[PYTHON] + shares.parts[TORCH]
    compiling = {name: taken for name, taken in shares.checks.items() if name in shares.compiling}
    others = sorted(shares.checks.keys() - compiling, key=lambda name: -shares.checks[name])
    parts = {**shares.parts, f"{len(compiling)} checks that import the compiler": sum(compiling.values())}
    parts |= {f"`{name}`": shares.checks[name] for name in others[:DEAREST]}
    if left := [shares.checks[name] for name in others[DEAREST:]]:
        parts[f"the other {len(left)} checks, {1000 * mean(left):.0f} ms each"] = sum(left)
    parts[ELSE] = parts.pop(ELSE)
    whole = sum(parts.values())
    table = ["| | CPU, s | × import torch | share |", "|---|--:|--:|--:|"]
    table += [f"| {name} | {taken:.2f} | {taken / first:.2f} | {taken / whole:.0%} |" for name, taken in parts.items()]
    return [*table, f"| all, {shares.runs} times a check | {whole:.2f} | {whole / first:.2f} | 100% |"]


if __name__ == "__main__":
    main(sys.argv[1:])
