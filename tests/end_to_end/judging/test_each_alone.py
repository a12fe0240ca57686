"""Each requirement alone, in a process that has judged nothing else: what torch imports late may accuse nobody."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from running import run
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
