"""Print which requirements fail for which fault: ``python tests/tools/kill_matrix.py [--quick] [UTILITY …]``.

One table for each module of faults. ``X`` is the requirement that a fault aims at, ``+`` one that fails too, as the
fault says, ``-`` one that could and does not, ``?`` one that must not fail, and ``!`` the aim where it is missed.
A fault is found once if nothing but its aim fails: the last line has the mean number of requirements beyond it.
``--quick`` tries five inputs for each property, on the first device that shows a fault.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from statistics import fmean

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from faults import all_faults
from faults.base import Fault
from judging import failed, judge_fault
from sparsifier_conformance.specification import load


def main(arguments: list[str]) -> int:
    """Judge the faults of some utilities, or of all, and give the exit status: 0 if every one fails as it should."""
    quick, utilities = "--quick" in arguments, [each for each in arguments if each != "--quick"]
    faults = [fault for fault in all_faults() if not utilities or _utility_of(fault) in utilities]
    if not faults:
        print(f"no faults for {', '.join(utilities)}; there are some for {', '.join(_utilities())}", file=sys.stderr)
        return 2
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        seen = dict(zip(faults, pool.map(partial(_failed, quick), [fault.where() for fault in faults]), strict=True))
    tables: dict[str, list[type[Fault]]] = defaultdict(list)
    for fault in faults:
        tables[fault.__module__.partition(".")[2]].append(fault)
    for title, rows in tables.items():
        _print_table(title, rows, seen)
    killed = [fault for fault in faults if fault.aims_at in seen[fault]]
    astray = [fault for fault in faults if seen[fault] - {fault.aims_at} - fault.so_too]
    aims = {fault.aims_at for fault in faults}
    asked = [each.id for each in load().requirements.values() if not utilities or each.utility in utilities]
    print(f"{len(killed)} of {len(faults)} faults fail what they aim at, {len(astray)} fail what they should not")
    print(f"{sum(id in aims for id in asked)} of {len(asked)} requirements are aimed at by a fault")
    print(f"beyond the aim of each, {_mean_beyond(seen):.2f} requirements fail in the mean")
    beyond = Counter(id for fault in faults for id in seen[fault] - {fault.aims_at})
    print("most often beyond it: " + ", ".join(f"{id} {count}" for id, count in beyond.most_common(12)))
    return 0 if len(killed) == len(faults) and not astray and set(asked) <= aims else 1


def _mean_beyond(seen: dict[type[Fault], set[str]]) -> float:
    return fmean(len(failed - {fault.aims_at}) for fault, failed in seen.items())


def _failed(quick: bool, where: str) -> set[str]:
    fault = next(each for each in all_faults() if each.where() == where)
    return failed(judge_fault(fault, quick=quick))


def _utility_of(fault: type[Fault]) -> str:
    return fault.__module__.split(".")[1]


def _utilities() -> list[str]:
    return list(dict.fromkeys(map(_utility_of, all_faults())))


def _print_table(title: str, faults: list[type[Fault]], seen: dict[type[Fault], set[str]]) -> None:
    columns = [
        id for id in load().requirements if any(id in {fault.aims_at} | fault.so_too | seen[fault] for fault in faults)
    ]
    width = max(len(fault.__name__) for fault in faults)
    print(f"\n{title}")
    for number, id in enumerate(columns):
        print(f"{'':{width}}  {'| ' * number}{id}")
    for fault in faults:
        print(f"{fault.__name__:{width}}  {' '.join(_mark(fault, id, id in seen[fault]) for id in columns)}".rstrip())


def _mark(fault: type[Fault], id: str, fails: bool) -> str:
    if id == fault.aims_at:
        return "X" if fails else "!"
    if id in fault.so_too:
        return "+" if fails else "-"
    return "?" if fails else "."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
