"""Time whole runs and starts against ``import torch``: ``python tests/benchmarks/runs.py [--rounds N] [PART …]``.

Parts: ``run``, ``start``; both if none is named. What is compared takes turns, a process each. CPU time is
user and system time of a process and of all that it started, so that others on the machine matter less. Memory is the
peak of the largest of them, and never less than what this process holds itself, which is little.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from records import judged, result, written

PYTHON = (sys.executable, "-c")
COMMAND = (sys.executable, "-m", "sparsifier_conformance")
FLOOR = (*PYTHON, "import torch")
PARTS = ("run", "start")


@dataclass(frozen=True)
class Cost:
    """What a process and all that it started took: seconds, seconds, bytes."""

    cpu: float
    wall: float
    memory: int


def cost(command: Iterable[str]) -> Cost:
    """Run a command, whose output nobody reads, and say what it took."""
    begin = time.perf_counter()
    arguments = list(command)
    # Neither this workplace's own settings nor the lack of compiled files is what is measured.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)]
    child = os.posix_spawn(arguments[0], arguments, {**environment, "OMP_NUM_THREADS": "1"}, file_actions=quiet)
    _, _, usage = os.wait4(child, 0)
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - begin, usage.ru_maxrss * 1024)


def in_turns(commands: dict[str, tuple[str, ...]], rounds: int) -> dict[str, list[Cost]]:
    """Run several commands, one after the other, again and again."""
    seen: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seen[name].append(cost(command))
    return seen


def main(arguments: list[str]) -> None:
    """Print a table for each part."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", metavar="PART", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    cost((*COMMAND, "run", "reference", "--only", "FakeSparsity"))  # so that what Python compiles is there
    with tempfile.TemporaryDirectory() as folder:
        for part in options.parts or PARTS:
            for commands in {"run": _run, "start": _start}[part](Path(folder)):
                print_table(in_turns({"import torch": FLOOR, **commands}, options.rounds))


def print_table(seen: dict[str, list[Cost]]) -> None:
    """Print what commands took, and as a multiple of what the first one did in the same round."""
    print("| | CPU, s | × import torch | wall, s | × | memory, MB | × |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    floor = next(iter(seen.values()))
    for name, costs in seen.items():
        cells = []
        for quantity, unit in (("cpu", 1.0), ("wall", 1.0), ("memory", 1e6)):
            values = [getattr(each, quantity) / unit for each in costs]
            ratios = sorted(
                getattr(each, quantity) / getattr(least, quantity) for each, least in zip(costs, floor, strict=True)
            )
            cells.append(f"{median(values):.3g}")
            cells.append(f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print()


def _run(folder: Path) -> list[dict[str, tuple[str, ...]]]:
    few = ("--device", "cpu", "--device", "meta")
    return [
        {
            "`run torch -n 0`, cpu and meta": (*COMMAND, "run", "torch", "-n", "0", *few),
            "`run torch -n 0`, and fake:cuda": (*COMMAND, "run", "torch", "-n", "0"),
            "`run torch -n 2`, cpu and meta": (*COMMAND, "run", "torch", "-n", "2", *few),
            "`run torch -n 2`, and fake:cuda": (*COMMAND, "run", "torch", "-n", "2"),
        }
    ]


def _start(folder: Path) -> list[dict[str, tuple[str, ...]]]:
    paths = [str(path) for path in written(folder, old=result(), new=result([judged("swap_module/here", "failed")]))]
    (folder / "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
    pytest = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "test_nothing.py"))
    return [
        {
            "`--help`": (*COMMAND, "--help"),
            "`spec`": (*COMMAND, "spec"),
            "`compare`": (*COMMAND, "compare", *paths),
            "`matrix`": (*COMMAND, "matrix", *paths),
            "pytest with the plugin": pytest,
            "pytest without": (*pytest, "-p", "no:sparsifier"),
        }
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
