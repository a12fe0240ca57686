"""What an implementation does under ``python -O``, seen in a process that really runs so.

Run as a script (``python -O optimized.py``) it is that process: it reads from its standard input what to load,
and writes what it saw to a file, since the implementation may print what it likes.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


class OptimizedError(RuntimeError):
    """The process under ``python -O`` ended without an answer; the message says how."""


class NoAnswer(OptimizedError):
    """The process under ``python -O`` did not end in time."""


def observe(where: str, seconds: float) -> dict[str, dict[str, str]]:
    """Run an implementation's shape check and mixed-device check under ``python -O``.

    Parameters:
        where: how the implementation is found, as for ``implementations.load``.
        seconds: how long to wait for an answer.

    Returns:
        For ``swap_module`` and ``FakeSparsity``, what was seen, by what was tried.

    Raises:
        OptimizedError: if the process gives no answer; NoAnswer if it gives none in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        task = json.dumps({"where": where, "path": sys.path, "answer": str(answer), "seconds": seconds})
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHONOPTIMIZE")}
        try:
            process = subprocess.run(
                [sys.executable, "-O", "-m", "sparsifier_conformance.judging.optimized"],
                input=task,
                env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            raise NoAnswer(f"python -O gave no answer within {seconds:.0f} seconds") from None
        if not answer.exists():
            last = (process.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
            raise OptimizedError(f"python -O ended with status {process.returncode}: {last[:300]}")
        seen: dict[str, dict[str, str]] = json.loads(answer.read_text(encoding="utf-8"))
        return seen


def _swap_module(target: Any) -> dict[str, str]:
    from torch import nn

    class Sparse(nn.Linear):
        @classmethod
        def from_dense(cls, mod: nn.Module) -> nn.Module:
            return cls(2, 2)

    mapping = {nn.Linear: Sparse}
    mixed = nn.Linear(2, 2)
    mixed.bias = nn.Parameter(mixed.bias.to("meta"))
    return {
        "on two devices": _seen(lambda: target.swap_module(mixed, mapping)),
        "on one device": _seen(lambda: target.swap_module(nn.Linear(2, 2), mapping)),
    }


def _fake_sparsity(target: Any) -> dict[str, str]:
    import torch

    mask = torch.tensor([1.0, 0.0])
    return {
        "another shape": _seen(lambda: target.FakeSparsity(mask)(torch.ones(1))),
        "the mask's shape": _seen(lambda: target.FakeSparsity(mask)(torch.full((2,), 2.0))),
    }


def _seen(call: Callable[[], Any]) -> str:
    """Say what a call did: the error that it raised, the values of a tensor, the type of anything else."""
    import torch

    try:
        result = call()
    except AssertionError:
        return "AssertionError"
    except Exception as error:
        return type(error).__name__
    return repr(result.tolist()) if isinstance(result, torch.Tensor) else type(result).__name__


def answer(task: dict[str, Any]) -> None:
    """Look at an implementation in this very process, which runs under ``python -O``, and write down what was seen.

    Parameters:
        task: ``where`` the implementation is found, the ``path`` to import it from, the file for the ``answer``,
            and the ``seconds`` that it may take.
    """
    gc.disable()  # this process ends soon, and importing torch would look for garbage over and over
    assert False, "this must run under python -O"  # noqa: B011 - which removes this very line
    # The process that waits may be ended itself: then nobody else would end this one.
    faulthandler.dump_traceback_later(task["seconds"] + 1, exit=True)
    sys.path[:] = task["path"]
    from ..implementations import has, load
    from .isolation import pristine

    target = load(task["where"]).target
    seen = {}
    for name, look in {"swap_module": _swap_module, "FakeSparsity": _fake_sparsity}.items():
        if has(target, name):
            with pristine():
                seen[name] = look(target)
    Path(task["answer"]).write_text(json.dumps(seen), encoding="utf-8")
    gc.freeze()  # nor need it look a last time when it ends


if __name__ == "__main__":
    answer(json.load(sys.stdin))
