"""Mutation testing: change the code of an implementation a little, and see whether the suite notices.

``python tests/tools/mutation.py sparsifier_reference`` makes every mutant that the operators of cosmic-ray make of a
module, or of the modules of a package, and lets the conformance suite alone judge each. A mutant is killed if a
requirement that the unmutated code meets is not met any more. One that survives is a hole in the suite; or it is
equivalent, no requirement telling it from the original, and is listed in ``equivalent_mutants.toml`` with the reason.

This process imports torch once, and forks another one for each mutant, so it needs ``os.fork``. Mutants are judged on
``cpu`` and ``meta``: other devices tell nothing more about Python code, and most do not outlive a fork.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch's own, where there is no numpy
    import torch  # noqa: F401

import under_O
from judging import arguments_for, shrink_nothing
from mutants import Equivalent, Mutant, Source, Unusable, find_sources, make_mutants, read_equivalents, write_loader
from sparsifier_conformance import specification
from sparsifier_conformance.judging import optimized
from sparsifier_conformance.judging.items import requirement_of
from sparsifier_conformance.judging.session import SUITE_FOLDER
from sparsifier_conformance.outcomes.outcome import FAULTY, Outcome

EPILOG = """\
exit status: 0 every mutant is killed, or listed as equivalent; 1 some mutant is not, or a listed one is killed or no
more; 2 wrong usage, or MODULE cannot be judged
"""
#: In bytes: what a mutant may take on top of what this process has. Some would fill any memory there is.
ROOM = 4 << 30
#: In seconds. Some mutants never end; the others may be slow, and so may the machine.
LEAST_TIME_LIMIT = 60.0
#: What kills a mutant, if no check does.
IMPORT, PROCESS, TIME = "its import", "the end of its process", "the time limit"
#: The id of a requirement, and a device.
Requirement = tuple[str, "str | None"]


@dataclass
class Seen:
    """What was seen of a mutant, or of the unmutated code.

    ``killer`` is the requirement that killed it, or what else did. ``met`` and ``faulty`` are requirements, each with
    its device; ``checks`` gives each check's requirement; ``seconds`` is how long each check took; ``loaded`` are the
    modules that were there at the end.
    """

    killer: str | None = None
    met: set[Requirement] = field(default_factory=set)
    faulty: set[Requirement] = field(default_factory=set)
    checks: dict[str, Requirement] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    loaded: frozenset[str] = frozenset()


class _Watch:
    """A pytest plugin: the likeliest and quickest checks come first, and the first that kills ends the session."""

    def __init__(self, unmutated: Seen | None = None, utilities: Collection[str] = ()) -> None:
        self.unmutated = unmutated or Seen()
        self.stops = unmutated is not None
        self.utilities = utilities
        self.seen = Seen(killer=IMPORT)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        self.session = session
        self.seen.killer = None
        # What the unmutated code does not meet cannot kill.
        items[:] = [item for item in items if self.unmutated.checks.get(item.nodeid) not in self.unmutated.faulty]
        items.sort(key=self._order)
        shrink_nothing(items)

    def _order(self, item: pytest.Item) -> tuple[bool, bool, float]:
        elsewhere = requirement_of(item.nodeid).partition("/")[0] not in self.utilities
        # Late, since the first one takes seconds, though another was first when the unmutated code was judged.
        asks_python_O = "optimized" in getattr(item, "fixturenames", ())
        return elsewhere, asks_python_O, self.unmutated.seconds.get(item.nodeid, 0.0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        said = getattr(report, "sparsifier", None)
        if said is None:
            return
        self.seen.seconds[report.nodeid] = self.seen.seconds.get(report.nodeid, 0.0) + report.duration
        self.seen.checks[report.nodeid] = requirement = (said["id"], said["device"])
        outcome = Outcome(said["outcome"])
        if outcome is Outcome.PASSED and report.when == "call":
            self.seen.met.add(requirement)
        elif outcome in FAULTY:
            self.seen.faulty.add(requirement)
            if self.stops:
                self.seen.killer = said["id"]
                self.session.shouldstop = "killed"


def _judge(where: str, watch: _Watch, time_limit: float, sender: Connection) -> None:
    """Judge in this very process, which was forked for it, and send what was seen."""
    os.setsid()  # so that the process under python -O can be ended with this one
    signal.alarm(int(time_limit) + 10)  # which ends this process when nobody is left to do so
    _limit_memory()
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    optimized.ask = under_O.ask
    arguments = arguments_for(where, "--sparsifier-device=cpu", "--sparsifier-device=meta")
    status = pytest.main(arguments, plugins=[watch])
    if watch.seen.killer is None and status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        watch.seen.killer = PROCESS  # pytest itself failed, for want of memory perhaps
    watch.seen.loaded = frozenset(sys.modules)
    sender.send(watch.seen)


def _limit_memory() -> None:
    """Limit the memory of this process, where the system tells how much it has."""
    import resource

    with suppress(OSError, ValueError):  # nothing to read, or a lower limit that stands already
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + ROOM
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


class _Child:
    """A process that judges."""

    def __init__(self, where: str, watch: _Watch, time_limit: float) -> None:
        context = multiprocessing.get_context("fork")
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=_judge, args=(where, watch, time_limit, sender))
        self.process.start()
        sender.close()
        self.deadline = time.monotonic() + time_limit

    def end(self) -> Seen:
        """Give what it saw, and end it and the processes that it started."""
        seen = Seen(killer=TIME)
        if self.receiver.poll():
            try:
                seen = self.receiver.recv()
            except EOFError:
                seen = Seen(killer=PROCESS)
        self.process.kill()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join()
        self.receiver.close()
        return seen


def _import_once() -> None:
    """Import what every process needs, but not the implementation."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the processes under python -O too
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch

        torch.set_num_threads(1)  # threads do not outlive a fork
        for path in SUITE_FOLDER.rglob("test_*.py"):
            import_module(f"sparsifier_conformance.suite.{path.parent.name}.{path.stem}")
    specification.load()


def _judge_unmutated(module: str, sources: Iterable[Source], folder: Path) -> Seen:
    where = write_loader(folder / "unmutated", module, {source: source.text for source in sources})
    child = _Child(where, _Watch(), 10 * LEAST_TIME_LIMIT)
    wait([child.receiver], 10 * LEAST_TIME_LIMIT)
    seen = child.end()
    if seen.killer is not None:
        raise Unusable(f"{module!r} cannot be judged: {seen.killer} ended it before any mutation")
    if not seen.met:
        raise Unusable(f"{module!r} meets no requirement before any mutation; has it the six names?")
    return seen


def _judge_all(
    module: str, mutants: Sequence[Mutant], unmutated: Seen, folder: Path, jobs: int, time_limit: float
) -> Iterator[tuple[Mutant, Seen]]:
    """Judge mutants, so many at a time, and give each when it is done."""
    waiting = list(reversed(mutants))
    running: list[tuple[Mutant, _Child]] = []
    try:
        while waiting or running:
            while waiting and len(running) < max(1, jobs):
                mutant = waiting.pop()
                where = write_loader(folder / mutant.id, module, {mutant.source: mutant.text})
                running.append((mutant, _Child(where, _Watch(unmutated, mutant.utilities), time_limit)))
            soonest = min(child.deadline for _, child in running)
            wait([child.receiver for _, child in running], max(0.0, soonest - time.monotonic()))
            for mutant, child in list(running):
                if child.receiver.poll() or time.monotonic() >= child.deadline:
                    running.remove((mutant, child))
                    yield mutant, child.end()
    finally:
        for _, child in running:
            child.end()


def report(seen: dict[Mutant, Seen], listed: list[Equivalent], listing: Path) -> int:
    """Print what became of the mutants, and give the exit status."""
    keys = {entry.key for entry in listed}
    survivors = [mutant for mutant, each in seen.items() if each.killer is None and mutant.key not in keys]
    for mutant in survivors:
        print(f"\nsurvivor {mutant}\n{mutant.diff}")
    for mutant, each in seen.items():
        if each.killer == TIME:
            print(f"\ntimed out {mutant}")
    stale = 0
    for entry in listed:
        of_it = [each.killer for mutant, each in seen.items() if mutant.key == entry.key]
        killer = next(filter(None, of_it), None)
        if killer or not of_it:
            stale += 1
            what = f"is killed by {killer}" if killer else "is no mutant any more"
            print(f"\n{listing.name} lists what {what}: {' | '.join(entry.key)}")
    killers = [each.killer for each in seen.values() if each.killer is not None]
    ways = [killer if killer in (IMPORT, PROCESS, TIME) else "a check" for killer in killers]
    how = ", ".join(f"{count} by {way}" for way, count in Counter(ways).most_common())
    equivalent = len(seen) - len(ways) - len(survivors)
    print(f"\nmutants {len(seen)}: killed {len(ways)} ({how}), equivalent {equivalent}, survivors {len(survivors)}")
    return 1 if survivors or stale else 0


def _run(module: str, sources: list[Source], options: argparse.Namespace) -> int:
    """Judge the mutants of one module or package, and give the exit status."""
    listed = [each for each in read_equivalents(options.equivalent) if each.is_in(module, options.function)]
    with tempfile.TemporaryDirectory() as name:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = name
        _import_once()
        start = time.monotonic()
        unmutated = _judge_unmutated(module, sources, Path(name))
        seconds = time.monotonic() - start
        not_met = {id for id, _ in unmutated.faulty}
        met = {id for id, _ in unmutated.met} - not_met
        print(f"{module}: unmutated, {len(met)} requirements met, {len(not_met)} not, in {seconds:.0f} s")
        made = [make_mutants(source, options.function) for source in sources if source.name in unmutated.loaded]
        mutants = [mutant for each, _ in made for mutant in each]
        if not mutants:
            raise Unusable(f"there is nothing to mutate in {' or '.join(options.function) or module}")
        print(f"not mutated: annotations ({sum(count for _, count in made)} changes)", flush=True)
        time_limit = options.timeout or max(LEAST_TIME_LIMIT, 10 * seconds)
        seen: dict[Mutant, Seen] = {}
        for mutant, each in _judge_all(module, mutants, unmutated, Path(name), options.jobs, time_limit):
            seen[mutant] = each
            if options.list:
                print(mutant, f"is killed by {each.killer}" if each.killer else "survives", flush=True)
            elif len(seen) % 25 == 0:
                print(f"{len(seen)} of {len(mutants)}", flush=True)
    return report({mutant: seen[mutant] for mutant in mutants}, listed, options.equivalent)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and give the exit status."""
    parser = argparse.ArgumentParser(description="Mutation testing of the conformance suite.", epilog=EPILOG)
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="an implementation: a module or a package")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="how many at a time")
    parser.add_argument("--function", action="append", default=[], metavar="NAME", help="mutate this only; repeatable")
    parser.add_argument("--list", action="store_true", help="say of each mutant what killed it")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="for each mutant (default: 60 or more)")
    listing = Path(__file__).with_name("equivalent_mutants.toml")
    parser.add_argument("--equivalent", type=Path, default=listing, metavar="FILE", help="list of equivalent mutants")
    options = parser.parse_args(arguments)
    try:
        if "fork" not in multiprocessing.get_all_start_methods():
            raise Unusable("this needs os.fork, which this platform does not have")
        sources = {module: find_sources(module) for module in options.modules}
        return max([_run(module, found, options) for module, found in sources.items()])
    except Unusable as error:
        print(f"mutation.py: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
