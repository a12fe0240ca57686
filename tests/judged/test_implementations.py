"""How an implementation is found, and what is said when it is not."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from torch import nn

import sparsifier_reference
from running import write_implementation
from sparsifier_conformance.implementations.finding import ImplementationError, load, provided
from sparsifier_conformance.implementations.names import has, kind_of


def test_registered_names() -> None:
    assert load("reference").target is sparsifier_reference
    found = load("torch")
    assert found.name.endswith("sparsifier.utils") and found.version is not None and found.file is not None
    assert has(found.target, "FakeSparsity")


def test_a_module_and_an_attribute_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "class Ours:\n    class Inner:\n        swap_module = staticmethod(swap_module)\n"
    write_implementation(tmp_path / "our_sparsity.py", body)
    monkeypatch.syspath_prepend(tmp_path)
    assert load("our_sparsity").name == "our_sparsity"
    found = load("our_sparsity:Ours.Inner")
    assert found.name == "our_sparsity:Ours.Inner" and found.file == str(tmp_path / "our_sparsity.py")
    assert has(found.target, "swap_module") and not has(found.target, "FakeSparsity")


def test_a_file_and_an_attribute_of_it(tmp_path: Path) -> None:
    path = write_implementation(tmp_path / "torch.py", "class Ours:\n    swap_module = staticmethod(swap_module)\n")
    found = load(str(path))
    assert found.name == str(path) and found.target.FakeSparsity is sparsifier_reference.FakeSparsity
    assert has(load(f"{path}:Ours").target, "swap_module")
    assert "torch" in sys.modules and sys.modules["torch"].__file__ != str(path)


def test_one_of_the_six_names_is_no_implementation() -> None:
    for where, meant in {
        "sparsifier_reference:swap_module": "sparsifier_reference --only swap_module",
        "faults.base:Reference.FakeSparsity": "faults.base:Reference --only FakeSparsity",
    }.items():
        with pytest.raises(ImplementationError, match=rf"not what has them; did you mean {meant}\?"):
            load(where)


def test_what_has_none_of_the_six_names_is_no_implementation() -> None:
    complaint = r"has none of the six names \(module_contains_param, .*FakeSparsity\); name the module"
    with pytest.raises(ImplementationError, match=f"'json' {complaint}"):
        load("json")
    with pytest.raises(ImplementationError, match=f"'the hook' {complaint}"):
        provided("the hook", lambda: SimpleNamespace(swap=print))
    found = provided("the hook", lambda: SimpleNamespace(swap_module=None))  # which is there, and wrong
    assert not has(found.target, "swap_module")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("def f(:\n", r"syntax error in .*broken.py, line 1"),
        ("import sys\nsys.exit(0)\n", r"it calls sys.exit\(0\) when imported"),
        ("raise ValueError('a\\nb')\n", r"ValueError: a \(.*broken.py, line 1\)"),
        ("import absent_dependency\n", r"No module named 'absent_dependency' \(.*line 1\)"),
    ],
)
def test_a_file_that_cannot_be_imported(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(ImplementationError, match=complaint) as error:
        load(str(path))
    assert "\n" not in str(error.value) and "broken.py" in str(error.value)


@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        ("absent_package.sparsity", "no module named 'absent_package'"),
        ("sparsifier_reference.absent", "no module named 'sparsifier_reference.absent'"),
        ("referense", "did you mean 'reference'"),
        ("absent/file.py", "'absent/file.py' cannot be imported: there is no such file"),
        ("sparsifier_reference:swap_modul", "has no attribute 'swap_modul'; did you mean 'swap_module'"),
        ("torch:module_to_fqn", r"torch has no attribute 'module_to_fqn'; did you mean torch --only module_to_fqn\?"),
        ("reference:module_to_fqn", r"; did you mean reference --only module_to_fqn\?"),
        ("reference:utilities", r"; did you mean reference\?"),
        ("sparsifier_reference.swap_module", r"; did you mean sparsifier_reference --only swap_module\?"),
        ("not a name", "neither package.module"),
        ("", "neither package.module"),
        ("things", "'things' is a folder; name a module in it"),
        ("./things/", "is a folder; name a module in it"),
    ],
)
def test_a_name_that_leads_nowhere(where: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "things").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImplementationError, match=complaint):
        load(where)


def test_an_object_built_at_run_time() -> None:
    found = provided("the hook", lambda: SimpleNamespace(swap_module=print))
    assert found.where == "the hook"
    assert found.name == "types:SimpleNamespace" or "SimpleNamespace" in found.name
    assert has(found.target, "swap_module") and not has(found.target, "module_to_fqn")
    with pytest.raises(ImplementationError, match="the hook returns None"):
        provided("the hook", lambda: None)
    with pytest.raises(ImplementationError, match="the hook returns 'torch'; it must return the implementation itself"):
        provided("the hook", lambda: "torch")
    with pytest.raises(ImplementationError, match="'the hook' cannot be imported: ZeroDivisionError"):
        provided("the hook", lambda: 1 // 0)


class Odd:
    """An object whose attributes are not what they should be."""

    swap_module = 3
    FakeSparsity = print
    module_to_fqn = nn.Module

    @property
    def fqn_to_module(self) -> Any:
        raise ValueError


def test_kinds_of_names() -> None:
    assert kind_of(Odd(), "swap_module") == "not callable"
    assert kind_of(Odd(), "fqn_to_module") == "missing"
    assert kind_of(Odd(), "absent") == "missing"
    assert not has(Odd(), "FakeSparsity")
    assert has(Odd(), "module_to_fqn")
