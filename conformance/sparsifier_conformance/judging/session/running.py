"""Running checks: each under watch, and what it comes to put on its report."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ...outcomes.outcome import Outcome, stops_run
from ...text import counted
from ..items import ENDLESS, MOST_TIME_OUTS, device_of, is_check, requirement_of

if TYPE_CHECKING:
    from ...outcomes.judged import Judged
    from .capturing import Capture
    from .material import Material

_CAPTURE: pytest.StashKey[Capture] = pytest.StashKey()


class Running:
    """The hooks of pytest that are called while checks run."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self._introduced = False

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """End a check on a device that is not available, or one more of a utility whose checks do not end."""
        if not is_check(item):
            return
        # On the item, where pytest's JUnit report looks for it.
        item.user_properties.append(("requirement", requirement_of(item)))
        utility = self.material.requirement(requirement_of(item)).utility
        if utility in getattr(item.config, "workerinput", {}).get(ENDLESS, []):
            from ...checking.skips import Blocked

            several = counted(MOST_TIME_OUTS, "check")
            raise Blocked(f"{several} of {utility}, or more, timed out, so the others were not tried")
        device = device_of(item)
        if device is not None and (reason := device.missing()) is not None:
            from ...checking.skips import not_applicable

            not_applicable(reason)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Run a check: warnings are not what is judged, and its last failure is kept."""
        if not is_check(item):
            yield
            return
        from .capturing import capturing
        from .properties import apply

        apply(item)
        with warnings.catch_warnings(), capturing(item, self.material.notebook) as capture:
            warnings.simplefilter("ignore")
            item.stash[_CAPTURE] = capture
            yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """Put what the check comes to on the report, and give it the words of the requirement."""
        outcome = yield
        if not is_check(item) or call.when == "teardown":
            return
        from .reporting import attach, introduce, present

        report = outcome.get_result()
        if not self._introduced:
            self._introduced = True
            introduce(report, self.material.introduction)
        if call.when == "setup" and call.excinfo is None:
            return  # it comes to nothing yet
        judged = self._judged(item, call)
        expected = self.material.expectations.of(judged.requirement, judged.device)
        attach(report, judged)
        present(report, judged, expected=expected is not None)
        decides = stops_run(self.material.requirement(requirement_of(item)).level, judged.outcome) and not expected
        if self.material.requested.fail_fast and decides:
            item.session.shouldfail = f"{judged.requirement} failed"

    def _judged(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Judged:
        """Return what a check comes to, with the script of its failure."""
        from ...outcomes.failure import judged
        from ...outcomes.reproducer.writing import reproducer

        capture = item.stash.get(_CAPTURE, None)
        failure, device = capture.failure if capture else None, device_of(item)
        if failure is not None:
            failure.file = self.material.found.file
        error = call.excinfo.value if call.excinfo is not None else None
        result = judged(requirement_of(item), device, error, failure, called=call.when == "call")
        if result.outcome is Outcome.PASSED and capture is not None and capture.noticed:
            return msgspec.structs.replace(result, message="; ".join(capture.noticed))
        if failure is None or result.outcome not in (Outcome.FAILED, Outcome.TIMED_OUT):
            return result
        with suppress(Exception):  # a failure is reported with or without a script
            loading, seen_with = self.material.introduction.loading, self.material.introduction.seen_with
            script = reproducer(failure, device, self.material.requirement(requirement_of(item)), loading, seen_with)
            return msgspec.structs.replace(result, reproducer=script)
        return result
