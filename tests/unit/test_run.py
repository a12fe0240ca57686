"""The command ``run``: what it was given reaches the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from records import result
from sparsifier_conformance import api
from sparsifier_conformance.cli.main import main
from sparsifier_conformance.judging.options import TABLE
from sparsifier_conformance.judging.processes.controller import Ending


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, Any]:
    """Return what a run would be given by the command."""
    seen: dict[str, Any] = {}

    def run(where: str, values: Mapping[str, Any], *, workers: int | None, output: bool) -> Ending:
        seen.update(values, where=where, workers=workers)
        return Ending(result())

    monkeypatch.setattr(api, "run", run)
    assert main(["run", "torch", *arguments]) == 0
    return seen


def test_every_option_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = _run(monkeypatch)
    expected = {each.name: [] if each.default == () else each.default for each in TABLE}
    assert seen == {**expected, "where": "torch", "workers": None}


def test_every_option_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["-n", "3", "--device", "meta", "--only", "swap_module", "--level", "must", "--examples", "7"]
    options += ["--seed", "8", "--exhaustive", "2", "--timeout", "9", "--fail-fast"]
    seen = _run(monkeypatch, *options)
    assert seen["workers"] == 3 and seen["fail-fast"] is True and seen["level"] == "must"
    assert (seen["device"], seen["only"]) == (["meta"], ["swap_module"])
    assert [seen[name] for name in ("examples", "seed", "exhaustive", "timeout")] == [7, 8, 2, 9]
