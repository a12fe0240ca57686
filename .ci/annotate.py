"""Print the failures of a result as annotations for GitHub: ``python .ci/annotate.py RESULT.json``.

An annotation is an ``::error`` for each MUST that failed and for each expected failure that passed. It names the
implementation's file if that lies in the workspace, and the line that raised or that defines the utility, if known.
Only the standard library is needed.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

FAILURES = ("crashed", "timed out", "failed", "blocked")


def main(arguments: list[str]) -> int:
    """Print the annotations of a result file, and return the exit status, 0."""
    (path,) = arguments
    result = json.loads(Path(path).read_text(encoding="utf-8"))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in result["requirements"]:
        outcome = each["outcome"]
        if (each["level"] == "MUST" and outcome in FAILURES) or outcome == "unexpected pass":
            found.setdefault((each["id"], outcome), []).append(each)
    for (id, outcome), judgements in found.items():
        devices = ", ".join(each["device"] for each in judgements if each["device"])
        title = f"{id} ({judgements[0]['level']}) {outcome}{f' on {devices}' if devices else ''}"
        text = "\n".join(filter(None, (judgements[0]["sentence"], judgements[0].get("message"))))
        place = _place(result["implementation"].get("file"), id.partition("/")[0], judgements[0].get("message") or "")
        properties = ",".join(f"{name}={_escaped(value, ',:')}" for name, value in (*place, ("title", title)))
        print(f"::error {properties}::{_escaped(text)}")
    return 0


def _place(file: str | None, utility: str, message: str) -> list[tuple[str, str]]:
    """Return the file, relative to the workspace, and the line, as far as they are known."""
    if file is None or not Path(file).is_file():
        return []
    path, line = _raised_in(Path(file).resolve(), message)
    workspace = Path(os.environ.get("GITHUB_WORKSPACE", ".")).resolve()
    if not path.is_relative_to(workspace):
        return []
    line = line or _defined_in(path, utility)
    place = [("file", path.relative_to(workspace).as_posix())]
    return [*place, ("line", str(line))] if line else place


def _raised_in(file: Path, message: str) -> tuple[Path, int | None]:
    """Return where an error came from, which the message names as ``(package/module.py, line 12)``."""
    for name, line in re.findall(r"\(([^()]+\.py), line (\d+)\)", message):
        for folder in file.parents:
            if (folder / name).is_file():
                return folder / name, int(line)
    return file, None


def _defined_in(path: Path, utility: str) -> int | None:
    """Return the line of a file where a utility is defined."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return None
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, kinds) and node.name == utility]
    return min(lines, default=None)


def _escaped(text: str, more: str = "") -> str:
    """Return text as a workflow command takes it."""
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
