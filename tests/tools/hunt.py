"""Hunt for differences between two implementations, without the specification: ``python tests/tools/hunt.py``.

Both are given the same drawn inputs; where they differ, the smallest input that shows it is printed once. What is found
is a requirement that is missing, a line for *Unspecified*, or a finding about one of the two.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import contents
from sparsifier_conformance.checking.descriptions import MaskAndInput, Tree
from sparsifier_conformance.checking.masks.strategies import masked_inputs
from sparsifier_conformance.checking.models.strategies import names, prefixes, trees
from sparsifier_conformance.checking.swaps.hooks import Hooks, mapping_by, registrations, telling
from sparsifier_conformance.implementations.finding import load
from sparsifier_conformance.judging.isolation import pristine

#: What one implementation does with an input, as something that can be compared and printed.
Seen = dict[str, Any]
Look = Callable[..., Seen]
LOOKS: dict[str, tuple[Look, dict[str, st.SearchStrategy[Any]]]] = {}


def look(**drawn: st.SearchStrategy[Any]) -> Callable[[Look], Look]:
    """Register a function that is given an implementation, and what is drawn."""

    def register(function: Look) -> Look:
        LOOKS[function.__name__] = (function, drawn)
        return function

    return register


def outcome(call: Callable[[], Any]) -> str:
    """Return what a call does, in words: modules by their class, tensors by their contents."""
    try:
        return in_words(call())
    except RecursionError:
        return "raised RecursionError"
    except Exception as error:
        return f"raised {type(error).__name__}"


def in_words(value: Any) -> str:
    """Return a value in words that are the same for two values that nobody could tell apart."""
    if isinstance(value, torch.Tensor):
        return f"{contents(value)}, requires_grad {value.requires_grad}, {type(value.grad_fn).__name__}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {in_words(value[key])}" for key in sorted(value)) + "}"
    return type(value).__name__ if isinstance(value, (nn.Module, type(len), type(outcome))) else repr(value)


MODELS = trees(sharing=True, absent=True, parametrized=True)
WORDS = st.sampled_from(
    ("weight", "0", "parametrizations", "original", "training", "__class__", "T", "grad", "data", "", "-1")
)


@look(tree=MODELS, prefix=prefixes())
def module_to_fqn(implementation: Any, tree: Tree, prefix: str) -> Seen:
    model = tree.build()
    modules = {path or "the model": module for path, module in model.named_modules(remove_duplicate=False)}
    asked: dict[str, Any] = {**modules, "a stranger": nn.ReLU(), "None": None, "text": "0"}
    return {path: outcome(partial(implementation.module_to_fqn, model, each, prefix)) for path, each in asked.items()}


@look(tree=MODELS, words=st.lists(st.one_of(WORDS, names()), max_size=4), at=st.integers(0, 9))
def fqn_to_module(implementation: Any, tree: Tree, words: list[str], at: int) -> Seen:
    model = tree.build()
    paths = list(tree.paths())
    path = (
        ".".join(filter(None, [paths[at % len(paths)], *words]))
        if at % 2
        else ".".join([paths[at % len(paths)], *words])
    )
    return {path: outcome(lambda: implementation.fqn_to_module(model, path))}


@look(tree=MODELS, words=st.lists(st.one_of(WORDS, names()), max_size=3), at=st.integers(0, 9))
def get_arg_info_from_tensor_fqn(implementation: Any, tree: Tree, words: list[str], at: int) -> Seen:
    model = tree.build()
    paths = list(tree.paths())
    path = ".".join([paths[at % len(paths)], *words])
    return {path: outcome(lambda: implementation.get_arg_info_from_tensor_fqn(model, path))}


@look(tree=MODELS)
def module_contains_param(implementation: Any, tree: Tree) -> Seen:
    model = tree.build()
    kinds = (nn.Tanh, nn.Module, nn.ReLU, object, (nn.Tanh, nn.ReLU), nn.ModuleList)
    return {
        f"{path}, {kind}": outcome(partial(implementation.module_contains_param, module, kind))
        for path, module in model.named_modules()
        for kind in kinds
    }


@look(
    hooks=registrations(),
    where=st.lists(st.sampled_from(("cpu", "meta")), min_size=2, max_size=2),
    result=st.sampled_from(("new", "the old one", "None", "without tensors")),
)
def swap_module(implementation: Any, hooks: Hooks, where: list[str], result: str) -> Seen:
    old, calls = nn.Linear(2, 2), list[Any]()
    old.weight, old.bias = (
        nn.Parameter(getattr(old, name).to(to)) for name, to in zip(("weight", "bias"), where, strict=True)
    )
    hooks.register(old.register_forward_hook, calls, "hook")
    hooks.register(old.register_forward_pre_hook, calls, "pre-hook")
    made = {"new": nn.Linear(2, 2), "the old one": old, "None": None, "without tensors": nn.ReLU()}[result]
    seen: Seen = {}

    def swap() -> Any:
        seen["module"] = implementation.swap_module(old, mapping_by(lambda mod: made))  # type: ignore[arg-type, return-value]
        return seen["module"] is made

    answers = {"swap_module": outcome(swap)}
    if isinstance(seen.get("module"), nn.Module):
        module = seen.pop("module")
        module.register_forward_hook(telling(calls, "added later"))
        answers["devices"] = str(sorted({str(tensor.device) for tensor in module.parameters()}))
        answers["call"] = outcome(lambda: type(module(torch.ones(1, 2, device=where[0]))))
        answers["hooks that ran"] = str([label for label, _ in calls])
    return answers


STEPS: dict[str, Callable[[Any], Any]] = {
    "call": lambda sparsity: None,
    "fill": lambda sparsity: sparsity.mask.fill_(1),
    "assign": lambda sparsity: setattr(sparsity, "mask", torch.zeros_like(sparsity.mask)),
    "data": lambda sparsity: setattr(sparsity.mask, "data", torch.zeros_like(sparsity.mask)),
    "double": lambda sparsity: sparsity.double(),
    "half": lambda sparsity: sparsity.half(),
    "eval": lambda sparsity: sparsity.eval(),
    "requires_grad": lambda sparsity: sparsity.requires_grad_(),
    "state_dict": lambda sparsity: sparsity.state_dict(),
    "load": lambda sparsity: sparsity.load_state_dict({}, strict=True),
    "repr": lambda sparsity: repr(sparsity),
}


@look(drawn=masked_inputs(), steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=4))
def FakeSparsity(implementation: Any, drawn: MaskAndInput, steps: list[str]) -> Seen:
    mask, x = drawn.build()
    sparsity = implementation.FakeSparsity(mask)
    seen: Seen = {"call": outcome(lambda: sparsity(x))}
    for number, step in enumerate(steps):
        seen[f"{number} {step}"] = outcome(partial(STEPS[step], sparsity))
        seen[f"{number} {step}, called"] = outcome(lambda: sparsity(x))
        seen[f"{number} {step}, keys"] = outcome(lambda: list(sparsity.state_dict()))
        seen[f"{number} {step}, the given one"] = str(sparsity.mask is mask)
    return seen


class Difference(Exception):
    """The two differ at an input; ``kind`` says how, so that each is printed once."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def hunt(name: str, one: Any, other: Any, known: set[str], examples: int, number: int) -> Difference | None:
    """Look for a difference of a kind that is not known yet, and return the smallest input that shows it."""
    function, drawn = LOOKS[name]
    smallest: list[Difference] = []

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
    )
    @given(**drawn)
    def look(**arguments: Any) -> None:
        with pristine(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seen, seen_too = (function(each, **arguments) for each in (one, other))
        for key in seen:
            if seen[key] != seen_too.get(key):
                kind = f"{name}: {kind_of(seen[key])}, {kind_of(seen_too.get(key))}"
                if kind not in known:
                    text = "\n".join(f"{what} = {value!r}" for what, value in arguments.items())
                    smallest[:] = [Difference(kind, f"{text}\n  {key}: {seen[key]} / {seen_too.get(key)}")]
                    raise smallest[0]

    try:
        look()
    except Difference:
        return smallest[0]
    except Exception:  # several at once, or one that is not the same twice
        return smallest[0] if smallest else None
    return None


def kind_of(seen: str | None) -> str:
    """Return what kind of answer this is: an error by its class, all else by its beginning."""
    words = str(seen)
    return words if words.startswith("raised") or words in ("None", "True", "False") else words[:1]


def main(arguments: list[str]) -> int:
    """Hunt for as long as was requested, and return the exit status: 1 if there were differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("one", nargs="?", default="reference", help="an implementation (default: reference)")
    parser.add_argument("other", nargs="?", default="torch", help="another one (default: torch)")
    parser.add_argument("--seconds", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--only", action="append", choices=sorted(LOOKS), help="one of the six names; repeatable")
    parser.add_argument("--examples", type=int, default=200, help="inputs a round (default: 200)")
    parser.add_argument(
        "--seed", type=int, default=None, help="the first seed (default: a random one, which is printed)"
    )
    options = parser.parse_args(arguments)
    one, other = load(options.one).target, load(options.other).target
    number = random.randrange(2**32) if options.seed is None else options.seed
    print(f"{options.one} / {options.other}, seed {number}")
    known: set[str] = set()
    end, rounds = time.monotonic() + options.seconds, 0
    while time.monotonic() < end:
        for name in options.only or LOOKS:
            found = hunt(name, one, other, known, options.examples, number + rounds)
            if found is not None:
                known.add(found.kind)
                print(f"\n{found.kind}\n{found}", flush=True)
        rounds += 1
    print(f"\n{len(known)} kinds of difference in {rounds} rounds of {options.examples} inputs for each name")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
