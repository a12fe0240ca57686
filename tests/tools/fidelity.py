"""Write how devices that are made up compare with real ones: ``python tests/tools/fidelity.py [OPTION…]``.

For every fault that a device could show, the verdict on cpu, on ``pretend`` and ``fake:cuda``, and on CUDA where torch
finds some, of the requirement that the fault aims at. The table becomes that of ``docs/devices.md``, or is written to a
file, such as the summary of a workflow. With ``--device cuda`` it is of
these devices and of cpu, and printed, row by row.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import counts
from faults import all_faults
from faults.base import Fault
from judging import judge
from sources import ROOT
from sparsifier_conformance.devices.registry import resolve
from sparsifier_conformance.outcomes.outcome import FAULTY, Outcome

DOCUMENT = ROOT / "docs" / "devices.md"
MADE_UP = ("cpu", "pretend:0", "pretend:1", "fake:cuda")
#: The modules of faults that are about devices, whatever devices show them.
_MODULES = ("accelerators", "devices")


def main(arguments: list[str]) -> int:
    """Write the table, and return the exit status."""
    parser = argparse.ArgumentParser(prog="fidelity.py", description="Write how devices compare.")
    parser.add_argument("--output", type=Path, metavar="FILE", help="append the table to a file, not to the document")
    parser.add_argument("--device", metavar="DEVICE", help="judge there and on cpu alone, and print the table")
    options = parser.parse_args(arguments)
    if options.device:
        for line in lines(faults(), ["cpu", *resolve([options.device])]):
            print(line, flush=True)
        return 0
    made = "\n".join(lines(faults(), devices()))
    if options.output:
        with options.output.open("a", encoding="utf-8") as file:
            file.write(f"{made}\n")
    else:
        counts.put(DOCUMENT, {"fidelity": made})
    return 0


def faults() -> list[type[Fault]]:
    """Return the faults that a device could show."""
    return [
        fault
        for fault in all_faults()
        if set(fault.on) - {"cpu", "meta"} or fault.__module__.rpartition("__")[2].endswith(_MODULES)
    ]


def devices() -> list[str]:
    """Return the devices to compare: those that are made up, and the real ones of CUDA."""
    import torch

    return [*MADE_UP, *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]


def lines(chosen: Sequence[type[Fault]], names: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the table: a row for each fault, a column for each device.

    Parameters:
        chosen: the faults.
        names: the devices.
    """
    import torch

    yield f"torch {torch.__version__}, {datetime.date.today().isoformat()}; CUDA: " + (
        ", ".join(map(torch.cuda.get_device_name, range(torch.cuda.device_count()))) or "none here"
    )
    yield ""
    yield f"| fault | aims at | {' | '.join(names)} |"
    yield f"|---|---|{'---|' * len(names)}"
    for fault in chosen:
        cells = found_on(fault, names)
        yield f"| `{fault.__name__}` | `{fault.aims_at}` | {' | '.join(cells[name] for name in names)} |"


def found_on(fault: type[Fault], names: Sequence[str]) -> dict[str, str]:
    """Return whether each device shows a fault: ``found``, ``not found``, or ``n/a`` where it cannot be judged."""
    result = judge(fault.where(), *(f"--sparsifier-device={name}" for name in names), only=[fault.aims_at])
    outcomes = {each.device: each.outcome for each in result.requirements}
    everywhere = outcomes.get(None)
    return {name: _cell(outcomes.get(name, everywhere)) for name in names}


def _cell(outcome: Outcome | None) -> str:
    if outcome in FAULTY:
        return "found"
    return "not found" if outcome is Outcome.PASSED else "n/a"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
