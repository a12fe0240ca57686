"""Write what torchcts, a suite of others for vendors' devices, finds of ``pretend``: ``tox -e torchcts [-- OPTION…]``.

torchcts compares a device with the CPU, operator by operator; its levels 1 to 4 go from single operators to training.
It needs a release of torch of its own. What ``pretend`` claims to it is in ``tests/tools/torchcts_claims/manifest.py``.
The table is of its suite ``operators`` and becomes that of ``docs/devices.md``; with options for torchcts, such as
``--suite autograd``, it is printed: all of its suites take more than an hour.
``--results FOLDER`` takes what a run left there, for a run that was ended too.
"""

from __future__ import annotations

import argparse
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
SUITE = ("--suite", "operators")
#: A backward of torch's own for a bias without a weight meets an error of Python, which ends the process.
ENDS = ("-k", "not group_norm_bias_only")
#: How many kinds of failures are listed.
MOST = 10


def main(arguments: list[str]) -> int:
    """Run torchcts, write or print the table, and return the exit status."""
    parser = argparse.ArgumentParser(prog="torchcts_table.py", description="Write what torchcts finds of pretend.")
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="take the results of a run, and run nothing")
    options, of_torchcts = parser.parse_known_args(arguments)
    with TemporaryDirectory() as folder:
        if options.results is None:
            run(Path(folder), of_torchcts or [*SUITE, *ENDS])
        artifact = results_in(options.results or Path(folder))
    if artifact is None or not artifact["results"]:
        print("torchcts ran no test, so there is no table", file=sys.stderr)
        return 1
    if of_torchcts:
        print(table(artifact))
    else:
        counts.put(DOCUMENT, {"torchcts": table(artifact)})
    return 0


def run(folder: Path, options: list[str]) -> None:
    """Run torchcts.

    Parameters:
        folder: where torchcts writes its results.
        options: what to run, as options of ``torchcts run``.
    """
    command = ["torchcts", "run", "--device=pretend", f"--level={LEVELS[-1]}", "--non-interactive", "-q"]
    path = os.pathsep.join(filter(None, (str(CLAIMS), os.environ.get("PYTHONPATH"))))
    # A failed test makes its exit status 1, and a scorecard that it cannot give does so too.
    subprocess.run(
        [*command, f"--results-dir={folder}", *options], cwd=CLAIMS, env={**os.environ, "PYTHONPATH": path}, check=False
    )


def results_in(folder: Path) -> dict[str, Any] | None:
    """Return what torchcts wrote into a folder of results, or None if it wrote nothing."""
    latest = next(folder.glob("*_latest.json"), None)
    if latest is None:
        return None
    artifacts: Any = import_module("torchcts.core.result_artifacts")
    found: dict[str, Any] = artifacts.load_result_artifact(latest)
    return found


def table(artifact: Mapping[str, Any]) -> str:
    """Return how many tests of each level passed, and the most frequent kinds of failures.

    Parameters:
        artifact: what torchcts wrote: a record of each test that ran by its node id, and how many it selected.
    """
    results = artifact["results"]
    selected = artifact["metadata"]["backend_manifest_assertion"]["asserted_test_count"]
    passed, failed = Counter[int](), Counter[int]()
    why: Counter[str] = Counter()
    for each in results.values():
        (passed if each["status"] == "PASS" else failed)[each["semantic_level"]] += 1
        if each["status"] != "PASS":
            why[_kind(each)] += 1
    ran = f"{len(results)} of {selected} tests ran"
    lines = [f"torchcts {metadata.version('torchcts')}, torch {metadata.version('torch')}: {ran}", ""]
    lines += ["| level | passed | failed |", "|--:|--:|--:|"]
    lines += [f"| {level} | {passed[level]} | {failed[level]} |" for level in LEVELS]
    lines += ["", "| failed | most frequent reasons |", "|--:|---|"]
    lines += [f"| {count} | {kind} |" for kind, count in why.most_common(MOST)]
    return "\n".join(lines)


def _kind(record: Mapping[str, Any]) -> str:
    """Return the error of a failed test, without what differs from one operator to the next."""
    said = next(iter(str(record["error_message"]).splitlines()), "").partition(". ")[0]
    return f"{record['error_type']}: {said[:80]}".replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
