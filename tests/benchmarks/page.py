"""Measure what ``docs/performance.md`` shows, and write it there: ``python tests/benchmarks/page.py [PART …]``.

Each part is what one of the scripts beside this one prints, and stands between two comments that name it, with the day
and the machine.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "performance.md"
#: By the name of a part: the script that measures it, and its arguments.
PARTS = {
    "utilities": ("utilities.py", "--rounds", "11"),
    "patches": ("utilities.py", "--patched", "--rounds", "11"),
    "run": ("runs.py", "--rounds", "5", "run"),
    "shares": ("shares.py",),
    "start": ("runs.py", "start"),
    "growth": ("growth.py",),
    "first failure": ("first_failure.py", "--sample", "15"),
}


def main(names: list[str]) -> int:
    """Measure the parts that are named, or all, and write each when it is done; return the exit status."""
    if unknown := set(names) - set(PARTS):
        print(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    for name in names or PARTS:
        script, *arguments = PARTS[name]
        measured = subprocess.run(
            [sys.executable, "-W", "ignore", str(FOLDER / script), *arguments],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(placed(page, name, f"{measured.stdout.strip()}\n\n{circumstances()}"), encoding="utf-8")
    return 0


def placed(page: str, name: str, text: str) -> str:
    """Return a page with the text of a part put in its place."""
    marked = re.compile(rf"(<!-- measured: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    page, count = marked.subn(lambda match: f"{match[1]}\n{text}\n\n{match[2]}", page)
    if count != 1:
        raise SystemExit(f"page.py: {name} has {count} places on the page")
    return page


def circumstances() -> str:
    """Return on what day, on which machine and with what something was measured."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "sparsifier-conformance"))
    today = datetime.now(timezone.utc).date()
    return f"{today}, {os.cpu_count()} cores of {_processor()}, Python {platform.python_version()}, {versions}."


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    text = described.read_text(encoding="utf-8") if described.exists() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
