"""A result as SARIF 2.1.0, which code scanning shows beside the lines of the implementation."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from ..files import write_whole
from ..outcomes.outcome import FAULTY, Outcome
from ..results.records import Judgement, Result, Verdict
from .places import place_anywhere

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(result: Result, path: Path) -> None:
    """Write what counts against an implementation as SARIF; what was expected to fail is left out.

    Raises:
        OSError: if it cannot be written.
    """
    write_whole(path, msgspec.json.format(msgspec.json.encode(document(result, Path.cwd())), indent=2) + b"\n")


def document(result: Result, root: Path) -> dict[str, Any]:
    """Return a result as SARIF: a rule for each requirement, a result for each that failed.

    Parameters:
        result: the whole.
        root: the folder that files are relative to, usually that of the repository.
    """
    failures: dict[tuple[str, Outcome], list[Judgement]] = defaultdict(list)
    for each in result.requirements:
        if each.outcome in FAULTY:
            failures[each.id, each.outcome].append(each)
    first_of = {id: judgements[0] for id, judgements in result.by_id().items()}
    driver = {
        "name": "sparsifier-conformance",
        "version": result.suite_version,
        "rules": [{"id": id, "shortDescription": {"text": each.sentence}} for id, each in first_of.items()],
    }
    run = {
        "tool": {"driver": driver},
        # Where not everything was judged nobody takes what is missing for mended.
        "invocations": [{"executionSuccessful": result.verdict is not Verdict.INCOMPLETE}],
        "results": [_result(judgements, result.implementation.file, root) for judgements in failures.values()],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(judgements: list[Judgement], file: str | None, root: Path) -> dict[str, Any]:
    first = judgements[0]
    devices = ", ".join(each.device for each in judgements if each.device)
    lines = [f"{first.level} {first.outcome.value}{f' on {devices}' if devices else ''}", first.message]
    lines += [f"{first.name_of_input}:", first.smallest_input] if first.smallest_input else []
    return {
        "ruleId": first.id,
        "level": "error" if first.level == "MUST" or first.outcome is Outcome.UNEXPECTED_PASS else "warning",
        "message": {"text": "\n".join(filter(None, lines))},
        "locations": _locations(first, file, root),
    }


def _locations(judgement: Judgement, file: str | None, root: Path) -> list[dict[str, Any]]:
    path, line = place_anywhere(file, judgement.id, judgement.message)
    if path is None:
        return []
    # A relative reference where the file is in the folder; elsewhere an absolute URI, as section 3.4.3 of SARIF has it.
    inside = path.is_relative_to(root.resolve())
    uri = quote(path.relative_to(root.resolve()).as_posix()) if inside else path.as_uri()
    return [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line or 1}}}]
