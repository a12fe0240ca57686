"""How a run ends with expected failures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase

from expecting import entry
from judging import judge
from records import judged, result
from running import write_implementation
from sparsifier_conformance.judging.processes.in_process import arguments_for
from sparsifier_conformance.judging.session.properties import apply
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.expected_files import ExpectedFileError, read, write
from sparsifier_conformance.results.records import Verdict
from sparsifier_conformance.results.verdict import in_words
from sparsifier_conformance.specification import load

ID = "module_contains_param/returns-bool"
ONLY = f"--sparsifier-only={ID}"
RETURNS_INT = "def module_contains_param(module, parametrization, real=module_contains_param):\n"
RETURNS_INT += "    return int(real(module, parametrization))\n"


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
    assert in_words(stale).startswith("does not conform to what is expected: 1 of the expected failures passed")

    mended = judge(tmp_path / "ours.py", *options, f"--sparsifier-expect={tmp_path / 'mended.toml'}")
    assert mended.verdict is Verdict.CONFORMS
    assert in_words(mended).startswith("conforms, except for 2 expected failures (2 MUST)")


def test_what_is_written_is_taken_when_reasons_are_filled_in(tmp_path: Path) -> None:
    write_implementation(tmp_path / "ours.py", RETURNS_INT, names=("swap_module",))
    path = tmp_path / "known.toml"
    only = [ONLY, "--sparsifier-only=interface", "--sparsifier-only=swap_module", "--sparsifier-device=cpu"]
    failing = judge(tmp_path / "ours.py", *only, f"--sparsifier-write-expected={path}")
    with pytest.raises(ExpectedFileError) as error:
        read([str(path)])
    assert load().requirements[ID].sentence in path.read_text(encoding="utf-8")
    with pytest.raises(AssertionError, match="no result"):
        judge(tmp_path / "ours.py", *only, f"--sparsifier-write-expected={path}")

    path.write_text(path.read_text(encoding="utf-8").replace('""', '"known"'), encoding="utf-8")
    ids = [each.entry.id for each in read([str(path)]).entries]
    assert len(ids) == len(set(ids))
    assert f"{ids[0]} and {len(ids) - 1} more: the reason is empty" in str(error.value)
    assert "\n" not in str(error.value)
    assert {ID, "interface/names", "interface/parameters", "swap_module"} <= set(ids)
    assert all(id in (ID, "swap_module") or id.startswith("interface/") for id in ids)
    expected = judge(tmp_path / "ours.py", *only, f"--sparsifier-expect={path}")
    assert (failing.verdict, expected.verdict) == (Verdict.DOES_NOT_CONFORM, Verdict.CONFORMS)


def test_an_entry_is_written_for_the_device_where_it_fails(tmp_path: Path) -> None:
    path, id = tmp_path / "known.toml", "swap_module/mapping-unchanged"
    write(result([judged(id, "failed", "cpu"), judged(id, "passed", "meta")]), path)
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
    for item in collected.items:
        apply(item)
    slug = id.partition("/")[2].replace("-", "_")
    shrunk = {
        check.__name__.removeprefix("test_").partition("__")[0]
        for check in checks
        if Phase.shrink in check._hypothesis_internal_use_settings.phases
    }
    assert slug not in shrunk and len(shrunk) > 3 and len(checks) > len(shrunk)


def test_an_entry_for_a_device_that_plays_no_part_is_wrong_usage(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "device.toml").write_text(entry(device="cpu"))
    options = (ONLY, f"--sparsifier-expect={tmp_path / 'device.toml'}")
    assert pytest.main(arguments_for("reference", *options)) == pytest.ExitCode.USAGE_ERROR
    assert f"device.toml: {ID}: no device plays a part in it" in capfd.readouterr().err


def test_an_expected_failure_or_a_failed_should_does_not_stop_a_run(tmp_path: Path) -> None:
    never_found = write_implementation(tmp_path / "ours.py", 'def fqn_to_module(model, path):\n    return "never"\n')
    known = tmp_path / "known.toml"
    known.write_text(entry("fqn_to_module") + entry("get_arg_info_from_tensor_fqn"))
    options = ("--sparsifier-fail-fast", "--sparsifier-examples=1", "--sparsifier-exhaustive=1")
    only = ("fqn_to_module", "get_arg_info_from_tensor_fqn")
    stopped = judge(never_found, *options, only=only)
    went_on = judge(never_found, *options, f"--sparsifier-expect={known}", only=only)
    assert stopped.verdict is Verdict.DOES_NOT_CONFORM
    assert Outcome.NOT_RUN in {each.outcome for each in stopped.requirements}
    outcomes = {each.outcome for each in went_on.requirements}
    assert Outcome.EXPECTED_FAILURE in outcomes and Outcome.NOT_RUN not in outcomes
