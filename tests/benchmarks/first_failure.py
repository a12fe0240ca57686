"""Time faults with ``--fail-fast``: ``python tests/benchmarks/first_failure.py [--sample N] [FAULT …]``.

All in one process, so that importing torch is not counted, and without looking for the smallest input: CPU time, from
the start of a session to its end.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from faults import all_faults
from faults.base import Fault
from judging import judge, missing_for
from nothing import Nothing
from sparsifier_conformance.results.records import Verdict

#: Fails in the first check of all, so that what it takes is the session itself.
NOTHING = Nothing(lambda *args, **kwargs: None)


def main(arguments: list[str]) -> None:
    """Print the median and what each fault takes, the slowest first."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="FAULT")
    parser.add_argument("--sample", type=int, metavar="N", help="take N of them, evenly spread: the same each time")
    options = parser.parse_args(arguments)
    faults = [fault for fault in all_faults() if not options.names or fault.__name__ in options.names]
    size = min(options.sample or len(faults), len(faults))
    faults = [faults[index * len(faults) // size] for index in range(size)]
    told: dict[str, float] = {}
    judge("reference", "--sparsifier-examples=1")  # what is imported once, for all
    for fault in faults:
        if missing_for(fault) is None and (taken := first_failure(fault)) is not None:
            told[f"{fault.__name__} ({fault.aims_at})"] = taken
    print(f"| {len(told)} of {len(faults)} faults fail a MUST | CPU time until it is seen, s |\n|---|--:|")
    print(f"| a session that fails in its first check | {taken_by('first_failure:NOTHING')[0]:.2f} |")
    print(f"| median | {median(told.values()):.2f} |")
    for name in sorted(told, key=lambda name: -told[name]):
        print(f"| {name} | {told[name]:.2f} |")


def first_failure(fault: type[Fault]) -> float | None:
    """Give the CPU time until a fault is told, in seconds, or None if it fails no MUST."""
    taken, verdict = taken_by(fault.where(), *(f"--sparsifier-device={device}" for device in fault.on))
    return taken if verdict is Verdict.DOES_NOT_CONFORM else None


def taken_by(where: str, *devices: str) -> tuple[float, Verdict]:
    """Judge an implementation up to its first failed MUST, and give the CPU time in seconds and the verdict."""
    begin = time.process_time()
    result = judge(where, "--sparsifier-fail-fast", *devices)
    return time.process_time() - begin, result.verdict


if __name__ == "__main__":
    main(sys.argv[1:])
