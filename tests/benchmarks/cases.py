"""What the utilities are timed on: models, paths, masks and hooks of real sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

Call = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """Something to time: ``make`` gives, for an implementation, the call that is timed."""

    utility: str
    name: str
    make: Callable[[Any], Call]


def cases(scale: float = 1.0) -> Iterator[Case]:
    """Give every case.

    Parameters:
        scale: the share of the real sizes, for a quick look whether all of it runs.
    """
    yield from _paths_to_modules(scale)
    yield from _modules_by_path(scale)
    yield from _masks(scale)
    yield from _swaps(scale)


def flat(size: int) -> nn.Module:
    """Make a model whose modules are all children of it."""
    return nn.Sequential(*(nn.Module() for _ in range(size)))


def chain(depth: int) -> nn.Module:
    """Make a model in which every module has one child, called ``a``."""
    model = nn.Module()
    for _ in range(depth):
        parent = nn.Module()
        parent.add_module("a", model)
        model = parent
    return model


def transformer(size: int) -> nn.Module:
    """Make a tree like that of a transformer: blocks of 20 modules, in two levels."""
    return nn.Sequential(*(_block() for _ in range(max(1, size // 20))))


def _block() -> nn.Module:
    block = nn.Module()
    for name, children in {"attention": ("query", "key", "value", "out", "norm"), "mlp": ("up", "act", "down")}.items():
        block.add_module(name, nn.Module())
        for child in children:
            block.get_submodule(name).add_module(child, nn.Sequential(nn.Module()))
    block.add_module("norm", nn.Module())
    return block


def shared(levels: int) -> nn.Module:
    """Make levels of two modules, each of which has both of the next level: twice as many paths a level."""
    pair = [nn.Module(), nn.Module()]
    for _ in range(levels):
        below, pair = pair, [nn.Module(), nn.Module()]
        for parent in pair:
            parent.add_module("a", below[0])
            parent.add_module("b", below[1])
    return pair[0]


def _paths_to_modules(scale: float) -> Iterator[Case]:
    models = {
        "flat, {} modules": flat(max(2, int(1000 * scale))),
        "chain, {} modules": chain(max(2, int(300 * scale))),
        "transformer, {} modules": transformer(max(40, int(10_000 * scale))),
    }
    for name, model in models.items():
        modules = list(model.modules())
        name = name.format(len(modules))
        wanted = {"first": modules[1], "last": modules[-1], "absent": nn.Module()}
        for which, module in wanted.items():
            yield _calling("module_to_fqn", f"{name}: {which}", model, module)
        # Each in turn would be quadratic; of a large model a sample shows the same.
        yield _in_turn(name, model, modules[:: max(1, len(modules) // 50)])


def _calling(utility: str, name: str, *arguments: Any) -> Case:
    return Case(utility, name, lambda implementation: partial(getattr(implementation, utility), *arguments))


def _in_turn(name: str, model: nn.Module, modules: list[nn.Module]) -> Case:
    def make(implementation: Any) -> Call:
        return lambda: [implementation.module_to_fqn(model, module) for module in modules]

    return Case("module_to_fqn", f"{name}: {len(modules)} in turn", make)


def _modules_by_path(scale: float) -> Iterator[Case]:
    for depth in (3, max(4, int(50 * scale))):
        model, path = chain(depth), ".".join("a" * depth)
        yield _calling("fqn_to_module", f"depth {depth}: there", model, path)
        yield _calling("fqn_to_module", f"depth {depth}: absent", model, f"{path}.b")
        yield _calling("get_arg_info_from_tensor_fqn", f"depth {depth}", model, f"{path}.weight")


def _masks(scale: float) -> Iterator[Case]:
    plain, masked = nn.Linear(2, 2), nn.Linear(2, 2)
    parametrize.register_parametrization(masked, "weight", nn.Identity())
    yield _calling("module_contains_param", "of a plain module", plain, nn.Identity)
    yield _calling("module_contains_param", "there", masked, nn.Identity)
    yield _calling("module_contains_param", "another", masked, nn.Tanh)
    for exponent in range(2, 8):
        size = max(1, int(10**exponent * scale))
        yield Case("FakeSparsity", f"{size} elements: forward", partial(_forward, size=size))
        yield Case("FakeSparsity", f"{size} elements: and backward", partial(_backward, size=size))


def _forward(implementation: Any, size: int) -> Call:
    sparsity, x = implementation.FakeSparsity(torch.ones(size)), torch.ones(size)
    return lambda: sparsity(x)


def _backward(implementation: Any, size: int) -> Call:
    sparsity, x = implementation.FakeSparsity(torch.ones(size)), torch.ones(size, requires_grad=True)
    gradient = torch.ones(size)

    def call() -> None:
        x.grad = None
        sparsity(x).backward(gradient)

    return call


class Sparse(nn.Linear):
    """What a Linear is swapped for; always the same, so that its own making is not timed."""

    kept: nn.Linear

    @classmethod
    def from_dense(cls, mod: nn.Module) -> nn.Module:
        cls.kept._forward_hooks.clear()
        cls.kept._forward_pre_hooks.clear()
        return cls.kept


def _swaps(scale: float) -> Iterator[Case]:
    Sparse.kept = nn.Linear(2, 2)
    for count in (0, max(1, int(10 * scale)), max(2, int(1000 * scale))):
        dense = nn.Linear(2, 2)
        for _ in range(count):
            dense.register_forward_hook(_hook)
            dense.register_forward_pre_hook(_pre_hook)
        yield _calling("swap_module", f"{count} hooks of each kind", dense, {nn.Linear: Sparse})


def _hook(module: nn.Module, args: Any, output: Any) -> None:
    return None


def _pre_hook(module: nn.Module, args: Any) -> None:
    return None
