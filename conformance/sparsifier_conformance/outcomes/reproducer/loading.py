"""How a script gets at the implementation: by the name of a module, an attribute of it, or a file."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from ...checking.spelling import spelled
from ...implementations import Found

_ONE_MODULE = 'implementation: Any = import_module(sys.argv[1] if len(sys.argv) > 1 else "{where}")'
_ATTRIBUTE = """\
where = sys.argv[1] if len(sys.argv) > 1 else {where}
module, _, attribute = where.partition(":")
implementation: Any = import_module(module)
if attribute:
    implementation = attrgetter(attribute)(implementation)"""
_FILE = """\
if len(sys.argv) > 1:
    implementation: Any = import_module(sys.argv[1])
else:
    spec: Any = spec_from_file_location("implementation", {file})
    implementation = module_from_spec(spec)
    sys.path.append({folder})
    spec.loader.exec_module(implementation)"""
_NOWHERE = """\
if len(sys.argv) < 2:
    sys.exit("name the implementation: the one that fails was made at run time")
implementation: Any = import_module(sys.argv[1])"""


class Loading(msgspec.Struct, frozen=True):
    """The lines that load the implementation, and the import statements that they need."""

    lines: str
    imports: list[str]


def loading(found: Found) -> Loading:
    """Return how a script loads an implementation.

    Parameters:
        found: the implementation, which has been imported.
    """
    file, suffix, attribute = found.where.rpartition(".py")
    attribute = attribute.lstrip(":")
    if suffix and found.name == found.where:
        path = Path(f"{file}.py").resolve()
        lines = _FILE.format(file=spelled(path.as_posix()), folder=spelled(path.parent.as_posix()))
        imports = ["from importlib.util import module_from_spec", "from importlib.util import spec_from_file_location"]
        if not attribute:
            return Loading(lines, imports)
        return Loading(f"{lines}\n    implementation = implementation.{attribute}", imports)
    module, _, attribute = found.name.partition(":")
    if (
        module == "conftest"
        or module not in sys.modules
        or not all(part.isidentifier() for part in attribute.split(".") if attribute)
    ):
        return Loading(_NOWHERE, [])
    if attribute:
        return Loading(_ATTRIBUTE.format(where=spelled(found.name)), ["from operator import attrgetter"])
    return Loading(_ONE_MODULE.format(where=found.name), [])
