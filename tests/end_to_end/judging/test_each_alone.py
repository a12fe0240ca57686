"""Each requirement alone, in a process that has judged nothing else: what torch imports late may accuse nobody."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from running import command, run, write_implementation
from sparsifier_conformance.specification import load

#: One process imports torch, and a copy of it judges by each requirement.
EACH_IN_A_COPY = """\
import os

import pytest
import torch

from sparsifier_conformance.judging.processes.in_process import arguments_for
from sparsifier_conformance.specification import load

CPU = "--sparsifier-device=cpu"
for id in load().requirements:
    copy = os.fork()
    if not copy:
        status = pytest.main(arguments_for("reference", f"--sparsifier-only={id}", CPU))
        with open("seen.txt", "a") as file:
            file.write(f"{id} {'fails' if status else 'holds'}\\n")
        os._exit(0)
    os.waitpid(copy, 0)
"""


@pytest.mark.exhaustive
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no copies of a process here")
def test_the_reference_meets_each_requirement_alone(tmp_path: Path) -> None:
    ended = run(sys.executable, "-c", EACH_IN_A_COPY, cwd=tmp_path)
    seen = tmp_path.joinpath("seen.txt").read_text(encoding="utf-8").splitlines()
    assert seen == [f"{id} holds" for id in load().requirements], ended.stdout + ended.stderr


def test_what_is_imported_late_accuses_nobody(tmp_path: Path) -> None:
    """By a look-up that comes to it first: torch's compiler, which switches warnings and sets variables."""
    body = """
def module_to_fqn(model, module, prefix=""):
    import torch._dynamo
    import torch._inductor
    return _right(model, module, prefix)
"""
    write_implementation(tmp_path / "late.py", f"\n_right = module_to_fqn\n{body}")
    only = ("--only=interface/no-side-effects", "--only=interface/threads", "--device=cpu", "-n1")
    ended = command("run", "late.py", *only, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
