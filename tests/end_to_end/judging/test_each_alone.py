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
from judging import failed, judge
from sparsifier_conformance.specification import load

for id in load().requirements:
    copy = os.fork()
    if not copy:
        seen = failed(judge("reference", "--sparsifier-device=cpu", "--sparsifier-examples=1", only=[id], scripts=False))
        os.write(1, f"{id} {'failed' if seen else 'holds'}\\n".encode())
        os._exit(0)
    os.waitpid(copy, 0)
"""


@pytest.mark.exhaustive
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no copies of a process here")
def test_the_reference_meets_each_requirement_alone(tmp_path: Path) -> None:
    folders = [str(Path(__file__).parents[2] / name) for name in ("", "support")]
    ended = run(sys.executable, "-c", EACH_IN_A_COPY, cwd=tmp_path, env={"PYTHONPATH": os.pathsep.join(folders)})
    assert ended.stdout.splitlines() == [f"{id} holds" for id in load().requirements], ended.stderr
