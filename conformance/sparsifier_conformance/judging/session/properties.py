"""How Hypothesis runs a property: how many inputs, which, and whether it looks for the smallest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import Phase, Verbosity, settings

from ..items import device_of
from ..requested import Requested

#: Without values, only shapes, types and devices can be wrong, for which fewer inputs do: so many times fewer.
WITHOUT_VALUES = 4
_SETTINGS: pytest.StashKey[settings] = pytest.StashKey()


def set_up(item: pytest.Item, wanted: Requested, *, shrink: bool) -> None:
    """Note how a check is to run, if it is a property: its seed and its number of examples, for this session only.

    Parameters:
        item: the check.
        wanted: what the session was requested to do.
        shrink: whether to look for the smallest input when it fails, which takes most of the time of a failure:
            of one that is known already nobody wants it.
    """
    check: Any = getattr(item, "obj", None)
    if not hasattr(check, "hypothesis"):
        return
    device = device_of(item)
    holds_values = device is None or device.holds_values
    # To explain a failure, Hypothesis varies what it found, and what it tries last is not the smallest.
    without = {Phase.explain} if shrink else {Phase.shrink, Phase.explain}
    # Not through a profile: that would reach the user's own properties too.
    item.stash[_SETTINGS] = settings(
        max_examples=wanted.examples if holds_values else -(-wanted.examples // WITHOUT_VALUES),
        phases=[phase for phase in Phase if phase not in without],
        deadline=None,
        database=None,
        derandomize=True,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    check._hypothesis_internal_use_seed = wanted.seed
    # Else Hypothesis reads the check's source, for the key of a database that there is not.
    check._hypothesis_internal_database_key = None


def apply(item: pytest.Item) -> None:
    """Let the function of a check have the settings of this one: it is that of the check on other devices, too."""
    own = item.stash.get(_SETTINGS, None)
    if own is not None:
        function: Any = item.obj  # type: ignore[attr-defined]
        function._hypothesis_internal_use_settings = own


def shrink_nothing(items: Iterable[pytest.Item]) -> None:
    """Let properties stop at the first input that fails.

    Looking for the smallest one takes most of the time of a failure, and changes no outcome.
    """
    for item in items:
        own = item.stash.get(_SETTINGS, None)
        if own is not None:
            item.stash[_SETTINGS] = settings(own, phases=(Phase.explicit, Phase.reuse, Phase.generate))
