"""Time the reference against torch's own module: ``python tests/benchmarks/utilities.py [--rounds N] [--scale SHARE]``.

With ``--patched`` it is torch's module with the patches of ``upstream/`` that is timed. The two take turns, in blocks
of a few milliseconds of CPU time, and each pair of blocks gives one ratio. Timers are those of
``torch.utils.benchmark``, which can be made to take turns.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.utils.benchmark import Timer

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import sparsifier_reference
from benchmarks.cases import Call, cases, chain, shared
from patching import imported, patched
from sparsifier_conformance.torch_utilities import utils

#: The least CPU time of a block, in seconds: much more than a clock tick, much less than a neighbour's burst.
BLOCK = 0.005


def main(arguments: list[str]) -> None:
    """Print a table of ratios, and how the reference grows where torch cannot follow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the real sizes")
    parser.add_argument("--patched", action="store_true", help="time patched torch in place of the reference")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    name, timed = ("patched", with_patches()) if options.patched else ("reference", sparsifier_reference)
    print(f"| utility | case | torch, µs | {name}, µs | ratio | middle half of the ratios |")
    print("|---|---|--:|--:|--:|---|")
    for case in cases(options.scale):
        ours, theirs = compare(case.make(timed), case.make(utils), options.rounds)
        ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
        low, _, high = quantiles(ratios, n=4)
        cells = [f"{1e6 * median(theirs):.1f}", f"{1e6 * median(ours):.1f}", f"{median(ratios):.2f}"]
        print(f"| `{case.utility}` | {case.name} | {' | '.join(cells)} | {low:.2f} to {high:.2f} |", flush=True)
    print()
    for line in growth(name, timed, options.scale):
        print(line, flush=True)


def with_patches() -> ModuleType:
    """Return torch's module with the patches of ``upstream/``."""
    with tempfile.TemporaryDirectory() as folder:
        return imported(patched(Path(folder), "all.patch"))


def compare(ours: Call, theirs: Call, rounds: int) -> tuple[list[float], list[float]]:
    """Time two calls in turns.

    Parameters:
        ours: one.
        theirs: the other.
        rounds: how often each is timed.

    Returns:
        For each of the two, the CPU time of one call in seconds, by round.
    """
    timers = [Timer("call()", globals={"call": call}, timer=time.process_time) for call in (ours, theirs)]
    once = max(timer.timeit(1).mean for timer in timers)
    number = max(1, int(BLOCK / max(once, 1e-7)))
    number = max(number, int(number * BLOCK / max(1e-4, min(timer.timeit(number).mean * number for timer in timers))))
    seen: tuple[list[float], list[float]] = [], []
    for index in range(rounds):
        for which in (0, 1) if index % 2 else (1, 0):  # neither is always the first
            seen[which].append(timers[which].timeit(number).mean)
    return seen


def growth(called: str, timed: Any, scale: float) -> list[str]:
    """Time an implementation where torch is exponential, or fails, at two sizes of which one is twice the other.

    Parameters:
        called: its name.
        timed: the implementation.
        scale: the share of the real sizes.
    """
    lines = [f"| case | {called}, ms | ratio |", "|---|--:|--:|"]
    for name, make, size in (
        ("sharing over {} levels: absent", shared, max(4, int(40 * scale))),
        ("depth {}: absent", chain, max(4, int(100_000 * scale))),
    ):
        seen = {}
        for each in (size // 2, size):
            model, absent = make(each), nn.Module()
            variables = {"f": timed.module_to_fqn, "m": model, "x": absent}
            timer = Timer("f(m, x)", globals=variables, timer=time.process_time)
            seen[each] = median(timer.timeit(3).mean for _ in range(5)) * 1e3
        for each, taken in seen.items():
            lines.append(f"| {name.format(each)} | {taken:.2f} | {taken / seen[size // 2]:.2f} |")
    peaks = [peak(implementation, max(1, int(10**6 * scale))) for implementation in (timed, utils)]
    memory = f"at most {peaks[0]} tensors of the mask's size beside what is given; torch's own {peaks[1]}"
    return [*lines, "", f"memory of a product and its gradient, {called}: {memory}"]


def peak(implementation: Any, size: int) -> int:
    """Count the tensors of the mask's size that forward and backward hold at most beside what they were given.

    Torch's profiler notes what its allocator gives and takes.
    """
    sparsity, x = implementation.FakeSparsity(torch.ones(size)), torch.ones(size, requires_grad=True)
    gradient = torch.ones(size)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        sparsity(x).backward(gradient)
    held = most = 0
    for event in profile.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            most = max(most, held)
    return round(most / (4 * size))


if __name__ == "__main__":
    main(sys.argv[1:])
