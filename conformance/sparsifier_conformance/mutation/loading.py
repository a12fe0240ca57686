"""From an implementation to the modules that hold its code, and from a mutant back to an implementation."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import decode_source
from pathlib import Path
from types import ModuleType
from typing import Any

from ..files import same_file
from ..implementations.finding import split
from ..implementations.names import NAMES
from .mutants import Source

#: What the name of a module begins with that is made from a file.
_FROM_FILE = "sparsifier_implementation_"
_LOADER = """\
import importlib.util
import sys

from sparsifier_conformance.implementations.finding import load

FILES = {files!r}


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in FILES:
            return None
        file, folder = FILES[name]
        folders = None if folder is None else [folder]
        return importlib.util.spec_from_file_location(name, file, submodule_search_locations=folders)


for name in FILES:
    sys.modules.pop(name, None)
    package, _, inner = name.rpartition(".")
    if package in sys.modules:
        vars(sys.modules[package]).pop(inner, None)
sys.path += {path!r}
sys.meta_path.insert(0, Finder)
target = load({where!r}).target
"""


def sources_of(target: Any) -> list[Source]:
    """Return the code of an implementation, which is imported: of the modules that define the six names.

    Of a package, these are all modules that it has imported of itself.
    """
    names = [_module_name(target)]
    for name in NAMES:
        with suppress(Exception):  # an attribute may raise anything
            names.append(_module_name(getattr(target, name)))
    inside = f"{target.__name__}." if isinstance(target, ModuleType) else "\0"
    found = []
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        is_ours = name in names and name.partition(".")[0] not in sys.stdlib_module_names
        if file.endswith(".py") and (is_ours or name.startswith(inside)):
            folder = str(Path(file).parent) if Path(file).name == "__init__.py" else None
            found.append(Source(name.removeprefix(_FROM_FILE), decode_source(Path(file).read_bytes()), file, folder))
    return found


def _module_name(value: Any) -> str:
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return name if isinstance(name, str) else type(value).__module__


def write_loader(folder: Path, where: str, source: Source, text: str) -> str:
    """Write files that give an implementation of which one module has another code.

    All modules keep their own names, so that they import one another as ever, and pickle finds them.

    Parameters:
        folder: a folder to be made.
        where: the implementation, as for the command.
        source: the module.
        text: its code.

    Returns:
        Where the implementation is then, as for the command.
    """
    code = folder / "code"  # not beside the loader, whose folder is put on sys.path
    code.mkdir(parents=True)
    file = code / Path(source.file).name
    file.write_text(text, encoding="utf-8")
    named, attribute = split(where)
    path, files = [], {source.name: (str(file), source.folder)}
    if named.endswith(".py"):
        path = [str(Path(named).resolve().parent)]  # where it finds what it imports
        if same_file(Path(named), Path(source.file)):
            where, files = f"{file}:{attribute}" if attribute else str(file), {}
    loader = folder / "mutant.py"
    loader.write_text(_LOADER.format(files=files, path=path, where=where), encoding="utf-8")
    return f"{loader}:target"
