"""A clean checkout, and the environment that the first command of the README makes in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from running import ROOT, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
JUDGE_TORCH, RUN_TESTS, *REST = COMMANDS
READING = [line for line in REST if line.split()[1] in ("compare", "matrix")]
OTHERS = [line for line in REST if line not in READING]


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the README, the environment that it made being activated."""
    bin_folder = cwd / ".venv" / ("Scripts" if sys.platform == "win32" else "bin")
    activated = f'export PATH="{bin_folder}:$PATH"; {line}' if bin_folder.exists() else line
    return run("bash", "-c", activated, cwd=cwd)


@dataclass(frozen=True)
class Checkout:
    """A copy of this one, and how the first command of the README ended there."""

    folder: Path
    judged: subprocess.CompletedProcess[str]


def make_checkout(shared: Path) -> Checkout:
    """Copy what is under version control to a folder, and run the first command of the README there.

    That makes the environment that the other commands run in: once, however many workers there are.
    """
    folder, ended = shared / "clone" / "sparsifier-conformance", shared / "judged.json"
    with FileLock(shared / "clone.lock"):
        if not ended.exists():
            copy_checkout(folder)
            judged = shell(JUDGE_TORCH, folder)
            ended.write_text(json.dumps([judged.args, judged.returncode, judged.stdout, judged.stderr]))
    return Checkout(folder, subprocess.CompletedProcess(*json.loads(ended.read_text())))


def copy_checkout(folder: Path) -> None:
    """Copy the files that are, or will be, under version control."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
