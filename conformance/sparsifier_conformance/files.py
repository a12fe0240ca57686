"""What a command writes: files, found writable before the work begins and written whole, and standard output."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def why_not_writable(path: Path) -> str | None:
    """Say in one line why a file cannot be written, or give None if it can.

    Parameters:
        path: the file; it need not exist.
    """
    folder = path.absolute().parent
    if path.is_dir():
        return f"{path} is a folder; give the name of a file in it"
    if not folder.is_dir():
        return f"{path} cannot be written: there is no folder {folder}; make it first"
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        return f"{path} cannot be written: permission denied; choose another place"
    return None


def why_no_folder(path: Path) -> str | None:
    """Make a folder for reproducers if it is not there, and say in one line why there can be none, if so.

    Parameters:
        path: the folder.
    """
    try:
        path.mkdir(exist_ok=True)
    except FileExistsError:
        return f"{path} is a file; give the name of a folder"
    except FileNotFoundError:
        return f"{path} cannot be made: there is no folder {path.absolute().parent}; make it first"
    except OSError as error:
        return f"{path} cannot be made: {error.strerror}; choose another place"
    # Looked at, and not tried out: every worker asks, and what one creates another one would remove.
    return None if os.access(path, os.W_OK) else f"{path} cannot be written to; choose another place"


def write_whole(path: Path, text: bytes) -> None:
    """Write a file, whole or not at all.

    Parameters:
        path: the file; what is no regular file, such as ``/dev/stdout``, is written to as it stands.
        text: all that it shall hold.

    Raises:
        OSError: if it cannot be written.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(text)
        return
    path = path.resolve()  # a link stays one
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def print_all(text: str) -> None:
    """Print a text to standard output, for a reader that may leave before its end, as ``head`` does."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
