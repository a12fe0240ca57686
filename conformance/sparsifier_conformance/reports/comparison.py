"""Two results compared: what newly fails and newly passes, what appeared and disappeared, and what else differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from ..outcomes.outcome import Outcome
from ..results.records import Judgement, Result, Verdict, of_all_devices
from ..results.verdict import BEST_FIRST, in_words
from ..specification import Level
from ..text import one_line
from .columns import CONDITIONS
from .table import why_absent

FORMAT_VERSION = 1
#: What an implementation does, whatever was expected of it.
_FAILING = frozenset({Outcome.FAILED, Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.BLOCKED, Outcome.EXPECTED_FAILURE})
_PASSING = frozenset({Outcome.PASSED, Outcome.UNEXPECTED_PASS})
#: To end the process of a check, or not to end, is worse than to fail it.
_ENDLESS = frozenset({Outcome.CRASHED, Outcome.TIMED_OUT})


class Side(msgspec.Struct, frozen=True):
    """One of the two results."""

    file: str
    implementation: str
    version: str | None
    verdict: str


class Difference(msgspec.Struct, frozen=True):
    """Something, other than outcomes, in which the two results differ."""

    what: str
    old: str
    new: str


class Change(msgspec.Struct, frozen=True):
    """What changed for one requirement on one device (None where the device plays no part).

    An outcome is None where a result does not have it, and ``reason`` says why. ``message`` is that of the new
    judgement.
    """

    id: str
    level: Level
    device: str | None
    old: Outcome | None
    new: Outcome | None
    message: str | None = None
    reason: str | None = None


class Comparison(msgspec.Struct, frozen=True):
    """The whole: ``worse`` says whether something got worse, and ``why`` what."""

    format_version: int
    worse: bool
    why: str
    old: Side
    new: Side
    differences: list[Difference]
    notes: list[str]
    newly_failing: list[Change]
    newly_passing: list[Change]
    otherwise_changed: list[Change]
    appeared: list[Change]
    disappeared: list[Change]
    unchanged: int


def compare(old: tuple[Path, Result], new: tuple[Path, Result]) -> Comparison:
    """Return what changed between two results, requirement by requirement and device by device.

    Parameters:
        old: the earlier one, with its file.
        new: the later one, with its file.
    """
    kinds: dict[str, list[Change]] = {kind: [] for kind in _KINDS}
    unchanged = 0
    for change in _changes(old[1], new[1]):
        kind = _kind(change)
        if kind is None:
            unchanged += 1
        else:
            kinds[kind].append(change)
    why = ", ".join(_worse(old[1], new[1], len(kinds["newly_failing"])))
    return Comparison(
        format_version=FORMAT_VERSION,
        worse=bool(why),
        why=why or "nothing got worse",
        old=_side(*old),
        new=_side(*new),
        differences=list(_differences(old[1], new[1])),
        notes=list(_notes(old[1], new[1])),
        unchanged=unchanged,
        **kinds,
    )


_KINDS = ("newly_failing", "newly_passing", "otherwise_changed", "appeared", "disappeared")


def _kind(change: Change) -> str | None:
    if change.old is change.new:
        return None
    # What was not run in an interrupted run is in its result, but nothing is known of it.
    if change.old is None or (change.old is Outcome.NOT_RUN and change.new is not None):
        return "appeared"
    if change.new in (None, Outcome.NOT_RUN):
        return "disappeared"
    fails, failed = change.new in _FAILING, change.old in _FAILING
    if fails and (not failed or (change.new in _ENDLESS and change.old not in _ENDLESS)):
        return "newly_failing"
    if change.new in _PASSING and change.old not in _PASSING:
        return "newly_passing"
    return "otherwise_changed"


def _changes(old: Result, new: Result) -> Iterator[Change]:
    """Return every requirement on every device of either, in the order of the new result."""
    before, after = old.by_id(), new.by_id()
    for id in dict.fromkeys([*after, *before]):
        olds, news = _on_devices(before.get(id, []), after.get(id, []))
        for device in dict.fromkeys([*news, *olds]):
            was, is_now = olds.get(device), news.get(device)
            level, reason = (is_now or olds[device]).level, None
            if was is None or is_now is None:
                reason = "not judged there"
                if not (olds and news):
                    reason = why_absent(id, level, old if was is None else new)
            old_outcome, new_outcome = was.outcome if was else None, is_now.outcome if is_now else None
            yield Change(id, level, device, old_outcome, new_outcome, is_now.message if is_now else None, reason)


def _on_devices(
    before: list[Judgement], after: list[Judgement]
) -> tuple[dict[str | None, Judgement], dict[str | None, Judgement]]:
    """Return the judgements by device; as one if a device plays a part in one result only, as in another version."""
    olds, news = {each.device: each for each in before}, {each.device: each for each in after}
    if before and after and (None in olds) != (None in news):
        return {None: of_all_devices(before)}, {None: of_all_devices(after)}
    return olds, news


def _worse(old: Result, new: Result, newly_failing: int) -> Iterator[str]:
    if newly_failing:
        yield f"{newly_failing} newly failing"
    if Verdict.INCOMPLETE in (old.verdict, new.verdict):
        if old.verdict is not new.verdict and new.verdict is Verdict.INCOMPLETE:
            yield "the verdict is incomplete"
    elif _scope(old) == _scope(new) and BEST_FIRST.index(new.verdict) > BEST_FIRST.index(old.verdict):
        yield f"the verdict was {old.verdict.value}"


def _scope(result: Result) -> tuple[object, ...]:
    """Return what is the same in two results whose verdicts are about the same requirements."""
    return result.specification_version, result.partial, _requested(result)


def _side(file: Path, result: Result) -> Side:
    judged = result.implementation
    return Side(one_line(str(file)), judged.name, judged.version, in_words(result))


#: What two results may differ in, apart from outcomes and from the conditions that a table shows.
_CIRCUMSTANCES: dict[str, Callable[[Result], str]] = {
    "implementation": lambda result: result.implementation.name,
    "version": lambda result: result.implementation.version or "none",
    **{name: condition for name, (condition, _) in CONDITIONS.items() if name != "date"},
    "torch": lambda result: result.environment.torch,
    "requested": lambda result: _requested(result),
    "suite": lambda result: result.suite_version,
}


def _differences(old: Result, new: Result) -> Iterator[Difference]:
    for what, circumstance in _CIRCUMSTANCES.items():
        if circumstance(old) != circumstance(new):
            yield Difference(what, circumstance(old), circumstance(new))


def _requested(result: Result) -> str:
    selection = result.selection
    words = ", ".join(selection.only) or "all requirements"
    words += " (MUST only)" if selection.level == "MUST" else ""
    words += f" on {', '.join(selection.devices)}" if selection.devices else ""
    return words + (f" with {', '.join(selection.models)}" if selection.models else "")


def _notes(old: Result, new: Result) -> Iterator[str]:
    """Return how far the two can be compared, where they do not follow the same words."""
    before = {each.id: each for each in old.requirements}
    after = {each.id: each for each in new.requirements}
    if old.specification_version != new.specification_version:
        yield (
            f"The results follow specifications {old.specification_version} and {new.specification_version}: they are "
            "compared requirement by requirement, and their verdicts are about different requirements."
        )
        for has, lacks, result in ((after, before, old), (before, after, new)):
            reasons = {id: why_absent(id, each.level, result) for id, each in has.items() if id not in lacks}
            lacking = [id for id, reason in reasons.items() if reason.endswith("does not have it")]
            if lacking:
                yield f"Specification {result.specification_version} does not have {', '.join(lacking)}."
    reworded = [id for id, each in after.items() if id in before and before[id].sentence != each.sentence]
    if reworded:
        yield f"The sentences differ of {', '.join(reworded)}: a change there may be one of the requirement."
    moved = [
        f"{id} ({before[id].level} → {each.level})"
        for id, each in after.items()
        if id in before and before[id].level != each.level
    ]
    if moved:
        yield f"The levels differ of {', '.join(moved)}."
