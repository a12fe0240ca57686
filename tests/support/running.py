"""Run things as a person would: in a process of their own, in some folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: In seconds, for any process that a test starts: generous, since machines may be slow.
TIME_LIMIT = 600


def run(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program, and give its status and its output."""
    return subprocess.run(
        list(map(str, arguments)),
        cwd=cwd,
        env={**_environment(), **(env or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=TIME_LIMIT,
    )


def command(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command ``sparsifier-conformance``."""
    return run(sys.executable, "-m", "sparsifier_conformance", *arguments, cwd=cwd, env=env)


def interrupted(
    folder: Path, *arguments: str, kind: signal.Signals = signal.SIGINT, times: int = 1, of_group: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run the command until a file ``reached`` is there, and interrupt it.

    Parameters:
        folder: where it runs, and where the file will be.
        arguments: those of the command.
        kind: the signal.
        times: how often it is sent.
        of_group: whether to all its processes, as a terminal does, or to the first alone.
    """
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "sparsifier_conformance", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    limit = time.monotonic() + TIME_LIMIT
    while not (folder / "reached").exists() and time.monotonic() < limit:
        time.sleep(0.1)
    for _ in range(times):
        (os.killpg if of_group else os.kill)(process.pid, kind)
        time.sleep(0.3)
    output, errors = process.communicate(timeout=TIME_LIMIT)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, as its owner would."""
    return run(sys.executable, "-m", "pytest", *arguments, cwd=folder)


def write_implementation(path: Path, body: str = "", *, names: Sequence[str] = ()) -> Path:
    """Write an implementation that is the reference but for some lines at its end.

    Parameters:
        path: the file.
        body: Python code that follows the import of the reference's names.
        names: names to remove again.
    """
    lines = ["from sparsifier_reference import *", "import torch", "from torch import nn", body]
    lines += [f"del {name}" for name in names]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _environment() -> dict[str, str]:
    """Give this process's environment without what pytest, tox and CI put there for it alone."""
    left_out = ("PYTEST_", "SPARSIFIER_", "TOX_")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out) and name != "CI"}
