"""What can become of one requirement on one device."""

from __future__ import annotations

from enum import Enum

from ..specification import Level


class Outcome(str, Enum):
    """What became of one requirement on one device, from the worst to the best."""

    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    FAILED = "failed"
    UNEXPECTED_PASS = "unexpected pass"
    BLOCKED = "blocked"
    NOT_RUN = "not run"
    EXPECTED_FAILURE = "expected failure"
    NOT_APPLICABLE = "not applicable"
    PASSED = "passed"


#: The outcomes that say that a requirement does not hold.
FAILURES = frozenset({Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.FAILED, Outcome.BLOCKED})
#: The outcomes that count against an implementation: an expectation that no longer holds, too.
FAULTY = FAILURES | {Outcome.UNEXPECTED_PASS}


def stops_run(level: Level, outcome: Outcome) -> bool:
    """Return whether a run ends here that stops at the first failed MUST: what is blocked says only what is missing."""
    return is_failed_must(level, outcome) and outcome is not Outcome.BLOCKED


def is_failed_must(level: Level, outcome: Outcome) -> bool:
    """Return whether one outcome decides that an implementation does not conform."""
    return level == "MUST" and outcome in FAILURES
