"""Checks of ``FakeSparsity`` in a model: saved, loaded, copied, registered as a parametrization, used as a module."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import torch
from hypothesis import example, given, reject
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, outcome
from sparsifier_conformance.checking.descriptions import MaskAndInput, Values
from sparsifier_conformance.checking.masks.masking import Masking
from sparsifier_conformance.checking.masks.strategies import dtypes, masked_inputs
from sparsifier_conformance.checking.skips import holds_values, takes_dtype

PLAIN = MaskAndInput(Values("float32", (2,), (1.0, 0.0)), Values("float32", (2,), (2.0, 3.0)))


def test_not_in_state_dict(implementation: Any, device: str) -> None:
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device))
    parent = nn.LayerNorm(2, device=device)  # a linear one is made at random, which not every device can
    parametrize.register_parametrization(parent, "weight", sparsity)
    parent.register_buffer("mask", torch.ones(1, device=device))
    parent.register_buffer("bias_mask", torch.ones(1, device=device))
    entry = torch.ones(1)
    destination = {"mask": entry, "other.mask": entry}
    sparsity.state_dict(destination=destination, prefix="sparsity.")
    first, second = sparsity.state_dict(), sparsity.state_dict()
    observed: dict[str, Any] = {
        "is it a mapping": isinstance(first, Mapping),
        "is it the one of another call": first is second,
        "keys": list(first),
        "keys, as variables": list(sparsity.state_dict(prefix="sparsity.", keep_vars=True)),
        "a parent's keys": sorted(parent.state_dict()),
        "a destination": destination,
        "is the mask there": isinstance(sparsity.mask, torch.Tensor),
    }
    expected = {
        "is it a mapping": True,
        "is it the one of another call": False,
        "keys": [],
        "keys, as variables": [],
        "a parent's keys": ["bias", "bias_mask", "mask", "parametrizations.weight.original"],
        "a destination": {"mask": entry, "other.mask": entry},
        "is the mask there": True,
    }
    assert_same(observed, expected)


@given(buffer=st.booleans(), leave_parametrized=st.booleans())
@example(buffer=False, leave_parametrized=True)
@example(buffer=False, leave_parametrized=False)
def test_as_parametrization(implementation: Any, device: str, buffer: bool, leave_parametrized: bool) -> None:
    holds_values(device)
    original = torch.tensor([1.0, 2.0], device=device)
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device))
    module: Any = nn.Module()
    if buffer:
        module.register_buffer("tensor", original.clone())
    else:
        module.register_parameter("tensor", nn.Parameter(original.clone()))
    parametrize.register_parametrization(module, "tensor", sparsity)
    observed = {"registered": contents(module.tensor)}
    expected = {"registered": contents(sparsity.mask * original)}
    sparsity.mask.copy_(torch.tensor([0.0, 1.0], device=device))
    observed["after an in-place update"] = contents(module.tensor)
    expected["after an in-place update"] = contents(sparsity.mask * original)
    with parametrize.cached():
        observed["cached"] = contents(module.tensor)
    expected["cached"] = contents(sparsity.mask * original)
    parametrize.remove_parametrizations(module, "tensor", leave_parametrized=leave_parametrized)
    observed["removed"] = contents(module.tensor)
    expected["removed"] = contents(sparsity.mask * original if leave_parametrized else original)
    assert_same(observed, expected)


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


@given(
    way=st.sampled_from(list(_WAYS_TO_COPY)),
    drawn=masked_inputs(writable=True),
    training=st.booleans(),
    runs=st.booleans(),
)
@example(way="deepcopy", drawn=PLAIN, training=False, runs=True)
@example(way="pickle", drawn=PLAIN, training=False, runs=True)
@example(way="torch.save", drawn=PLAIN, training=False, runs=True)
def test_copies(implementation: Any, device: str, way: str, drawn: MaskAndInput, training: bool, runs: bool) -> None:
    holds_values(device)
    copied = _WAYS_TO_COPY[way]
    given_mask, x = drawn.build(device)
    if error_of(copied, given_mask) is not None:
        reject()  # torch cannot copy the plain tensor either
    sparsity = implementation.FakeSparsity(given_mask)
    sparsity.train(training)
    if runs and x.is_floating_point() and not given_mask.is_complex():
        error_of(lambda: sparsity(x.requires_grad_()).sum().backward())
    sparsity.register_forward_hook(print)
    mask = sparsity.mask
    before = contents(mask)
    duplicate, again, its_mask = copied([sparsity, sparsity, mask])
    observed: dict[str, Any] = {
        "is it one": isinstance(duplicate, implementation.FakeSparsity),
        "training": duplicate.training,
        "is the hook there": print in duplicate._forward_hooks.values(),
        "copied again, and its mask": (again, its_mask) if way == "deepcopy" else None,
    }
    expected: dict[str, Any] = {
        "is it one": True,
        "training": training,
        "is the hook there": True,
        "copied again, and its mask": (duplicate, duplicate.mask) if way == "deepcopy" else None,
    }
    mask.fill_(1)
    observed["the copy, after the original is filled"] = contents(duplicate.mask)
    expected["the copy, after the original is filled"] = before
    duplicate.mask.fill_(0)
    observed["the original, after the copy is filled"] = contents(mask)
    expected["the original, after the copy is filled"] = contents(torch.ones_like(mask))
    assert_same(observed, expected)


def test_strict_reload(implementation: Any, device: str) -> None:
    holds_values(device)
    masked: Any = nn.Linear(2, 2, device=device)
    sparsity = implementation.FakeSparsity(torch.tensor([[1.0, 0.0], [0.0, 1.0]], device=device))
    parametrize.register_parametrization(masked, "weight", sparsity)
    before = contents(sparsity.mask)
    saved = {name: tensor.clone() for name, tensor in masked.state_dict().items()}
    with torch.no_grad():
        masked.parametrizations.weight.original.fill_(5.0)
    refused = error_of(masked.load_state_dict, saved)
    observed = {
        "error of load_state_dict": None if refused is None else str(refused),
        "the mask": contents(sparsity.mask),
        "the weight": contents(masked.parametrizations.weight.original),
    }
    expected = {
        "error of load_state_dict": None,
        "the mask": before,
        "the weight": contents(saved["parametrizations.weight.original"]),
    }
    assert_same(observed, expected)


@given(dtype=dtypes(), shape=st.sampled_from(((2,), (), (0,), (2, 3))))
@example(dtype="float32", shape=(2,))
@example(dtype="bool", shape=(2,))
def test_as_a_module(implementation: Any, device: str, dtype: str, shape: tuple[int, ...]) -> None:
    holds_values(device)
    takes_dtype(device, dtype)
    sparsity = implementation.FakeSparsity(torch.ones(shape, dtype=getattr(torch, dtype), device=device))
    called: list[str] = []
    x = torch.ones(shape, device=device)
    sparsity.register_forward_pre_hook(lambda module, args: called.append("before"))
    sparsity.register_forward_hook(lambda module, args, result: called.append("after"))
    sparsity(x)
    observed: dict[str, Any] = {
        "repr": type(repr(sparsity)).__name__,
        "hooks called": list(called),
        "a replacing hook": _with_a_replacing_hook(sparsity, x),
        "eval mode": (sparsity.eval() is sparsity, sparsity.training),
        "train mode": (sparsity.train() is sparsity, sparsity.training),
        "forward": type(sparsity.forward(x)).__name__,
    }
    expected: dict[str, Any] = {
        "repr": "str",
        "hooks called": ["before", "after"],
        "a replacing hook": "replaced",
        "eval mode": (True, False),
        "train mode": (True, True),
        "forward": type(x).__name__,
    }
    mask = sparsity.mask
    observed["mask, moved to where it is"] = sparsity.to(device).mask
    expected["mask, moved to where it is"] = mask
    if mask.is_floating_point():
        observed["mask, cast to what it is"] = sparsity.to(mask.dtype).mask
        expected["mask, cast to what it is"] = mask
    assert_same(observed, expected)


def test_as_a_module__moves(implementation: Any, device: str) -> None:
    holds_values(device)
    takes_dtype(device, "float16")
    like = torch.ones(1, dtype=torch.float16, device=device)
    ways: dict[str, Callable[[Any], Any]] = {
        "to a tensor": lambda module: module.to(like),
        "to a device and a dtype": lambda module: module.to(device, torch.float16),
        "to a device, not blocking": lambda module: module.to(device=device, non_blocking=True),
        "type": lambda module: module.type(torch.float16),
        "half": lambda module: module.half(),
        "to_empty": lambda module: module.to_empty(device="meta"),
    }
    mask = torch.tensor([1.0, 0.0], device=device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for way, moved in ways.items():
        sparsity, plain = implementation.FakeSparsity(mask.clone()), Masking(mask.clone())
        observed[way] = outcome(lambda moved=moved, sparsity=sparsity: moved(sparsity) is sparsity)
        observed[f"mask, {way}"] = contents(sparsity.mask)
        expected[way] = outcome(lambda moved=moved, plain=plain: moved(plain) is plain)
        expected[f"mask, {way}"] = contents(plain.mask)
    assert_same(observed, expected)


def _with_a_replacing_hook(sparsity: Any, x: torch.Tensor) -> Any:
    handle = sparsity.register_forward_hook(lambda module, args, result: "replaced")
    result = sparsity(x)
    handle.remove()
    return result


def test_as_a_module__share_memory(implementation: Any, device: str) -> None:
    holds_values(device)
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device))
    plain = Masking(torch.tensor([1.0, 0.0], device=device))
    plain.share_memory()
    shared: Any = plain.mask
    observed = {"same": sparsity.share_memory() is sparsity, "shared": sparsity.mask.is_shared()}
    expected = {"same": True, "shared": shared.is_shared()}
    assert_same(observed, expected)
