"""Names of results that are shown side by side: short, and each told from the others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ..results.records import Result
from ..text import one_line


@dataclass(frozen=True)
class Name:
    """The name of a result: the implementation, its version, and what else tells it from its neighbours."""

    implementation: str
    version: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return joint([self])


def names(results: Sequence[tuple[Path, Result]]) -> list[Name]:
    """Name some results, each differently.

    The version of torch is told where the results of implementations that are not torch's own differ in it;
    any other detail only where two names would be the same without it.

    Parameters:
        results: with the file that each came from; no file twice.
    """
    found = [Name(_implementation(result), without_build(result.implementation.version or "")) for _, result in results]
    if len({without_build(result.environment.torch) for _, result in results if not _is_torch(result)}) > 1:
        found = [
            name if _is_torch(result) else _with(name, f"torch {without_build(result.environment.torch)}")
            for name, (_, result) in zip(found, results, strict=True)
        ]
    for detail in _DETAILS:
        alike: dict[str, list[int]] = defaultdict(list)
        for index, name in enumerate(found):
            alike[str(name)].append(index)
        for indices in alike.values():
            details = [one_line(detail(*results[index])) for index in indices]
            if len(set(details)) > 1:
                for index, text in zip(indices, details, strict=True):
                    found[index] = _with(found[index], text)
    return found


def joint(several: Sequence[Name]) -> str:
    """Name some results together: the implementation once, its versions after it, and each version once."""
    grouped: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in several:
        grouped[name.implementation][name.version] += [", ".join(name.details)] if name.details else []
    return "; ".join(
        f"{implementation} {', '.join(filter(None, map(_with_details, versions.items())))}".strip()
        for implementation, versions in grouped.items()
    )


def _with_details(version: tuple[str, list[str]]) -> str:
    """Give a version with what tells its results apart: ``1.0 (torch 2.1.2, 2.13.0)``."""
    first, *others = version[1] or [""]
    kind = first.partition(" ")[0] + " "
    alike = all(each.startswith(kind) and "," not in each for each in (first, *others))
    details = ", ".join([first, *(each.removeprefix(kind) if alike else each for each in others)])
    return f"{version[0]} ({details})".strip() if details else version[0]


def without_build(version: str) -> str:
    """Give a version without the part that names a build, such as ``+cpu``."""
    return one_line(version.partition("+")[0])


def version_order(version: str) -> tuple[int, Version, str]:
    """Give a key that sorts versions as PEP 440 does, those that it does not know first."""
    try:
        return (1, Version(version), version)
    except InvalidVersion:
        return (0, Version("0"), version)


def _implementation(result: Result) -> str:
    """Give the short name: one that is registered, a file's own, or that of the package."""
    where = result.implementation.where
    if re.search(r"[/\\]|\.py(:|$)", where):
        return one_line(re.split(r"[/\\]", where)[-1])
    source, colon, attribute = where.partition(":")
    return one_line(source.partition(".")[0] + colon + attribute)


def _is_torch(result: Result) -> bool:
    return result.implementation.name.partition(".")[0] == "torch"


def _with(name: Name, detail: str) -> Name:
    return replace(name, details=(*name.details, detail))


#: What may tell two results apart, in the order in which it is tried; the last one always does.
_DETAILS: tuple[Callable[[Path, Result], str], ...] = (
    lambda _, result: result.implementation.name,
    lambda _, result: f"torch {without_build(result.environment.torch)}",
    lambda _, result: f"build {result.implementation.version}",
    lambda _, result: f"torch {result.environment.torch}",
    lambda _, result: f"Python {result.environment.python}",
    lambda _, result: result.environment.platform,
    lambda _, result: f"on {', '.join(result.environment.devices) or 'no device'}",
    lambda _, result: f"only {', '.join(result.selection.only) or 'all'}, {result.selection.level}",
    lambda file, _: str(file),
)
