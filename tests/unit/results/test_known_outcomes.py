"""The tool that writes what known implementations come to; what it judges is made up here."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import known_outcomes as tool
from records import judged, result
from sparsifier_conformance.results import known as module
from sparsifier_conformance.results.known import known, named
from sparsifier_conformance.results.records import Result
from sparsifier_conformance.specification import load

IDS = list(load().requirements)
OLD, NEW = "class FakeSparsity:\n    a = 1\n", "class FakeSparsity:\n    a = 2\n"


def wheel(folder: Path, name: str, text: str) -> str:
    """Write a wheel with a module, and return its path."""
    path = folder / f"{name}-cp311-cp311-macosx_11_0_arm64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("torchao/sparsity/prototype/sparsifier/utils.py", "from elsewhere import *\n")
        archive.writestr("torchao/prototype/sparsity/sparsifier/utils.py", text)
    return str(path)


@pytest.fixture(autouse=True)
def _made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing be known, torch 2.13 be installed, and the old code fail the first requirement."""

    def judge(where: str, *, seed: int) -> Result:
        text = Path(where).read_text() if where.endswith(".py") else ""
        fails = {IDS[1]} if "flaky" in text and seed else {IDS[0]} if OLD in text else set()
        return result([judged(id, "failed" if id in fails else "passed") for id in IDS])

    file = tmp_path / "known.json"
    file.write_text('{"specification_version": "", "torch": "", "devices": [], "requirements": [], "codes": []}')
    monkeypatch.setattr(tool, "judge", judge)
    monkeypatch.setattr(tool, "installed", lambda: ("torch", "2.13", NEW))
    monkeypatch.setattr(module, "FILE", file)
    known.cache_clear()
    yield
    known.cache_clear()


def write(*wheels: str) -> list[tuple[str, list[str]]]:
    """Write the file, and return the names and the failures in it."""
    known.cache_clear()
    assert tool.main([*wheels]) == 0
    known.cache_clear()
    return [(named([code]), code.fails) for code in known().codes]


def test_releases_with_the_same_code_are_together(tmp_path: Path) -> None:
    wheels = [wheel(tmp_path, f"torch-2.{number}.1", OLD) for number in (9, 10)]
    wheels += [wheel(tmp_path, "torchao-0.4.0", f"# The same.\nfrom typing import Any\n{OLD}")]
    wheels += [wheel(tmp_path, "torch-2.14.0-2", NEW)]
    written = [("torch 2.9 to 2.10, torchao 0.4", IDS[:1]), ("torch 2.13 to 2.14", []), ("the reference", [])]
    assert write(*wheels) == written
    assert known().specification_version == load().version and known().requirements == IDS
    assert write(wheels[2]) == written  # a wheel for each code is enough


def test_a_code_that_is_not_given_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(wheel(tmp_path, "torch-2.9.1", OLD))
    before = module.FILE.read_bytes()
    assert tool.main([]) == 1
    said = "give a wheel of one release of each of these, too (the top of this file says how): torch 2.9"
    assert capsys.readouterr().err == f"known_outcomes.py: {said}\n"
    assert module.FILE.read_bytes() == before


def test_what_depends_on_the_seed_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main([wheel(tmp_path, "torch-2.9.1", f"{NEW}flaky = 1\n")]) == 1
    assert f"{IDS[1]}: passed with one seed and not with another" in capsys.readouterr().err


def test_what_is_no_wheel_of_the_six_names_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "torch-2.9.1-cp311-cp311-any.whl").write_text("no archive")
    for path in (tmp_path / "torch-2.9.1-cp311-cp311-any.whl", tmp_path / "some.txt", tmp_path / "torch-1-py3-any.whl"):
        assert tool.main([str(path)]) == 1
        assert f"{path} is no wheel" in capsys.readouterr().err
    assert tool.main([wheel(tmp_path, "torchao-0.1", "")]) == 1
    assert "has no module of the six names" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("def f(x: int) -> int:\n    return x", 'def f(x):\n    """Give it."""\n    return (x)  # as it is', True),
        ("from a import b\nfrom c import d", "from typing import Any\nfrom c import d\nfrom a import b", True),
        ("from a import b", "from a import c", False),
        ("def f(x):\n    return x", "def f(x):\n    return -x", False),
        ("def f(x):\n    return 'a'", "def f(x):\n    return 'b'", False),
        ("def f(x):\n    return x", "def f(x, y=1):\n    return x", False),
    ],
)
def test_a_digest_is_that_of_what_code_does(one: str, other: str, same: bool) -> None:
    assert (tool.digest(one) == tool.digest(other)) is same
