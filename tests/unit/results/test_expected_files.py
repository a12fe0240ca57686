"""Files of expected failures: what is wrong with them is listed in one go, with file and entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from expecting import TORCHS_SHOULDS, entry
from records import judged, result
from sparsifier_conformance.judging.outputs import OUTPUTS
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.expected_files import ExpectedFileError, read, shipped, write
from sparsifier_conformance.results.records import Judgement
from sparsifier_conformance.specification import load

ID = "module_contains_param/returns-bool"

WRONG = f"""\
[[expected]]
id = "swap_module/kwarg-hooks"
reason = "known"

[[expected]]
id = "swap_module/always-call-hooks"
reason = " "

[[expected]]
id = "swap_module/kwargs-hooks"
reason = "known"
version = "two"

[[expected]]
id = "swap_module"
reason = "known"
platform = "windows"

[[expected]]
id = "interface/names"
reason = "known"
device = "CUDA"

[[expected]]
id = "{ID}"
devise = "cpu"
reason = "known"

[[expected]]
reason = "known"
[[expected]]
id = "{ID}"
reason = 3
[[expected]]
id = "{ID}"
reason = "known"
[[expected]]
id = "{ID}"
reason = "known again"
[[expected]]
id = "fqn_to_module"
reason = "mended"
fails = false
"""


def test_everything_that_is_wrong_is_listed_in_one_go(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG)
    with pytest.raises(ExpectedFileError) as error:
        read([str(path), str(tmp_path / "absent.toml"), str(tmp_path / "toch")])
    lines = str(error.value).replace(str(tmp_path), "").splitlines()
    complaints = (
        ("/wrong.toml: swap_module/kwarg-hooks: ", "did you mean swap_module/kwargs-hooks"),
        ("/wrong.toml: swap_module/kwargs-hooks: ", "'two' is no specifier"),
        ("/wrong.toml: swap_module: ", "platform: Invalid enum value 'windows'"),
        ("/wrong.toml: interface/names: ", "'CUDA' is no name of a device"),
        (f"/wrong.toml: {ID}: ", "'devise' has no meaning; did you mean 'device'?"),
        ("/wrong.toml: entry 7: ", "no `id`"),
        (f"/wrong.toml: {ID}: ", "reason: Expected `str`, got `int`"),
        ("/wrong.toml: swap_module/always-call-hooks: ", "the reason is empty"),
        (f"/wrong.toml: {ID}: ", "a later entry overrides this one"),
        ("/wrong.toml: fqn_to_module: ", "no entry before it"),
        ("/absent.toml: ", "there is no such file (known by name: torch, torchao)"),
        ("/toch: ", "there is no such file; did you mean torch? (known by name: torch, torchao)"),
    )
    assert len(lines) == len(complaints)
    for line, (begin, complaint) in zip(lines, complaints, strict=True):
        assert line.startswith(begin) and complaint in line


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[[expected]", "not TOML"),
        (b"\xff", "not UTF-8"),
        (b"", "it is empty"),
        (b"[expected]\nid = 'interface'", "every entry stands under a heading"),
        (b"expect = 1", "'expect' has no meaning"),
        (b"a = " + b"[" * 100000, "not TOML|recursion"),
    ],
)
def test_what_is_no_such_file_is_refused_by_name(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "known.toml").write_bytes(content)
    with pytest.raises(ExpectedFileError, match=complaint) as error:
        read(["known.toml"], tmp_path)
    assert "known.toml" in str(error.value) and "\n" not in str(error.value)


def test_what_is_written_is_toml_whatever_an_implementation_says(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    said = "\n[[expected]]\r\n\x00\x1b[31m \ud800 \u2028 " + "long " * 1000 + "\n" + " " * 1000 + "x" * 1000
    failed = Judgement(ID, "MUST", "It MUST hold.", None, Outcome.FAILED, 1.0, said)
    assert write(result([failed]), path) == 1
    with pytest.raises(ExpectedFileError) as error:
        read([str(path)])
    assert "\n" not in str(error.value) and "the reason is empty" in str(error.value)
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 100


def test_what_was_seen_keeps_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    seen = "calls:\n    expected ['a']\n    got      []\n" + "\n".join(map(str, range(9)))
    failed = Judgement(ID, "MUST", "It MUST hold.", None, Outcome.FAILED, 1.0, seen)
    ended = Judgement("interface/names", "MUST", "It MUST hold.", None, Outcome.CRASHED, 1.0, "the process ended")
    write(result([failed, ended]), path)
    told = "# failed:\n#   calls:\n#       expected ['a']\n#       got      []\n#   0\n#   1\n#   … (and 7 more)\n[["
    assert told in path.read_text(encoding="utf-8")
    assert "\n\n# MUST: It MUST hold.\n# crashed: the process ended\n[[" in path.read_text(encoding="utf-8")


def test_a_file_as_it_is_written_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    failed = [
        Judgement(id, "MUST", "It MUST hold.", None, Outcome.FAILED, 1.0, "seen")
        for id in (ID, "swap_module/exact-type", "interface/names")
    ]
    assert write(result(failed), path) == 3
    with pytest.raises(ExpectedFileError) as error:
        read([path.name], tmp_path)
    assert str(error.value) == f"{path}: {ID} and 2 more: the reason is empty; say why it fails"


def test_nothing_is_written_of_what_is_expected_already(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    expected = Judgement(ID, "MUST", "It MUST hold.", None, Outcome.EXPECTED_FAILURE, 1.0, "seen", None, "known")
    stale = Judgement("interface/names", "MUST", "It MUST hold.", None, Outcome.UNEXPECTED_PASS, 1.0, "seen")
    assert write(result([expected, stale]), path) == 0 and read([str(path)]).entries == ()
    path.unlink()
    assert OUTPUTS["write-expected"](result([expected, stale]), path).endswith(": 0, for nothing new failed")


def test_the_files_that_are_shipped() -> None:
    assert shipped() == ["torch", "torchao"]

    def expected(name: str, torch: str, version: str) -> set[str]:
        here = read([name]).here(torch, version)
        return {id for id in load().requirements if here.of(id, None)}

    by_assert = {"swap_module/rejected-under-O", "FakeSparsity/rejected-under-O", "FakeSparsity/message-names-shapes"}
    assert expected("torch", "2.13.0+cpu", "2.13.0+cpu") == TORCHS_SHOULDS
    assert expected("torch", "2.9.1", "2.9.1") == TORCHS_SHOULDS | by_assert
    assert "interface/names" in expected("torch", "2.0.1", "2.0.1")
    assert expected("torchao", "2.5.0", "0.4.0") == TORCHS_SHOULDS | by_assert
    saved = TORCHS_SHOULDS - {"FakeSparsity/strict-reload"} | {"FakeSparsity/not-in-state-dict"}
    assert expected("torchao", "2.13.0", "0.18.0") == saved | by_assert


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encodings_of_powershell(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "known.toml").write_text(entry(link="https://example.org/1"), encoding=encoding)
    (expected,) = read(["known.toml"], tmp_path).entries
    assert expected.entry.why == "known (https://example.org/1)"


def test_nothing_is_written_where_nothing_was_judged(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    said = OUTPUTS["write-expected"](result([judged("module_to_fqn/root", "not run")]), path)
    assert said == f"{path} is not written, as nothing was judged" and not path.exists()
