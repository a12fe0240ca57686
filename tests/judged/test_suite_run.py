"""The suite as a whole: what a run emits is what the specification requires."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from judging import judge
from running import write_implementation
from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results.records import Verdict
from sparsifier_conformance.specification import load


def test_the_ids_that_a_run_emits_are_those_of_the_specification() -> None:
    result = judge("reference", "--sparsifier-examples=1")
    emitted = {judgement.id for judgement in result.requirements}
    assert emitted == set(load().requirements)
    assert result.verdict is Verdict.CONFORMS_IN_FULL and not result.partial
    outcomes = {judgement.outcome for judgement in result.requirements}
    assert outcomes <= {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    for judgement in result.requirements:
        requirement = load().requirements[judgement.id]
        assert (judgement.level, judgement.sentence) == (requirement.level, requirement.sentence)


def test_each_device_has_inputs_of_its_own_number(tmp_path: Path) -> None:
    """Pytest calls one function for all devices: what is set for one must not be left for another."""
    seen = tmp_path / "seen.txt"
    body = (
        "def swap_module(mod, mapping, real=swap_module):\n"
        f"    with open({str(seen)!r}, 'a', encoding='utf-8') as file:\n"
        "        file.write(''.join(f'{tensor.device.type} ' for tensor in list(mod.parameters())[:1]))\n"
        "    return real(mod, mapping)\n"
    )
    ours = write_implementation(tmp_path / "ours.py", body)

    def calls(*devices: str) -> Counter[str]:
        options = [f"--sparsifier-device={device}" for device in devices]
        judge(ours, *options, only=["swap_module/forward-hooks-in-order"])
        words = seen.read_text(encoding="utf-8").split()
        seen.unlink()
        return Counter(words)

    alone, together = calls("cpu"), calls("cpu", "meta")
    assert together["cpu"] == alone["cpu"] > together["meta"] > 0
