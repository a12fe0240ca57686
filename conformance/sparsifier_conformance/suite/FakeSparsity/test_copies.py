"""Checks of copies of ``FakeSparsity``, and of models that hold it."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, in_case, outcome
from sparsifier_conformance.checking.masks.every import every_mask
from sparsifier_conformance.checking.skips import holds_values, not_applicable
from sparsifier_conformance.checking.world.circumstances import MODES, called


def _saved_and_loaded(module: Any) -> Any:
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    whole: dict[str, Any] = (
        {"weights_only": False} if "weights_only" in inspect.signature(torch.load).parameters else {}
    )
    return torch.load(file, **whole)


_WAYS_TO_COPY: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda module: pickle.loads(pickle.dumps(module)),
    "torch.save": _saved_and_loaded,
}


#: Modes in which to copy: in the others a tensor that is made stays one of inference mode.
_MODES = tuple(mode for mode in MODES[:-1] if mode != "in inference mode")


def _every_hook(module: nn.Module) -> dict[str, list[Any]]:
    """Return what is registered of each kind of hook, and which of them have flags."""
    flagged = {name: [key in flags for key in hooks] for hooks, name, flags in _flags(module)}
    every = {name: value for name, value in vars(module).items() if name.endswith("_hooks") and value is not None}
    # Torch wraps some.
    return {**flagged, **{name: [getattr(each, "hook", each) for each in every[name].values()] for name in every}}


def _flags(module: nn.Module) -> list[tuple[Any, str, Any]]:
    """List hooks with the flags that they can have, in this release of torch."""
    kinds = {
        "_forward_pre_hooks": "_with_kwargs",
        "_forward_hooks": "_with_kwargs",
        "_forward_hooks ": "_always_called",
    }
    found = [(getattr(module, hooks.strip()), hooks + flag, hooks.strip() + flag) for hooks, flag in kinds.items()]
    return [(hooks, name, getattr(module, flags, {})) for hooks, name, flags in found]


def _hook_everywhere(module: Any) -> None:
    """Register a hook of each kind that this torch has."""
    for name in sorted(dir(module)):
        if name.startswith("register_") and name.endswith("_hook") and name != "register_backward_hook":
            error_of(getattr(module, name), print)
            for flag in ("with_kwargs", "always_call"):
                error_of(lambda name=name, flag=flag: getattr(module, name)(repr, **{flag: True}))


def _run(sparsity: Any, x: torch.Tensor) -> None:
    sparsity(x.clone().requires_grad_()).sum().backward()


def _can_fill(mask: torch.Tensor) -> bool:
    """Return whether a tensor can be filled, and leave it as it was: not all that a vendor's device holds can be."""
    values = mask.clone()
    return error_of(lambda: mask.fill_(1).copy_(values)) is None


@pytest.mark.parametrize("way", list(_WAYS_TO_COPY))
def test_copies(implementation: Any, device: str, way: str) -> None:
    holds_values(device)
    copied = _WAYS_TO_COPY[way]
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for position, (code, given_mask) in enumerate(every_mask(device, writable=True)):
        if "reshape" in code and position % len(_WAYS_TO_COPY) != list(_WAYS_TO_COPY).index(way):
            continue  # each dtype is copied in each way, of the shapes and layouts each in one
        training, mode = position % 2 == 0, _MODES[position % len(_MODES)]
        before = outcome(lambda mode=mode, mask=given_mask: contents(called(mode, copied, mask)))
        if isinstance(before, str) or not _can_fill(given_mask):
            continue  # torch cannot do it with the plain tensor either
        sparsity = implementation.FakeSparsity(given_mask)
        mask = sparsity.mask
        sparsity.train(training)
        if position % 3:
            error_of(_run, sparsity, torch.ones(mask.shape, device=device))
        label = f"{code}, training {training}, {mode}"
        duplicate = in_case(label, called, mode, copied, sparsity)
        observed[label] = contents(duplicate.mask), duplicate.training
        expected[label] = before, training
        mask.fill_(1)
        observed[f"{label}, after the original is filled"] = contents(duplicate.mask)
        expected[f"{label}, after the original is filled"] = before
        duplicate.mask.fill_(0)
        observed[f"{label}, the original after the copy is filled"] = contents(mask)
        expected[f"{label}, the original after the copy is filled"] = contents(torch.ones_like(mask))
    assert_same(observed, expected)


@pytest.mark.parametrize("way", list(_WAYS_TO_COPY))
@pytest.mark.parametrize("first", ["the mask", "the module"])
def test_copies__together(implementation: Any, device: str, way: str, first: str) -> None:
    holds_values(device)
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device))
    _hook_everywhere(sparsity)
    hooks = _every_hook(sparsity)
    together = {"the mask": sparsity.mask, "the module": sparsity, "the module again": sparsity}
    if first == "the module":
        together = dict(reversed(together.items()))
    copies = _WAYS_TO_COPY[way](together)
    duplicate = copies["the module"]
    shared = way == "deepcopy"
    observed: dict[str, Any] = {
        "is it one": isinstance(duplicate, implementation.FakeSparsity),
        "hooks": _every_hook(duplicate),
        "copied again": copies["the module again"] if shared else None,
        "its mask": copies["the mask"] if shared else None,
    }
    _hook_everywhere(duplicate)
    observed["hooks of the original after the copy gets more"] = _every_hook(sparsity)
    expected: dict[str, Any] = {
        "is it one": True,
        "hooks": hooks,
        "copied again": duplicate if shared else None,
        "its mask": duplicate.mask if shared else None,
        "hooks of the original after the copy gets more": hooks,
    }
    assert_same(observed, expected)


#: Two masks in one memory, which is that of a tensor of four elements.
OF_ONE_MEMORY: dict[str, Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]] = {
    "parts": lambda memory: (memory[:3], memory[1:]),
    "all and a part": lambda memory: (memory, memory[:2]),
    "one turned": lambda memory: (memory.reshape(2, 2), memory.reshape(2, 2).t()),
    "one detached": lambda memory: (memory, memory.detach()),
}


def _written_to(masks: list[torch.Tensor]) -> list[Any]:
    masks[0].fill_(7)
    return [contents(mask) for mask in masks]


def test_copies__of_one_memory(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for kind, views in OF_ONE_MEMORY.items():
        masks = views(torch.tensor([1.0, 0.0, 2.0, 3.0], device=device))
        copies = outcome(copy.deepcopy, list(masks))
        before = outcome(contents, copies[1])
        written = outcome(_written_to, copies)
        if isinstance(written, str) or written[1] == before:
            continue  # torch does not copy such tensors, or each by itself
        modules = in_case(kind, copy.deepcopy, [implementation.FakeSparsity(mask) for mask in masks])
        observed[kind] = _written_to([module.mask for module in modules]), contents(masks[1])
        expected[kind] = written, before
    if not expected:
        not_applicable(f"torch {torch.__version__} lets no copies share memory on {device}")
    assert_same(observed, expected)
