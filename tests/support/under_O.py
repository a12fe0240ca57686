"""``optimized.ask``, but faster: one process under ``python -O`` imports torch once, and forks for each question.

What is seen is the same, since what looks is the same function, in a process that runs under ``python -O``.
Where there is no ``os.fork``, there is no such thing.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from sparsifier_conformance.checking.under_O import LOOKS, NoAnswer
from sparsifier_conformance.judging.processes.optimized import answer


def ask(where: str, seconds: float) -> dict[str, dict[str, str]]:
    """Return what is seen of an implementation under ``python -O``, as ``optimized.ask`` does."""
    modules = [look.__module__ for look in LOOKS.values()]
    seen: dict[str, dict[str, str]] = json.loads(_ask({"where": where, "seconds": seconds, "modules": modules}))
    return seen


def output_of(script: str, where: str) -> str:
    """Run a script under ``python -O``, with one argument, and give what it prints."""
    return _ask({"where": where, "script": script})


def _ask(question: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answer.json")
        server = _server(os.getpid())
        assert server.stdin is not None and server.stdout is not None
        server.stdin.write(json.dumps({**question, "path": sys.path, "answer": str(file)}) + "\n")
        server.stdin.flush()
        ended = server.stdout.readline()
        if not file.exists():
            raise NoAnswer(f"python -O ended: {ended.strip()}")
        return file.read_text(encoding="utf-8")


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
    # What takes the time.
    import sparsifier_reference  # noqa: F401
    from sparsifier_conformance.suite.FakeSparsity import test_shapes  # noqa: F401
    from sparsifier_conformance.suite.swap_module import test_devices  # noqa: F401

    # Answers go where the server was started to write; what an implementation prints goes nowhere.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                task = json.loads(line)
                (_run if "script" in task else answer)(task)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(f"status {status}", file=answers, flush=True)


def _run(task: dict[str, Any]) -> None:
    sys.path[:] = task["path"]
    sys.argv = ["reproducer.py", task["where"]]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        exec(compile(task["script"], "reproducer.py", "exec"), {"__name__": "__main__", "__file__": "reproducer.py"})
    Path(task["answer"]).write_text(printed.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    _serve()
