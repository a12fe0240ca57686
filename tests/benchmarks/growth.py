"""Time how a run grows with what can be requested: ``python tests/benchmarks/growth.py``.

All in one process, so that importing torch is not counted: CPU time, from the start of a session to its end.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from judging import judge
from running import write_implementation

#: What is requested, how much of it, and the arguments: implementation, what it is judged by, further options.
Step = tuple[str, int, tuple[str, ...]]
CPU = "--sparsifier-device=cpu"


def main() -> None:
    """Print what each step takes, and what each further unit of it adds."""
    judge("reference", "--sparsifier-examples=1")  # what is imported once, for all
    print("| | CPU, s | each further one, ms |\n|---|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for steps in (examples(), devices(), slow_implementations(Path(folder))):
            before: tuple[int, float] | None = None
            for name, amount, (where, only, *options) in steps:
                begin = time.process_time()
                judge(where, *options, only=[only])
                taken = time.process_time() - begin
                further = "" if before is None else f"{1000 * (taken - before[1]) / (amount - before[0]):.1f}"
                before = amount, taken
                print(f"| {name} | {taken:.2f} | {further} |", flush=True)


def examples() -> Iterator[Step]:
    """Yield ever more examples for every property of a utility."""
    for count in (10, 40, 160):
        name = f"`fqn_to_module`: {count} examples"
        yield name, count, ("reference", "fqn_to_module", CPU, f"--sparsifier-examples={count}")


def devices() -> Iterator[Step]:
    """Yield ever more devices, for the utility with most checks on each."""
    names = ("cpu", "meta", "fake:cuda")
    for count in range(1, len(names) + 1):
        options = [f"--sparsifier-device={name}" for name in names[:count]]
        yield f"`swap_module`: {', '.join(names[:count])}", count, ("reference", "swap_module", *options)


def slow_implementations(folder: Path) -> Iterator[Step]:
    """Yield implementations that take ever more time, of the CPU, for every path."""
    for milliseconds in (0, 1, 10):
        body = f"""
import time

def module_to_fqn(model, module, prefix="", real=module_to_fqn):
    end = time.process_time() + {milliseconds / 1000}
    while time.process_time() < end:
        pass
    return real(model, module, prefix)
"""
        file = write_implementation(folder / f"delayed_{milliseconds}.py", body)
        yield (
            f"`module_to_fqn`: {milliseconds} ms a call",
            milliseconds,
            (str(file), "module_to_fqn/root-is-empty", CPU),
        )


if __name__ == "__main__":
    main()
