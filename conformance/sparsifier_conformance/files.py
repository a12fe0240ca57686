"""Files: read in whatever encoding they say they have, found writable before the work begins, and written whole."""

from __future__ import annotations

import codecs
import os
import tempfile
from pathlib import Path

#: What stands for standard output with other programs.
_DASH = Path("-")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def read_text(path: Path) -> str:
    """Return the text of a file: UTF-8, or what its byte-order mark says, as PowerShell writes it.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is empty, or no text.
    """
    data = path.read_bytes()
    if not data.strip():
        raise ValueError("it is empty")
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None


def same_file(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, whether or not it exists."""
    return os.path.realpath(one) == os.path.realpath(other)


def why_not_writable(path: Path) -> str | None:
    """Return in one line why a file cannot be written, or None if it can.

    Parameters:
        path: the file; it need not exist.
    """
    folder = path.absolute().parent
    if path == _DASH:
        return "- does not stand for standard output here: give /dev/stdout, or the name of a file"
    if path.is_dir():
        return f"{path} is a folder; give the name of a file in it"
    if not folder.is_dir():
        return f"{path} cannot be written: there is no folder {folder}; make it first"
    try:
        if path.exists() and not path.is_file():  # which may wait for a reader, so that it is not opened
            return None if os.access(path, os.W_OK) else f"{path} cannot be written to; choose another place"
        if path.exists():
            os.close(os.open(path, os.O_WRONLY))
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}; choose another place"
    if (reason := _why_no_new_file(folder)) is not None:
        return f"{path} cannot be written: no file can be made in {folder} ({reason}); choose another place"
    return None


def _why_no_new_file(folder: Path) -> str | None:
    """Return why no file can be made in a folder, or None if one can; none is left there."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror


def make_folder(path: Path) -> str | None:
    """Make a folder if it is not there, and return in one line why there can be none, if so."""
    if path == _DASH:
        return "- is not the name of a folder: give one"
    try:
        path.mkdir(exist_ok=True)
    except FileExistsError:
        return f"{path} is a file; give the name of a folder"
    except OSError as error:
        if not path.absolute().parent.is_dir():
            return f"{path} cannot be made: there is no folder {path.absolute().parent}; make it first"
        return f"{path} cannot be made: {error.strerror}; choose another place"
    reason = _why_no_new_file(path)
    return None if reason is None else f"{path} cannot be written to: {reason}; choose another place"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all.

    Parameters:
        path: the file; what is no regular file, such as ``/dev/stdout``, is written to as it stands.
        data: all that it shall hold.

    Raises:
        OSError: if it cannot be written.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = Path(os.path.realpath(path))  # a link stays one
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
