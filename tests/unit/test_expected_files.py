"""Files of expected failures: what is wrong with them is told in one go, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from expecting import TORCHS_SHOULDS, entry
from records import result
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
id = "swap_module/kwargs-hooks"
reason = " "
torch = ">=2.1,<2.0"
version = "two"
device = "cpu:1"
platform = "windows"

[[expected]]
id = "{ID}"
reason = '''
[[expected]]
'''

[[expected]]
id = "{ID}"
torch = ""
devise = "cpu"
reason = 3

[[expected]]
reason = "known"
[[expected]]
id = "{ID}"
reason = "known"
[[expected]]
id = "fqn_to_module"
reason = "mended"
fails = false
"""


def test_everything_that_is_wrong_is_told_in_one_go(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG)
    with pytest.raises(ExpectedFileError) as error:
        read([str(path), str(tmp_path / "absent.toml")])
    told = str(error.value).replace(str(tmp_path), "").splitlines()
    complaints = {
        "/wrong.toml, line 2": "'swap_module/kwarg-hooks'; did you mean swap_module/kwargs-hooks",
        "/wrong.toml, line 7": "the reason is empty",
        "/wrong.toml, line 8": "can never hold",
        "/wrong.toml, line 9": "'two' is no specifier",
        "/wrong.toml, line 10": "no device of torch",
        "/wrong.toml, line 11": "did you mean",
        "/wrong.toml, line 22": "did you mean 'device'?",
        "/wrong.toml, line 23": "Expected `str`, got `int`",
        "/wrong.toml, line 25": "id is missing",
        "/wrong.toml, line 13": "line 27 overrides it",
        "/wrong.toml, line 30": "no entry before it",
        "/absent.toml": "there is no such file (known by name: torch, torchao)",
    }
    assert [line.partition(": ")[0] for line in told] == list(complaints)
    for line, complaint in zip(told, complaints.values(), strict=True):
        assert complaint in line


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[[expected]", "not TOML"),
        (b"\xff", "not UTF-8"),
        (b"[expected]\nid = 'interface'", "every entry stands under a heading"),
        (b"expected = [{id = 'interface', reason = 'x'}]", "in a line of its own"),
        (b"expect = 1", "'expect' has no meaning"),
        (b"a = " + b"[" * 100000, "not TOML|recursion"),
    ],
)
def test_what_is_no_such_file_is_refused_by_name(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "known.toml").write_bytes(content)
    with pytest.raises(ExpectedFileError, match=complaint) as error:
        read(["known.toml"], tmp_path)
    assert "known.toml" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("specifier", "can_hold"),
    [
        *((each, True) for each in (">=2.1,<2.10", ">2.1,<2.1.1", "==2.1.*", "~=2.1", "!=2.*", "<2.1,!=2.0", ">2,<3")),
        *((each, False) for each in (">=2.1,<2.0", "<2.1,>=2.1", "==2.1.*,==2.2.*", "~=2.1,<2.1", "<0", "===x")),
    ],
)
def test_a_specifier_that_nothing_meets_is_found(tmp_path: Path, specifier: str, can_hold: bool) -> None:
    (tmp_path / "known.toml").write_text(entry(torch=specifier))
    if can_hold:
        assert len(read(["known.toml"], tmp_path).entries) == 1
    else:
        with pytest.raises(ExpectedFileError, match=r"known.toml, line 4: .* can never hold"):
            read(["known.toml"], tmp_path)


@pytest.mark.parametrize(
    ("device", "complaint"),
    [
        *((each, None) for each in ("cpu", "meta", "cuda", "cuda:1", "hpu", "privateuseone")),
        *(
            (each, "no device of torch")
            for each in ("cpu:0", "cuda:01", "CUDA", "", "cuda:", "fake:cuda:1", "pretend:2")
        ),
        *((each, None) for each in ("fake:cuda", "pretend", "pretend:1")),
    ],
)
def test_the_name_of_a_device_is_read_without_torch(tmp_path: Path, device: str, complaint: str | None) -> None:
    (tmp_path / "known.toml").write_text(entry(device=device))
    if complaint is None:
        assert len(read(["known.toml"], tmp_path).entries) == 1
    else:
        with pytest.raises(ExpectedFileError, match=r"known\.toml, line 4: ") as error:
            read(["known.toml"], tmp_path)
        assert complaint in str(error.value)


def test_what_is_written_is_toml_whatever_an_implementation_says(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    said = "\n[[expected]]\r\n\x00\x1b[31m \ud800 \u2028 " + "long " * 1000
    failed = Judgement(ID, "MUST", "It MUST hold.", None, Outcome.FAILED, 1.0, said)
    assert write(result([failed]), path) == 1
    with pytest.raises(ExpectedFileError) as error:
        read([str(path)])
    assert "\n" not in str(error.value) and "the reason is empty" in str(error.value)


def test_nothing_is_written_of_what_is_expected_already(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    expected = Judgement(ID, "MUST", "It MUST hold.", None, Outcome.EXPECTED_FAILURE, 1.0, "seen", None, "known")
    stale = Judgement("interface/names", "MUST", "It MUST hold.", None, Outcome.UNEXPECTED_PASS, 1.0, "seen")
    assert write(result([expected, stale]), path) == 0 and read([str(path)]).entries == ()


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
