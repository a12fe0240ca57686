"""Print the failures of a result as annotations for GitHub: ``python .ci/annotate.py RESULT.json``.

An annotation is an ``::error`` for each MUST that failed and for each expected failure that passed. It names the
implementation's file if that lies in the workspace, and the line that raised or that defines the utility, if known.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from sparsifier_conformance.outcomes.outcome import Outcome, is_failed_must
from sparsifier_conformance.reports.places import place_of


def main(arguments: list[str]) -> int:
    """Print the annotations of a result file, and return the exit status, 0."""
    (path,) = arguments
    result = json.loads(Path(path).read_text(encoding="utf-8"))
    found: dict[tuple[str, Outcome], list[dict[str, Any]]] = {}
    for each in result["requirements"]:
        outcome = Outcome(each["outcome"])
        if is_failed_must(each["level"], outcome) or outcome is Outcome.UNEXPECTED_PASS:
            found.setdefault((each["id"], outcome), []).append(each)
    workspace = Path(os.environ.get("GITHUB_WORKSPACE", "."))
    for (id, outcome), judgements in found.items():
        devices = ", ".join(each["device"] for each in judgements if each["device"])
        title = f"{id} ({judgements[0]['level']}) {outcome.value}{f' on {devices}' if devices else ''}"
        text = "\n".join(filter(None, (judgements[0]["sentence"], judgements[0].get("message"))))
        place = place_of(result["implementation"].get("file"), id, judgements[0].get("message"), workspace)
        named = zip(("file", "line"), map(str, filter(None, place or ())), strict=False)
        properties = ",".join(f"{name}={_escaped(value, ',:')}" for name, value in (*named, ("title", title)))
        print(f"::error {properties}::{_escaped(text)}")
    return 0


def _escaped(text: str, more: str = "") -> str:
    """Return text as a workflow command takes it."""
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
