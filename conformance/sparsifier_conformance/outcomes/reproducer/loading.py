"""How a script gets at the implementation: by whatever the command takes, or the one that failed."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from ...checking.spelling import spelled
from ...implementations.describing import Found

_LINES = """\
where = sys.argv[1] if len(sys.argv) > 1 else {where}
where = {{"reference": "sparsifier_reference", "torch": "torch.ao.pruning.sparsifier.utils"}}.get(where, where)
sys.path.append("")
file, is_file, attribute = where.rpartition(".py")
if is_file and attribute[:1] in ("", ":"):
    spec: Any = spec_from_file_location("implementation", f"{{file}}.py")
    implementation: Any = module_from_spec(spec)
    sys.path.append(str(Path(file).parent))
    spec.loader.exec_module(implementation)
else:
    module, _, attribute = where.partition(":")
    implementation = import_module(module)
for name in filter(None, attribute.strip(":").split(".")):
    implementation = getattr(implementation, name)"""
_IMPORTS = [
    "from importlib.util import module_from_spec",
    "from importlib.util import spec_from_file_location",
    "from pathlib import Path",
]
_NOWHERE = 'sys.exit("name the implementation: the one that fails was made at run time")'


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
    if suffix and found.name == found.where:
        where = spelled(Path(f"{file}.py").resolve().as_posix() + attribute)
    else:
        module, _, attribute = found.name.partition(":")
        is_importable = module != "conftest" and module in sys.modules
        names = attribute.split(".") if attribute else []
        where = spelled(found.name) if is_importable and all(map(str.isidentifier, names)) else _NOWHERE
    return Loading(_LINES.format(where=where), _IMPORTS)
