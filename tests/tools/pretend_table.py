"""Write what ``pretend`` can and cannot: ``python tests/tools/pretend_table.py [DEVICE [FROM]]``.

Each ability is one line of torch code that says whether it worked, asked of cpu and of both pretended devices, in a
process for each, and in a further one from where an ability ended it. The table becomes that of ``docs/devices.md``.
With a device, its answers are printed, from an ability by its number on, and nothing is written.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import counts
from pretend_abilities import abilities
from sources import ROOT

DEVICES = ("cpu", "pretend:0", "pretend:1")
DOCUMENT = ROOT / "docs" / "devices.md"
ENDS = "ends the process"


def main(arguments: list[str]) -> int:
    """Write the table, or print the answers of a device, and return the exit status."""
    if arguments:
        for name, cell in asked(arguments[0], int(arguments[1]) if arguments[1:] else 0):
            print(f"{name}\t{cell}", flush=True)
        return 0
    counts.put(DOCUMENT, {"pretend": table()})
    return 0


def table() -> str:
    """Return the table, and what torch says where it raises an error, for the torch that is installed."""
    import torch

    cells = {device: _answers(device) for device in DEVICES}
    release = ".".join(torch.__version__.split(".")[:2])
    rows = [f"| with torch {release} | {' | '.join(DEVICES)} |", f"|---|{'---|' * len(DEVICES)}"]
    for name in abilities():
        rows.append(f"| {name} | {' | '.join(cells[device][name].partition(':')[0] for device in DEVICES)} |")
    said = {name: cell.partition(": ")[2] for name, cell in cells[DEVICES[-1]].items()}
    rows += ["", f"| on {DEVICES[-1]} | torch says |", "|---|---|"]
    return "\n".join([*rows, *(f"| {name} | {words} |" for name, words in said.items() if words)])


def _answers(device: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for begin, words in enumerate(abilities()):
        if words not in found:
            command = [sys.executable, "-W", "ignore", __file__, device, str(begin)]
            ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=300)
            found |= {words: ENDS, **dict(line.split("\t") for line in ended.stdout.splitlines() if "\t" in line)}
    return found


def asked(name: str, begin: int) -> Any:
    """Yield each ability from a number on, with ``yes``, ``no``, or the error that it raises in a sentence."""
    import torch

    from sparsifier_conformance.devices.registry import device

    with device(name).entered() as place, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for words, ability in list(abilities().items())[begin:]:
            torch.manual_seed(0)
            try:
                answer = "yes" if ability(place) else "no"
            except Exception as error:
                answer = f"{type(error).__name__}: {_sentence(str(error))}"
            yield words, answer


def _sentence(text: str) -> str:
    """Return the first sentence of what an error says, fit for a cell of a table."""
    return next(iter(text.splitlines()), "").partition(". ")[0].rstrip(".").replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
