"""What reads results or the specification imports nothing heavy."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from records import result, written
from running import command, run


def test_what_is_no_regular_file_is_written_to(tmp_path: Path) -> None:
    (path,) = written(tmp_path, a=result())
    ended = command("matrix", path, "--markdown", "/dev/stdout", cwd=tmp_path)
    assert ended.returncode == 0 and ended.stdout.startswith("| result |"), ended.stderr


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (("matrix", "a.json", "--badge", "b.json"), {"torch", "hypothesis", "pytest", "jinja2"}),
        (("matrix", "a.json", "--html", "p.html"), {"torch", "hypothesis", "pytest"}),
        (("compare", "a.json", "a.json", "--markdown"), {"torch", "hypothesis", "pytest", "jinja2"}),
        (("--help",), {"torch", "hypothesis", "pytest", "jinja2"}),
    ],
)
def test_nothing_heavy_is_imported(tmp_path: Path, arguments: tuple[str, ...], absent: set[str]) -> None:
    written(tmp_path, a=result())
    program = "import sys; from sparsifier_conformance.cli.main import main; status = main(sys.argv[1:]); "
    ended = run(sys.executable, "-c", program + "print(status, *sys.modules)", *arguments, cwd=tmp_path)
    status, *imported = ended.stdout.splitlines()[-1].split()
    assert status == "0", ended.stderr
    assert "sparsifier_conformance.cli.matrix" in imported and not absent & set(imported)


@pytest.mark.parametrize("arguments", [("--help",), ("spec",), ("compare", "a.json", "b.json"), ("matrix", "a.json")])
def test_what_needs_no_torch_imports_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    written(tmp_path, a=result(), b=result())
    program = (
        "import sys\nfrom sparsifier_conformance.cli.main import main\n"
        f"main({list(arguments)})\n"
        "assert not {'torch', 'hypothesis', 'jinja2', 'pytest', 'xdist'} & set(sys.modules), 'imported'\n"
    )
    ended = run(sys.executable, "-c", program, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr


def test_what_drives_other_processes_imports_neither_torch_nor_hypothesis(tmp_path: Path) -> None:
    # Its workers import both, in processes of their own: here they would only be waited for.
    program = (
        "import sys\nimport sparsifier_conformance.cli.main, sparsifier_conformance.judging.processes.controller\n"
        "assert not {'torch', 'hypothesis'} & set(sys.modules), 'imported'\n"
    )
    ended = run(sys.executable, "-c", program, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
