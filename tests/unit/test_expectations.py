"""Expected failures: what an entry covers, when it holds, and how a run ends with them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase

from judging import arguments_for, judge
from running import command, pytest_in, write_implementation
from sparsifier_conformance.reports.terminal import verdict_in_words
from sparsifier_conformance.results.expectations import Entry, Expectations, Expected
from sparsifier_conformance.results.expected_files import ExpectedFileError, read
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Judgement, Verdict
from sparsifier_conformance.specification import load
from test_expected_files import entry

ID = "module_contains_param/returns-bool"
ONLY = f"--sparsifier-only={ID}"
RETURNS_INT = "def module_contains_param(module, parametrization, real=module_contains_param):\n"
RETURNS_INT += "    return int(real(module, parametrization))\n"


def expectations(*entries: Entry) -> Expectations:
    return Expectations(tuple(Expected(entry, "f.toml", number) for number, entry in enumerate(entries, start=1)))


def judgement(outcome: Outcome, id: str = ID, device: str | None = None) -> Judgement:
    return Judgement(id, "MUST", "It MUST hold.", device, outcome, 1.0, "seen")


@pytest.mark.parametrize("outcome", Outcome)
def test_an_entry_covers_every_way_to_fail(outcome: Outcome) -> None:
    fails = (Outcome.FAILED, Outcome.BLOCKED, Outcome.CRASHED, Outcome.TIMED_OUT)
    applied = expectations(Entry(ID, " known ")).apply(judgement(outcome))
    if outcome in fails:
        assert (applied.outcome, applied.reason, applied.message) == (Outcome.EXPECTED_FAILURE, "known", "seen")
    elif outcome is Outcome.PASSED:
        assert (applied.outcome, applied.reason) == (Outcome.UNEXPECTED_PASS, "known")
        assert applied.message is not None and applied.message.startswith("f.toml, line 1 expects it to fail")
    elif outcome is not Outcome.UNEXPECTED_PASS:
        assert applied == judgement(outcome)


def test_nobody_is_sent_to_change_a_file_of_this_package() -> None:
    ours, theirs = (Expected(Entry(ID, "known"), "f.toml", 1, shipped) for shipped in (True, False))
    assert "fails = false" in str(Expectations((ours,)).apply(judgement(Outcome.PASSED)).message)
    assert "remove the entry" in str(Expectations((theirs,)).apply(judgement(Outcome.PASSED)).message)
    assert {each.shipped for each in read(["torch"]).entries} == {True}


@pytest.mark.parametrize(
    ("conditions", "device", "holds"),
    [
        ({}, "cuda:1", True),
        ({"device": "cuda"}, "cuda:1", True),
        ({"device": "cuda:1"}, "cuda:1", True),
        ({"device": "cuda:0"}, "cuda:1", False),
        ({"device": "cuda"}, None, False),
        ({"device": "cuda"}, "cpu", False),
        ({"torch": ">=2.1,<2.10"}, None, True),
        ({"torch": "<2.9"}, None, False),
        ({"torch": ">=2.9"}, None, True),
        ({"version": "==1.*"}, None, True),
        ({"version": ">=2"}, None, False),
        ({"platform": sys.platform}, None, True),
        ({"platform": "another"}, None, False),
    ],
)
def test_where_an_entry_holds(conditions: dict[str, str], device: str | None, holds: bool) -> None:
    here = expectations(Entry(ID, "known", **conditions)).here("2.9.0a0+git1", "1.2")  # type: ignore[arg-type]
    assert (here.of(ID, device) is not None) == holds


def test_an_entry_for_a_version_says_nothing_of_an_implementation_without_one() -> None:
    there = expectations(Entry(ID, "known", version=">=0"))
    assert there.here("2.1", None).of(ID, None) is None and there.here("2.1", "unknown").of(ID, None) is None


def test_the_last_entry_that_holds_counts() -> None:
    here = expectations(Entry("interface", "first"), Entry("interface/names", "second", device="cpu"), Entry(ID, "x"))
    said = [here.of("interface/names", device) for device in ("cpu", "meta")]
    assert [each.entry.reason for each in said if each] == ["second", "first"]
    taken_back = expectations(Entry("interface", "first"), Entry("interface/names", "mended", fails=False))
    assert taken_back.of("interface/names", None) is None and taken_back.of("interface/parameters", None) is not None


def test_a_run_with_expected_failures(tmp_path: Path) -> None:
    """Two that fail as expected, one that passes, and one file that is overridden by another."""
    write_implementation(tmp_path / "ours.py", RETURNS_INT, names=("swap_module",))
    (tmp_path / "known.toml").write_text(entry() + entry("interface") + entry("fqn_to_module"))
    (tmp_path / "mended.toml").write_text(entry("fqn_to_module", fails=False))
    options = [ONLY, "--sparsifier-only=interface/names", "--sparsifier-only=fqn_to_module/submodules"]
    options.append(f"--sparsifier-expect={tmp_path / 'known.toml'}")

    stale = judge(tmp_path / "ours.py", *options)
    assert {each.id: each.outcome for each in stale.requirements} == {
        ID: Outcome.EXPECTED_FAILURE,
        "interface/names": Outcome.EXPECTED_FAILURE,
        "fqn_to_module/submodules": Outcome.UNEXPECTED_PASS,
    }
    assert stale.verdict is Verdict.DOES_NOT_CONFORM
    assert verdict_in_words(stale).startswith("does not conform to what is expected: 1 of the expected failures passed")

    mended = judge(tmp_path / "ours.py", *options, f"--sparsifier-expect={tmp_path / 'mended.toml'}")
    assert mended.verdict is Verdict.CONFORMS
    assert verdict_in_words(mended).startswith("conforms, but for what is expected to fail: 2 MUST")


def test_what_is_written_is_taken_when_reasons_are_filled_in(tmp_path: Path) -> None:
    write_implementation(tmp_path / "ours.py", RETURNS_INT, names=("swap_module",))
    path = tmp_path / "known.toml"
    only = [ONLY, "--sparsifier-only=interface", "--sparsifier-only=swap_module", "--sparsifier-device=cpu"]
    failing = judge(tmp_path / "ours.py", *only, f"--sparsifier-write-expected={path}")
    with pytest.raises(ExpectedFileError) as error:
        read([str(path)])
    assert str(error.value).count("the reason is empty") == len(str(error.value).splitlines()) == 4
    assert load().requirements[ID].sentence in path.read_text(encoding="utf-8")
    with pytest.raises(AssertionError, match="no result"):
        judge(tmp_path / "ours.py", *only, f"--sparsifier-write-expected={path}")

    path.write_text(path.read_text(encoding="utf-8").replace('""', '"known"'), encoding="utf-8")
    assert {each.entry.id for each in read([str(path)]).entries} == {
        *(ID, "interface/names", "interface/parameters", "swap_module")
    }
    expected = judge(tmp_path / "ours.py", *only, f"--sparsifier-expect={path}")
    assert (failing.verdict, expected.verdict) == (Verdict.DOES_NOT_CONFORM, Verdict.CONFORMS)


def test_an_entry_is_written_for_the_device_where_it_fails(tmp_path: Path) -> None:
    body = "class FakeSparsity(FakeSparsity):\n    def forward(self, x):\n"
    body += "        return super().forward(x) if x.device.type == 'meta' else x.clone()\n"
    write_implementation(tmp_path / "ours.py", body)
    path = tmp_path / "known.toml"
    only = ("--sparsifier-only=FakeSparsity/shape-mismatch-rejected", "--sparsifier-device=all")
    judge(tmp_path / "ours.py", *only, f"--sparsifier-write-expected={path}")
    assert 'device = "cpu"' in path.read_text() and "meta" not in path.read_text()


class _Collected:
    """Keeps what was collected."""

    items: list[Any]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items


def test_what_is_expected_to_fail_is_not_shrunk(tmp_path: Path) -> None:
    id = next(each for each in load().requirements if each.startswith("module_to_fqn/"))
    (tmp_path / "known.toml").write_text(entry(id))
    collected = _Collected()
    options = ("--collect-only", "--sparsifier-only=module_to_fqn", f"--sparsifier-expect={tmp_path / 'known.toml'}")
    pytest.main(arguments_for("reference", *options), plugins=[collected])
    checks = [item.obj for item in collected.items if hasattr(item.obj, "hypothesis")]
    slug = id.partition("/")[2].replace("-", "_")
    shrunk = {
        check.__name__.removeprefix("test_").partition("__")[0]
        for check in checks
        if Phase.shrink in check._hypothesis_internal_use_settings.phases
    }
    assert slug not in shrunk and len(shrunk) > 3 and len(checks) > len(shrunk)


def test_a_project_expects_failures_in_its_configuration(tmp_path: Path) -> None:
    """The path is relative to the file that names it; pytest succeeds, and says why, after a crash too."""
    crash = "def fqn_to_module(model, path):\n    import os\n    os._exit(1)\n"
    write_implementation(tmp_path / "ours.py", RETURNS_INT + crash)
    crashing = "fqn_to_module/submodules"
    (tmp_path / "known.toml").write_text(entry() + entry(crashing, reason="crashes"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\nsparsifier_implementation = ours\nsparsifier_expect = known.toml\n"
        f"sparsifier_only = {ID} {crashing}\n"
    )
    ended = pytest_in(tmp_path / "sub", "--pyargs", "sparsifier_conformance.suite", "-n1", "-rx", "-c", "../pytest.ini")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 xfailed" in ended.stdout and f"{ID}: known" in ended.stdout and f"{crashing}: crashes" in ended.stdout
    assert "but for what is expected to fail: 2 MUST" in ended.stdout


def test_a_run_that_cannot_expect_does_not_begin(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(f'[[expected]]\nid = "{ID}"\nreason = ""\n')
    options = ("--only", ID, "-n1", "--expect", "wrong.toml", "--json", "result.json")
    ended = command("run", "reference", *options, cwd=tmp_path)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    errors = [line for line in ended.stderr.splitlines() if line]
    assert len(errors) == 1 and "wrong.toml, line 3: say why" in errors[0] and not (tmp_path / "result.json").exists()


def test_an_entry_for_a_device_that_plays_no_part_is_wrong_usage(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "device.toml").write_text(entry(device="cpu"))
    options = (ONLY, f"--sparsifier-expect={tmp_path / 'device.toml'}")
    assert pytest.main(arguments_for("reference", *options)) == pytest.ExitCode.USAGE_ERROR
    assert f"device.toml, line 1: no device plays a part in {ID}" in capfd.readouterr().err
