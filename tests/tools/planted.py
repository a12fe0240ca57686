"""Plant faults in our own code, and print which tests find each: ``python tests/tools/planted.py [NAME …]``.

Each is a small change to a copy of the tree, in which the tiers run, the cheapest first, until a test fails, which is
printed, so that a person can see that it fails for the fault.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = Path("conformance/sparsifier_conformance")
#: By the name of a tier: what pytest is given.
TIERS = {
    "unit": ("tests/unit",),
    "judged": ("tests/judged",),
    "end_to_end": ("tests/end_to_end",),
    "exhaustive": ("--exhaustive", "-m", "exhaustive", "tests/judged", "tests/end_to_end"),
}
#: It fails wherever a fault is planted, as it looks for the code that stood there.
OWN_TEST = "tests/unit/tools/test_planted.py"
#: In seconds, for one tier.
TIME_LIMIT = 3600


@dataclass(frozen=True)
class Planted:
    """A fault: a piece of code of a file of the package, and what stands there instead."""

    name: str
    file: str
    before: str
    after: str

    def plant(self, tree: Path) -> None:
        """Change the file in a copy of the tree."""
        path = tree / PACKAGE / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.before) != 1:
            raise SystemExit(f"planted.py: {self.name}: {self.file} has this {text.count(self.before)} times")
        path.write_text(text.replace(self.before, self.after), encoding="utf-8")


FAULTS = (
    Planted(
        "a blocked MUST conforms",
        "outcomes/outcome.py",
        "Outcome.FAILED, Outcome.BLOCKED})",
        "Outcome.FAILED})",
    ),
    Planted(
        "a failed MUST conforms if something was not run",
        "results/verdict.py",
        "    if not_run or missing or all(",
        "    if missing or all(",
    ),
    Planted(
        "a device is ignored",
        "devices/registry.py",
        "            resolved.append(name)\n",
        '            resolved.append("cpu")\n',
    ),
    Planted(
        "an expected failure never goes stale",
        "results/expectations.py",
        "if judgement.outcome is not Outcome.PASSED:",
        "if judgement.outcome not in FAULTY:",
    ),
    Planted(
        "a result is half written where a disk is full",
        "files.py",
        "if path.exists() and not path.is_file():\n        path.write_bytes(data)",
        "if True:\n        path.write_bytes(data)",
    ),
    Planted(
        "a check is not run",
        "suite/fqn_to_module/test_paths.py",
        "def test_submodules(",
        "def check_submodules(",
    ),
    Planted(
        "a script does not fail",
        "outcomes/reproducer/writing.py",
        'asserting = f"assert {script.condition}, "',
        'asserting = f"assert True or {script.condition}, "',
    ),
    Planted(
        "the number of examples is ignored",
        "judging/session/properties.py",
        "max_examples=wanted.examples",
        "max_examples=40",
    ),
    Planted(
        "a crash is counted as passed",
        "judging/ended_checks.py",
        "if timed_out else Outcome.CRASHED",
        "if timed_out else Outcome.PASSED",
    ),
    Planted(
        "what workers report is lost",
        "judging/recorder.py",
        "judged = judged_of(report)\n",
        'judged = None if hasattr(report, "node") else judged_of(report)\n',
    ),
    Planted(
        "an incomplete run is a success",
        "results/verdict.py",
        "Verdict.INCOMPLETE: 3",
        "Verdict.INCOMPLETE: 0",
    ),
    Planted(
        "the command ignores a number of workers",
        "cli/run.py",
        "workers=options.n",
        "workers=None",
    ),
    Planted(
        "a mutant that cannot be imported counts as told",
        "mutation/trying.py",
        "Fate.BROKEN if by == IMPORT else",
        "Fate.TOLD if by == IMPORT else",
    ),
    Planted(
        "what the unmutated code does not meet tells a mutant",
        "mutation/judging.py",
        "not in self.unmutated.faulty]",
        "not in ()]",
    ),
    Planted(
        "a list that is too short is the same",
        "checking/comparing.py",
        "            and len(observed) == len(expected)\n",
        "",
    ),
    Planted(
        "state leaks from one check into the next",
        "judging/isolation.py",
        "            before.restore(thoroughly=failed)\n",
        "            pass\n",
    ),
)


def main(arguments: list[str]) -> int:
    """Plant the faults that are named, or all, and return the exit status: 0 if every one is found."""
    parser = argparse.ArgumentParser(description="Plant faults in this project's own code.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a fault's name; all faults if left out")
    parser.add_argument("--tier", action="append", choices=TIERS, help="run this tier only; repeatable")
    parser.add_argument("--select", default="", metavar="EXPRESSION", help="run only tests that pytest's -k selects")
    options = parser.parse_args(arguments)
    if found := _find(None, options.tier or list(TIERS), options.select):
        raise SystemExit(f"planted.py: nothing is planted yet, and {found[1]} fails")
    faults = [each for each in FAULTS if not options.names or any(name in each.name for name in options.names)]
    width = max(len(each.name) for each in FAULTS)
    missed = 0
    for fault in faults:
        found = _find(fault, options.tier or list(TIERS), options.select)
        missed += found is None
        tier, test = found or ("nothing", "")
        print(f"{fault.name:{width}}  {tier:10}  {test}", flush=True)
    print(f"{len(faults) - missed} of {len(faults)} are found")
    return 1 if missed else 0


def _find(fault: Planted | None, tiers: list[str], select: str) -> tuple[str, str] | None:
    """Return the first tier with a test that fails where a fault is planted, or none is; and that test."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", ".tox", "__pycache__", ".*_cache"))
        if fault:
            fault.plant(tree)
        # Before what is installed.
        path = os.pathsep.join([str(tree / "reference"), str(tree / "conformance")])
        for tier in tiers:
            selected = ["-k", select] if select else []
            quietly = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-W", "ignore", f"--ignore={OWN_TEST}"]
            ended = subprocess.run(
                [sys.executable, "-m", "pytest", *quietly, *selected, *TIERS[tier]],
                cwd=tree,
                env={**os.environ, "PYTHONPATH": path},
                capture_output=True,
                text=True,
                timeout=TIME_LIMIT,
            )
            failed = re.search(r"^(?:FAILED|ERROR) (\S+)", ended.stdout, re.MULTILINE)
            if ended.returncode not in (0, 5):
                return tier, failed[1] if failed else (ended.stdout.strip().splitlines() or ["pytest failed"])[-1]
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
