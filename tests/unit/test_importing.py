"""What is said of an import that ends the process."""

from __future__ import annotations

from pathlib import Path

from sparsifier_conformance.judging.processes.importing import shadow


def test_a_file_that_hides_a_module_of_python_is_named(tmp_path: Path) -> None:
    (tmp_path / "sparsity.py").touch()
    assert shadow(tmp_path) == ""
    (tmp_path / "random.py").touch()
    assert shadow(tmp_path) == "; random.py here hides the standard library's module of that name: rename it"
