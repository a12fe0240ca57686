"""An implementation of several modules, of which mutants are made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package and a file, whose modules are not imported beyond the test."""
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "__init__.py").write_text("from .code import swap_module\nfrom . import helping\n")
    (tmp_path / "own_package" / "code.py").write_text("def swap_module():\n    return 1\n")
    (tmp_path / "own_package" / "helping.py").write_text("import math as swap\n")
    (tmp_path / "own_package" / "never.py").write_text("raise ImportError\n")
    (tmp_path / "copy.py").write_text(
        "from types import SimpleNamespace\nimport own_package\n\n\ndef swap_module():\n    return 1\n\n\n"
        "holder = SimpleNamespace(swap_module=swap_module)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path
