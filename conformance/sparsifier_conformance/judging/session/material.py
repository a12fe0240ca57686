"""What a session that judges works with: the implementation, the devices, the models, and what is expected to fail."""

from __future__ import annotations

import warnings
from contextlib import suppress
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from ..options import is_named
from ..processes.importing import limited_import, time_limit
from ..processes.last_inputs import NO_LIMIT, Notebook, folder_of
from ..requested import Requested

if TYPE_CHECKING:
    from ...implementations.describing import Found
    from ...own_models import OwnModel
    from ...results.expectations import Expectations
    from ...specification import Requirement
    from ..introduction import Check, Introduction


class Material:
    """What checks are collected and run with. Each part is made when it is first asked for, and once."""

    def __init__(self, config: pytest.Config, requested: Requested) -> None:
        self.config = config
        self.requested = requested
        #: The checks that are selected, once they are collected.
        self.checks: list[Check] = []

    @cached_property
    def found(self) -> Found:
        """The implementation; imported when the first check is collected."""
        import torch  # noqa: F401 - whose import is not what is limited

        from ...implementations.finding import load, provided

        with warnings.catch_warnings(), limited_import(self.config, f"{self.requested.where!r} cannot be imported"):
            warnings.simplefilter("ignore")
            if is_named(self.config):
                return load(self.requested.where)
            provide = self.config.hook.pytest_sparsifier_implementation
            return provided(self.requested.where, lambda: provide(config=self.config))

    @cached_property
    def devices(self) -> list[str]:
        """The names of the devices that were requested."""
        from ...devices.registry import resolve
        from ...implementations.finding import ImplementationError

        with suppress(ImplementationError):  # which is reported later
            _ = self.found  # to import it may be what makes a vendor's device known
        return resolve(self.requested.devices)

    @cached_property
    def own_models(self) -> list[OwnModel]:
        """The user's own models."""
        from ...own_models import OwnModel

        return [OwnModel(where) for where in self.requested.models]

    @cached_property
    def introduction(self) -> Introduction:
        """What the first report brings along."""
        from ..introduction import introduction

        return introduction(self.found, self.requested.devices, self.checks)

    @cached_property
    def expectations(self) -> Expectations:
        """What is expected to fail here."""
        import torch

        return self.requested.expectations.here(str(torch.__version__), self.found.version)

    def without_asserts(self, name: str) -> dict[str, str]:
        """Return what is seen of one of the six names without its asserts."""
        from ...checking.under_O import LOOKS
        from ..processes.optimized import stripped

        value = stripped(getattr(self.found.target, name))
        return self._under_O[name] if value is None else LOOKS[name](SimpleNamespace(**{name: value}))

    @cached_property
    def _under_O(self) -> dict[str, dict[str, str]]:
        from ...checking.skips import not_applicable
        from ..processes.optimized import ask

        if not is_named(self.config):
            not_applicable("what a hook provides cannot be had under python -O, in a process of its own")
        # Less than the check that waits for it may take.
        return ask(self.requested.where, 0.8 * time_limit(self.config) or NO_LIMIT)

    @cached_property
    def notebook(self) -> Notebook | None:
        """Where the inputs of this process are noted, if it is a worker."""
        with suppress(OSError):  # a worker on another machine has no such folder
            folder = folder_of(self.config)
            return Notebook(folder, self.config.workerinput["workerid"]) if folder else None  # type: ignore[attr-defined]
        return None

    def requirement(self, id: str) -> Requirement:
        """Return one of the requirements that were requested."""
        return self.requested.requirements[id]
