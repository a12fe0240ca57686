"""Make the mutants of an implementation, and let the suite judge each."""

from __future__ import annotations

import gc
import multiprocessing
import time
import warnings
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing, suppress
from difflib import get_close_matches
from importlib import import_module
from multiprocessing.connection import wait
from pathlib import Path

from .. import __version__, specification
from ..implementations.finding import ImplementationError, load, look_up
from ..judging.items import SUITE_FOLDER
from ..judging.processes.controller import environment
from ..results.records import Implementation
from ..text import counted
from .equivalents import Equivalent
from .forks import Ended, Fork, in_fork
from .judging import IMPORT, Seen, judge
from .loading import sources_of, write_loader
from .mutants import Mutant, Source, make_mutants
from .records import FORMAT_VERSION, Fate, Mutation, Tried

#: In seconds. Some mutants never end; the others may be slow, and so may the machine.
LEAST_TIME_LIMIT = 60


class Unusable(Exception):
    """There is nothing to mutate, or no way to judge it; the message names it and says why, in one line."""


def mutate(
    where: str,
    *,
    only: Collection[str],
    listed: Sequence[Equivalent],
    jobs: int,
    time_limit: int | None,
    started: Callable[[str], None],
    progress: Callable[[int, int], None],
) -> Mutation:
    """Make the mutants of an implementation, and let the suite judge each in a process that is forked for it.

    Parameters:
        where: the implementation, as for the command.
        only: the functions and classes to mutate; all code if empty.
        listed: the mutants that are known as equivalent.
        jobs: how many mutants to judge at a time.
        time_limit: how long one may take, in seconds; None for ten times as long as the unmutated code, and at least
            ``LEAST_TIME_LIMIT``.
        started: is called with a line that says what is being done, before what takes long.
        progress: is called with the number of mutants that were judged, and that of all.

    Returns:
        What became of the mutants; of those that were reached, if it was interrupted.

    Raises:
        Unusable: if ``where`` cannot be had, has no code to mutate, or is not judged as it stands.
        KeyboardInterrupt: if it was interrupted before the implementation was judged as it stands.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        raise Unusable("mutants are judged in processes that are forked, which this platform cannot do")
    with environment() as storage:
        try:
            look_up(where)
        except ImplementationError as error:
            raise Unusable(str(error)) from None
        _import_once()
        folder = Path(storage)
        implementation, sources = _find(where, time_limit or LEAST_TIME_LIMIT)
        mutants = _make_all(where, sources, only)
        started(f"judging {implementation.name} as it stands …")
        start = time.monotonic()
        unmutated = _judge_unmutated(where, mutants[0].source, folder)
        limit = time_limit or max(LEAST_TIME_LIMIT, 10 * (time.monotonic() - start))
        met, made = len(unmutated.requirements_met), counted(len(mutants), "mutant")
        started(f"mutating {implementation.name}, which meets {counted(met, 'requirement')}: {made}")
        seen: dict[Mutant, str | None] = {}
        interrupted = False
        try:
            with closing(_judge_all(where, mutants, unmutated, folder, jobs, limit)) as judged:
                for mutant, by in judged:
                    seen[mutant] = by
                    progress(len(seen), len(mutants))
        except KeyboardInterrupt:
            interrupted = True
    reasons = {each.key: each.reason for each in listed}
    tried = [_tried(mutant, seen[mutant], reasons.get(mutant.key)) for mutant in mutants if mutant in seen]
    if not interrupted and all(each.fate is Fate.BROKEN for each in tried):
        raise Unusable(f"none of {counted(len(tried), 'mutant')} of {where!r} can be imported, so nothing was judged")
    about = [each for each in listed if each.module in {source.name for source in sources}]
    return Mutation(
        format_version=FORMAT_VERSION,
        suite_version=__version__,
        specification_version=specification.load().version,
        torch=_torch_version(),
        implementation=implementation,
        only=list(only),
        met=met,
        not_met=sorted({id for id, _ in unmutated.faulty}),
        made=len(mutants),
        tried=tried,
        stale=[] if interrupted else _stale([each for each in about if not only or each.function in only], tried),
        interrupted=interrupted,
    )


def _import_once() -> None:
    """Import what every process needs, but not the implementation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch

        torch.set_num_threads(1)  # threads do not outlive a fork
        for path in SUITE_FOLDER.rglob("test_*.py"):
            import_module(f"sparsifier_conformance.suite.{path.parent.name}.{path.stem}")
        with suppress(ImportError):  # torch before 2.0 has no compiler
            import_module("torch._dynamo")
    gc.freeze()  # a process that looks through all this for garbage would get a copy of it


def _torch_version() -> str:
    import torch

    return str(torch.__version__)


def _find(where: str, limit: float) -> tuple[Implementation, list[Source]]:
    def find() -> tuple[Implementation, list[Source]] | str:
        try:
            found = load(where)
        except ImplementationError as error:
            return str(error)
        return Implementation(where, found.name, found.version, found.file), sources_of(found.target)

    try:
        said = in_fork(find, limit)
    except Ended as ended:
        within = f"within {counted(limit, 'second')}, which --time-limit sets"
        raise Unusable(f"{where!r} cannot be imported {within}: {ended} comes first") from None
    if isinstance(said, str):
        raise Unusable(said)
    implementation, sources = said
    return implementation, sources


def _make_all(where: str, sources: Sequence[Source], only: Collection[str]) -> list[Mutant]:
    names = [name for source in sources for name in source.functions]
    for name in only:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names) or 'none'}"
            raise Unusable(f"no function or class of {where!r} is called {name!r}; {hint}")
    mutants = [mutant for source in sources for mutant in make_mutants(source, only)]
    if not mutants:
        why = "" if sources else ", which has no code in Python"
        raise Unusable(f"there is nothing to mutate in {' or '.join(only) or repr(where)}{why}")
    return mutants


def _judge_unmutated(where: str, source: Source, folder: Path) -> Seen:
    loader = write_loader(folder / "unmutated", where, source, source.text)
    try:
        seen: Seen = in_fork(lambda: judge(loader), 10 * LEAST_TIME_LIMIT)
    except Ended as ended:
        raise Unusable(f"{where!r} cannot be judged: {ended} comes first, without any change") from None
    if seen.by is not None:
        raise Unusable(f"{where!r} cannot be judged: {seen.by} fails without any change")
    if not seen.requirements_met:
        raise Unusable(f"{where!r} meets no requirement without any change, so nothing could be told")
    return seen


def _judge_all(
    where: str, mutants: Sequence[Mutant], unmutated: Seen, folder: Path, jobs: int, time_limit: float
) -> Generator[tuple[Mutant, str | None], None, None]:
    """Judge mutants, so many at a time, and yield each when it is done, with what tells it."""
    waiting = list(reversed(mutants))
    running: list[tuple[Mutant, Fork]] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append((waiting[-1], _fork(where, waiting[-1], unmutated, folder, time_limit)))
                waiting.pop()
            soonest = min(fork.deadline for _, fork in running)
            wait([fork.receiver for _, fork in running], max(0.0, soonest - time.monotonic()))
            for mutant, fork in [each for each in running if each[1].is_over]:
                try:
                    by = fork.result().by
                except Ended as ended:
                    by = str(ended)
                running.remove((mutant, fork))
                fork.close()
                yield mutant, by
    finally:
        for _, fork in running:
            fork.close()


def _fork(where: str, mutant: Mutant, unmutated: Seen, folder: Path, time_limit: float) -> Fork:
    loader = write_loader(folder / mutant.id, where, mutant.source, mutant.text)
    return Fork(lambda: judge(loader, unmutated, mutant.utilities), time_limit)


def _tried(mutant: Mutant, by: str | None, reason: str | None) -> Tried:
    untold = Fate.SURVIVING if reason is None else Fate.EQUIVALENT
    module, function, before, after = mutant.key
    return Tried(
        id=mutant.id,
        module=module,
        function=function,
        line=mutant.line,
        operator=mutant.operator,
        before=before,
        after=after,
        diff=mutant.diff,
        fate=Fate.BROKEN if by == IMPORT else untold if by is None else Fate.TOLD,
        by=by,
        reason=reason,
    )


def _stale(listed: Sequence[Equivalent], tried: Sequence[Tried]) -> list[str]:
    """Return a line for each mutant that is listed as equivalent, and is none."""
    lines = []
    for entry in listed:
        of_it = [each for each in tried if (each.module, each.function, each.before, each.after) == entry.key]
        by = next((each.by for each in of_it if each.by), None)
        if by or not of_it:
            lines.append(f"listed, but {f'told by {by}' if by else 'no mutant any more'}: {' | '.join(entry.key)}")
    return lines
