"""What a process that judges says first: the implementation, the environment, and the checks that are selected."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata

import msgspec

from ..implementations.describing import Found
from ..outcomes.reproducer.loading import Loading, loading
from ..results.records import Environment, Implementation


class Check(msgspec.Struct, frozen=True):
    """A selected check.

    ``function`` is ``package.module:name``; ``device`` is None where none plays a part; ``is_limited`` says whether the
    device can do less than others, so that it may end the process where it is asked for too much;
    ``tries_small_models`` says whether it tries every small model.
    """

    nodeid: str
    function: str
    requirement: str
    device: str | None
    is_limited: bool
    tries_small_models: bool = False


class Introduction(msgspec.Struct, frozen=True):
    """What the first report of a process brings along, as plain data that a worker can send.

    ``environment`` has all devices that were requested; ``available`` are those of them on which checks can run, and
    ``not_available`` gives the reason for each device that was requested by its name and on which they cannot.
    """

    implementation: Implementation
    environment: Environment
    loading: Loading
    available: list[str]
    not_available: dict[str, str]
    checks: list[Check]

    @property
    def seen_with(self) -> str:
        """The implementation and the environment in a line."""
        judged, where = self.implementation, self.environment
        name = " ".join(filter(None, [judged.name, judged.version]))
        return f"{name}, torch {where.torch}, Python {where.python}, {where.platform}"


def without_import(where: str, devices: Iterable[str], requirements: Iterable[str]) -> Introduction:
    """Return what can be said where no process came as far as an introduction: nothing that needs torch.

    Parameters:
        where: the implementation, as it was named.
        devices: as they were requested.
        requirements: the ids of those that were requested; each stands for its checks.
    """
    try:
        torch = metadata.version("torch")
    except metadata.PackageNotFoundError:
        torch = "unknown"
    return Introduction(
        implementation=Implementation(where, where, None, None),
        environment=Environment(torch, platform.python_version(), platform.platform(), list(devices)),
        loading=Loading("", []),
        available=[],
        not_available={},
        checks=[Check(id, "", id, None, False) for id in requirements],
    )


def introduction(found: Found, requested: tuple[str, ...], checks: list[Check]) -> Introduction:
    """Describe what is judged, and where.

    Parameters:
        found: the implementation.
        requested: the devices, as they were requested.
        checks: those that are selected.
    """
    import torch

    from ..devices import registry

    devices = registry.resolve(requested)
    by_name = [each for each in requested if each != "all"]
    named = registry.resolve(by_name) if by_name else []
    # To try out whether some device is there takes long; that is left to the checks that need it, unless it was named.
    tried = {name: registry.device(name) for name in devices}
    missing = {name: device.missing() for name, device in tried.items() if name in named or not device.is_costly_to_try}
    return Introduction(
        implementation=Implementation(found.where, found.name, found.version, found.file),
        environment=Environment(
            torch=str(torch.__version__),
            python=platform.python_version(),
            platform=platform.platform(),
            devices=devices,
        ),
        loading=loading(found),
        available=[name for name, reason in missing.items() if reason is None],
        not_available={name: str(missing[name]) for name in named if missing[name] is not None},
        checks=checks,
    )
