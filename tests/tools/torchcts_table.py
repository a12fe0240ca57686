"""Write what torchcts, a suite of others for vendors' devices, finds of ``pretend``: ``tox -e torchcts [-- OPTION…]``.

torchcts compares a device with the CPU, operator by operator; its levels 1 to 4 go from single operators to training.
It needs a release of torch of its own. What ``pretend`` claims to it is in ``tests/tools/torchcts_claims/manifest.py``.
The table is of some of its suites and becomes that of ``docs/devices.md``; with options for torchcts, such as
``--suite opinfo``, it is printed: all of its suites take hours.
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
from sources import ROOT

DOCUMENT = ROOT / "docs" / "devices.md"
CLAIMS = Path(__file__).with_name("torchcts_claims")
LEVELS = range(1, 5)
#: Folders of torchcts, so that it looks at no other: to collect them all takes minutes.
SUITES = ("operators", "autograd", "dtypes", "errors", "rng", "serialization", "training")
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
            run(Path(folder), of_torchcts)
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
        options: what to run, as options of ``torchcts run``; without any, what the table is of.
    """
    command = ["torchcts", "run", "--device=pretend", f"--level={LEVELS[-1]}", "--non-interactive", "-q"]
    path = os.pathsep.join(filter(None, (str(CLAIMS), os.environ.get("PYTHONPATH"))))
    # A failed test makes its exit status 1, and a scorecard that it cannot give does so too.
    command += [f"--results-dir={folder}", *(options or [*map(str, suites()), *ENDS])]
    subprocess.run(command, cwd=CLAIMS, env={**os.environ, "PYTHONPATH": path}, check=False)


def suites() -> list[Path]:
    """Return the folders of the suites that the table is of."""
    (package,) = import_module("torchcts").__path__
    return [Path(package, name) for name in SUITES]


def results_in(folder: Path) -> dict[str, Any] | None:
    """Return what torchcts wrote into a folder of results, or None if it wrote nothing."""
    latest = next(folder.glob("*_latest.json"), None)
    if latest is None:
        return None
    artifacts: Any = import_module("torchcts.core.result_artifacts")
    found: dict[str, Any] = artifacts.load_result_artifact(latest)
    return found


def table(artifact: Mapping[str, Any]) -> str:
    """Return how many tests of each suite and level passed, and the most frequent kinds of failures.

    Parameters:
        artifact: what torchcts wrote: a record of each test that ran by its node id, and how many it selected.
    """
    results = artifact["results"]
    selected = artifact["metadata"]["backend_manifest_assertion"]["asserted_test_count"]
    passed, ran = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    why: Counter[str] = Counter()
    for node, each in results.items():
        place = Path(node.partition("::")[0]).parent.name, each["semantic_level"]
        ran[place] += 1
        passed[place] += each["status"] == "PASS"
        if each["status"] != "PASS":
            why[_kind(each)] += 1
    versions = f"torchcts {metadata.version('torchcts')}, torch {metadata.version('torch')}"
    lines = [f"{versions}: {len(results)} of {selected} tests ran, {passed.total()} passed", ""]
    lines += [f"| passed | {' | '.join(f'level {level}' for level in LEVELS)} |", f"|---|{'--:|' * len(LEVELS)}"]
    for suite in sorted({suite for suite, _ in ran}):
        cells = [f"{passed[suite, level]} of {ran[suite, level]}" if ran[suite, level] else "" for level in LEVELS]
        lines.append(f"| `{suite}` | {' | '.join(cells)} |")
    lines += ["", "| failed | most frequent reasons |", "|--:|---|"]
    lines += [f"| {count} | {kind} |" for kind, count in why.most_common(MOST)]
    return "\n".join(lines)


def _kind(record: Mapping[str, Any]) -> str:
    """Return the error of a failed test, without what differs from one operator to the next."""
    said = next(iter(str(record["error_message"]).splitlines()), "").partition(". ")[0]
    return f"{record['error_type']}: {said[:80]}".replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
