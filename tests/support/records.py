"""Results made by hand: what a run would write, without a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sparsifier_conformance.outcomes.outcome import Outcome
from sparsifier_conformance.results import file
from sparsifier_conformance.results import records as results
from sparsifier_conformance.results.records import Judgement, Result
from sparsifier_conformance.results.verdict import verdict_of
from sparsifier_conformance.specification import Level


def judged(
    id: str, outcome: str = "passed", device: str | None = None, *, level: Level = "MUST", **more: Any
) -> Judgement:
    """Make a judgement; a failed one says so in its message."""
    if outcome != "passed":
        more.setdefault("message", f"{outcome}, and not passed")
    sentence = more.pop("sentence", f"What `{id}` says {level} hold.")
    return Judgement(id, level, sentence, device, Outcome(outcome), 0.01, **more)


def result(
    judgements: Sequence[Judgement] = (judged("swap_module/here"),),
    *,
    where: str = "ours.sparsity",
    version: str | None = "1.0",
    torch: str = "2.13.0+cpu",
    devices: Sequence[str] = ("cpu", "meta"),
    selection: results.Selection | None = None,
    partial: bool = False,
    specification: str = "0.2.0",
    **more: Any,
) -> Result:
    """Make a result; its verdict follows from its judgements."""
    fields: dict[str, Any] = {
        "python": "3.11.7",
        "platform": "Linux",
        "seed": 0,
        "examples": 50,
        "exhaustive": 3,
        "name": where,
    }
    fields |= {"verdict": verdict_of(judgements), **more}
    return Result(
        format_version=results.FORMAT_VERSION,
        suite_version="0.2.0",
        specification_version=specification,
        verdict=fields["verdict"],
        partial=partial,
        implementation=results.Implementation(where, fields["name"], version, None),
        environment=results.Environment(torch, fields["python"], fields["platform"], list(devices)),
        selection=selection or results.Selection([], "SHOULD", []),
        seed=fields["seed"],
        examples=fields["examples"],
        exhaustive=fields["exhaustive"],
        started="2026-01-01T00:00:00+00:00",
        duration=1.5,
        requirements=list(judgements),
    )


def written(folder: Path, **several: Result) -> list[Path]:
    """Write results to files that are named after the keywords."""
    for name, each in several.items():
        file.write(each, folder / f"{name}.json")
    return [folder / f"{name}.json" for name in several]


def many(count: int, requirements: int) -> list[Result]:
    """Make many results of which every two differ, each on three devices."""
    utilities = ("module_to_fqn", "fqn_to_module", "swap_module", "FakeSparsity")
    made = []
    for number in range(count):
        judgements = [
            judged(
                f"{utilities[index * len(utilities) // requirements]}/requirement-{index}",
                "failed" if (index * 7 + number * (index % 5)) % 11 == 3 else "passed",
                device,
                level="SHOULD" if index % 4 == 0 else "MUST",
            )
            for index in range(requirements)
            for device in (("cpu", "meta", "cuda:0") if index % 3 == 0 else (None,))
        ]
        judgements[number % len(judgements)] = judged(
            judgements[number % len(judgements)].id, "crashed", judgements[number % len(judgements)].device
        )
        made.append(result(judgements, where=f"vendor{number // 4}.sparsity", version=f"1.{number % 4}"))
    return made
