"""That every small model is looked at, and once: counted in another way than they are made."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from itertools import permutations, product
from pathlib import Path
from typing import Any

from judging import failed, judge
from sparsifier_conformance.checking.models.odd import build_small
from sparsifier_conformance.checking.models.small import small_models
from sparsifier_conformance.judging.options import BY_NAME

Model = tuple[tuple[Any, Any], ...]


def _met(model: Model) -> set[int]:
    """Return the modules that are met from the first, by adding what is registered until nothing is new."""
    met = {0}
    while True:
        more = met | {child for module in met for child in model[module] if isinstance(child, int)}
        if more == met:
            return met
        met = more


def _renamings(model: Model) -> set[Model]:
    """Return a model under all numberings of what is met, the first module apart."""
    met = sorted(_met(model))
    found = set()
    for order in permutations(met[1:]):
        number: dict[Any, Any] = {module: new for new, module in enumerate([0, *order])}
        slots = [tuple(number.get(child, child) for child in model[module]) for module in [0, *order]]
        found.add(tuple((first, second) for first, second in slots))
    return found


def _has_a_cycle(model: Model) -> bool:
    try:
        TopologicalSorter({i: [c for c in slots if isinstance(c, int)] for i, slots in enumerate(model)}).prepare()
    except CycleError:
        return True
    return False


def test_every_one_is_there_once() -> None:
    acyclic, cyclic = small_models(3)
    slots: list[tuple[Any, ...]] = list(product(("nothing", None, 0, 1, 2), repeat=2))
    every: list[Any] = list(product(slots, repeat=3))
    assert len(every) == 15_625
    classes = {min(_renamings(model), key=repr) for model in every}
    made = [*acyclic, *cyclic]
    assert {min(_renamings(model), key=repr) for model in made} == classes
    assert len(made) == len(classes)
    assert [_has_a_cycle(model) for model in made] == [False] * len(acyclic) + [True] * len(cyclic)


def test_the_help_says_how_many_there_are() -> None:
    option = BY_NAME["exhaustive"]
    counts = {modules: sum(map(len, small_models(modules))) for modules in (option.default, option.most)}
    said = [f"{count // 1000} {count % 1000:03} of up to {modules}" for modules, count in counts.items()]
    assert ", ".join(said) in option.help


def test_they_are_built_as_described() -> None:
    model, first, second = build_small(((1, 2), ("nothing", None), (None, 1)))
    assert list(model._modules.items()) == [("a", first), ("b", second)]
    assert list(first._modules.items()) == [("b", None)]
    assert list(second._modules.items()) == [("a", None), ("b", first)]


def test_those_of_four_modules_are_tried_on_request(tmp_path: Path) -> None:
    path = tmp_path / "loses_the_fourth.py"
    path.write_text(
        "import sparsifier_reference\n"
        "def module_to_fqn(model, module, prefix=''):\n"
        "    modules = list(model.modules())\n"
        "    wrong = len(modules) == 4 and modules[-1] is module\n"
        "    return 'x' if wrong else sparsifier_reference.module_to_fqn(model, module, prefix)\n"
    )
    only, small = ["module_to_fqn/first-path-when-shared"], ("-k", "small_models")
    assert failed(judge(path, *small, only=only)) == set()
    assert failed(judge(path, *small, "--sparsifier-exhaustive=4", only=only)) == set(only)
