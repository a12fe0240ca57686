"""Write what torchcts, a suite of others for vendors' devices, finds of ``pretend``: ``tox -e torchcts [-- OPTION…]``.

torchcts compares a device with the CPU, operator by operator; its levels 1 to 4 go from single operators to training.
It needs a release of torch of its own. What ``pretend`` claims to it is in ``tests/tools/torchcts_claims/manifest.py``.
The table becomes that of ``docs/devices.md``; with options for torchcts, such as ``--suite autograd``, it is printed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from importlib import import_module, metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import counts

DOCUMENT = counts.ROOT / "docs" / "devices.md"
CLAIMS = Path(__file__).with_name("torchcts_claims")
LEVELS = range(1, 5)
#: How many kinds of failures are listed.
MOST = 10


def main(arguments: list[str]) -> int:
    """Run torchcts, write or print the table, and return the exit status."""
    with TemporaryDirectory() as folder:
        results = run(Path(folder), arguments)
    if not results:
        print("torchcts ran no test, so there is no table", file=sys.stderr)
        return 1
    if arguments:
        print(table(results))
    else:
        text = counts.updated(counts.read(DOCUMENT), {"torchcts": table(results)})
        DOCUMENT.write_text(text, encoding="utf-8", newline="\n")
    return 0


def run(folder: Path, options: list[str]) -> dict[str, dict[str, Any]]:
    """Return torchcts' record of each test that it ran, by its node id.

    Parameters:
        folder: where torchcts writes its results.
        options: further options of ``torchcts run``.
    """
    command = ["torchcts", "run", "--device=pretend", f"--level={LEVELS[-1]}", "--non-interactive", "-q"]
    path = os.pathsep.join(filter(None, (str(CLAIMS), os.environ.get("PYTHONPATH"))))
    # A failed test makes its exit status 1, and a scorecard that it cannot give does so too.
    subprocess.run(
        [*command, f"--results-dir={folder}", *options], cwd=CLAIMS, env={**os.environ, "PYTHONPATH": path}, check=False
    )
    artifacts: Any = import_module("torchcts.core.result_artifacts")
    records: dict[str, dict[str, Any]] = {}
    for latest in folder.glob("*_latest.json"):
        records |= artifacts.load_result_artifact(latest)["results"]
    return records


def table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return how many tests of each level passed, and the most frequent kinds of failures.

    Parameters:
        results: torchcts' records, by node id.
    """
    passed, failed = Counter[int](), Counter[int]()
    why: Counter[str] = Counter()
    for each in results.values():
        (passed if each["status"] == "PASS" else failed)[each["semantic_level"]] += 1
        if each["status"] != "PASS":
            why[_kind(each)] += 1
    lines = [f"torchcts {metadata.version('torchcts')}, torch {metadata.version('torch')}", ""]
    lines += ["| level | passed | failed |", "|--:|--:|--:|"]
    lines += [f"| {level} | {passed[level]} | {failed[level]} |" for level in LEVELS]
    lines += ["", "| failed | most frequent reasons |", "|--:|---|"]
    lines += [f"| {count} | {kind} |" for kind, count in why.most_common(MOST)]
    return "\n".join(lines)


def _kind(record: Mapping[str, Any]) -> str:
    """Return the error of a failed test, without what differs from one operator to the next."""
    said = " ".join(str(record["error_message"]).split()).partition(". ")[0]
    return f"{record['error_type']}: {said[:80]}".replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
