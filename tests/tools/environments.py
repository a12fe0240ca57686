"""Print, as JSON, the tox environments that are for one torch each: ``python tests/tools/environments.py [nightly]``.

They are those that ``tox list`` names ``py3XX-torch…``, each with the Python that its name asks for: the torch that is
built every night if so asked, or all the others. Workflows hand them on as a matrix, so that none of them is copied.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"py3(?P<minor>\d+)-torch\S+")


def main(arguments: list[str]) -> int:
    """Print the environments, and give the exit status: 2 for wrong usage, and if there are none."""
    if arguments not in ([], ["nightly"]):
        print(f"environments.py: {' '.join(arguments)!r} is not known; give `nightly`, or nothing", file=sys.stderr)
        return 2
    chosen = choose(listed(), nightly=bool(arguments))
    if not chosen:
        print("environments.py: tox.ini has no environment py3XX-torch… of this kind", file=sys.stderr)
        return 2
    print(json.dumps(chosen))
    return 0


def listed(configuration: Path = ROOT / "tox.ini") -> list[str]:
    """Give the names of all environments, as tox itself lists them."""
    command = [sys.executable, "-m", "tox", "list", "-qq", "--no-desc", "-c", str(configuration)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return ended.stdout.split()


def choose(names: Iterable[str], *, nightly: bool) -> list[dict[str, str]]:
    """Give the environments for one torch each, with their Python, in the order of their names."""
    matches = [match for match in map(NAME.fullmatch, names) if match and ("nightly" in match[0]) == nightly]
    return [{"environment": match[0], "python": f"3.{match['minor']}"} for match in matches]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
