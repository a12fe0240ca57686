"""The file that holds a result: written whole, read with care, described by a JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from ..files import read_text, write_whole
from .records import FORMAT_VERSION, Result


class ResultError(ValueError):
    """A file is not a result of this format; the message names it and says why."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a result file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Result)}


def write(result: Result, path: Path) -> None:
    """Write a result file, whole or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
    write_whole(path, text)


def read(path: Path) -> Result:
    """Return the result that a file holds, after checking it against the records.

    Raises:
        ResultError: if it is missing, truncated, of another format version, or no result file.
    """
    try:
        text = read_text(path)
        version = msgspec.json.decode(text, type=_FormatVersion).format_version
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ResultError(f"{path} is not a result file: {error}") from None
    if version != FORMAT_VERSION:
        raise ResultError(f"{path} has format version {version}; this version reads format version {FORMAT_VERSION}")
    try:
        return msgspec.json.decode(text, type=Result)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ResultError(f"{path} is not a whole result file: {error}") from None


class _FormatVersion(msgspec.Struct):
    """As much of a document as shows which version it has."""

    format_version: int


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
