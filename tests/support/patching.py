"""Apply the patches for torch in ``upstream/`` to the module of the torch that is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from running import ROOT, run
from sparsifier_conformance.torch_utilities import utils

UPSTREAM = ROOT / "upstream"
NAME = utils.__name__


def patched(folder: Path, *patches: str) -> Path:
    """Return torch's file with patches applied, in a folder laid out as a checkout of torch."""
    assert utils.__file__
    file = folder.joinpath(*NAME.split(".")).with_suffix(".py")
    file.parent.mkdir(parents=True)
    file.write_bytes(Path(utils.__file__).read_bytes())
    for patch in patches:
        # As in a checkout of Windows, where lines of either may end otherwise.
        applied = run("git", "apply", "--ignore-whitespace", UPSTREAM / patch, cwd=folder)
        assert applied.returncode == 0, applied.stderr
    return file


def imported(file: Path) -> ModuleType:
    """Import a file under the name of torch's module, which stays what others import."""
    spec = importlib.util.spec_from_file_location(NAME, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
