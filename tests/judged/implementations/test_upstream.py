"""The patches for torch in ``upstream/``: each mends what it says and nothing else, and all of them everything."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest
import torch
from packaging.version import Version

from judging import failed, judge
from patching import NAME, UPSTREAM, imported, patched
from running import run
from sparsifier_conformance.reports.comparison import compare
from sparsifier_conformance.results.records import Result, Verdict

README = (UPSTREAM / "README.md").read_text(encoding="utf-8")
#: What each folder mends, as its README says.
MENDS = {
    slug: set(re.findall(r"`(\w+/[\w-]+)`", requirements))
    for slug, requirements in re.findall(r"^\| `([\w-]+)` \| (.*) \|$", README, re.M)
}
ALL = set().union(*MENDS.values())
QUICKLY = ("--sparsifier-device=cpu", "--sparsifier-examples=5")

pytestmark = pytest.mark.skipif(
    Version(torch.__version__) < Version("2.10"), reason="the patches are for torch 2.10 and later"
)
each_patch = pytest.mark.parametrize("slug", sorted(MENDS))


def changed(old: Result, new: Result) -> set[str]:
    """Return the ids of the requirements that pass anew; no other may be judged otherwise than before."""
    comparison = compare((Path("as it is"), old), (Path("patched"), new))
    assert not comparison.worse, comparison.why
    assert not [*comparison.otherwise_changed, *comparison.appeared, *comparison.disappeared]
    return {change.id for change in comparison.newly_passing}


@pytest.fixture(scope="module")
def as_it_is() -> Result:
    """Judge torch without a patch, by what the patches mend."""
    return judge("torch", *QUICKLY, only=ALL)


def test_there_is_a_patch_for_each_finding(as_it_is: Result) -> None:
    assert {path.parent.name for path in UPSTREAM.glob("*/fix.patch")} == set(MENDS)
    assert failed(as_it_is) == ALL


def test_with_all_of_them_torch_conforms_in_full(tmp_path: Path) -> None:
    result = judge(patched(tmp_path, "all.patch"), *QUICKLY)
    assert result.verdict is Verdict.CONFORMS_IN_FULL, failed(result)


@pytest.mark.exhaustive
def test_so_it_does_on_all_devices_with_all_inputs(tmp_path: Path) -> None:
    assert judge(patched(tmp_path, "all.patch")).verdict is Verdict.CONFORMS_IN_FULL


@each_patch
def test_each_mends_what_it_says(slug: str, as_it_is: Result, tmp_path: Path) -> None:
    result = judge(patched(tmp_path, f"{slug}/fix.patch"), *QUICKLY, only=ALL)
    assert changed(as_it_is, result) == MENDS[slug]


@pytest.mark.exhaustive
@each_patch
def test_it_changes_nothing_else(slug: str, tmp_path: Path) -> None:
    assert changed(judge("torch"), judge(patched(tmp_path, f"{slug}/fix.patch"))) == MENDS[slug]


@each_patch
def test_each_reproducer_fails_until_it_is_patched(
    slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = str(UPSTREAM / slug / "reproduce.py")
    with pytest.raises((AssertionError, RuntimeError, TypeError)):
        runpy.run_path(script)
    others = {f"{other}/fix.patch" for other in MENDS} - {f"{slug}/fix.patch"}
    assert len(others) == len(MENDS) - 1
    for number, patch in enumerate((f"{slug}/fix.patch", "all.patch")):
        with monkeypatch.context() as patching:
            patching.setitem(sys.modules, NAME, imported(patched(tmp_path / str(number), patch)))
            runpy.run_path(script)
        assert capsys.readouterr().out == "fixed\n"


#: Runs the tests of each folder with a file in place of torch's module, and prints the folders whose tests fail.
RUN_TESTS = f"""
import importlib.util, runpy, sys, unittest
from pathlib import Path

file, folder = sys.argv[1:]
sys.argv[1:] = []
spec = importlib.util.spec_from_file_location({NAME!r}, file)
sys.modules[{NAME!r}] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
for script in sorted(Path(folder).glob("*/test_*.py")):
    names = runpy.run_path(str(script), run_name=script.stem)
    cases = [each for each in names.values() if isinstance(each, type) and each.__module__ == script.stem]
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    tests = [load(each) for each in cases if issubclass(each, unittest.TestCase)]
    outcome = unittest.TestResult()
    unittest.TestSuite(tests).run(outcome)
    assert outcome.testsRun
    wrong = len(outcome.failures) + len(outcome.errors)
    print(script.parent.name, "all fail" if wrong == outcome.testsRun else f"{{wrong}} fail")
"""


@pytest.mark.exhaustive  # in an environment with expecttest and numpy, which torch's own tests need
@pytest.mark.parametrize(("patches", "says"), [((), "all fail"), (("all.patch",), "0 fail")], ids=["before", "after"])
def test_each_test_fails_until_it_is_patched(patches: tuple[str, ...], says: str, tmp_path: Path) -> None:
    ran = run(sys.executable, "-c", RUN_TESTS, patched(tmp_path, *patches), UPSTREAM, cwd=tmp_path)
    assert ran.stdout.splitlines() == [f"{slug} {says}" for slug in sorted(MENDS)], ran.stderr
