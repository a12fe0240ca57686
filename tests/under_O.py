"""``optimized.observe``, but faster: one process under ``python -O`` imports torch once, and forks for each question.

What is seen is the same, since what looks is the same function, in a process that runs under ``python -O``.
Where there is no ``os.fork``, there is no such thing.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from sparsifier_conformance.optimized import OptimizedError, answer


def observe(where: str, seconds: float) -> dict[str, dict[str, str]]:
    """Run an implementation's shape check and mixed-device check under ``python -O``, as ``optimized.observe`` does."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answer.json")
        task = {"where": where, "path": sys.path, "answer": str(file), "seconds": seconds}
        server = _server(os.getpid())
        assert server.stdin is not None and server.stdout is not None
        server.stdin.write(json.dumps(task) + "\n")
        server.stdin.flush()
        ended = server.stdout.readline()
        if not file.exists():
            raise OptimizedError(f"python -O ended: {ended.strip()}")
        seen: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
        return seen


@lru_cache(maxsize=1)
def _server(parent: int) -> subprocess.Popen[str]:
    # One for each process that asks: a fork would share the pipes of its parent's.
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    server = subprocess.Popen(
        [sys.executable, "-O", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    atexit.register(server.kill)
    return server


def _serve() -> None:
    import torch  # noqa: F401 - what takes the time

    # Answers go where the server was started to write; what an implementation prints goes nowhere.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                answer(json.loads(line))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(f"status {status}", file=answers, flush=True)


if __name__ == "__main__":
    _serve()
