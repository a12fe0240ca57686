"""Checks of ``FakeSparsity`` in a model: saved, loaded, copied, registered as a parametrization, used as a module."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, outcome, raised
from sparsifier_conformance.checking.masks.every import every_mask
from sparsifier_conformance.checking.masks.masking import Masking
from sparsifier_conformance.checking.masks.strategies import dtypes
from sparsifier_conformance.checking.skips import holds_values, not_applicable, takes_dtype
from sparsifier_conformance.checking.world.circumstances import MODES, called


def test_not_in_state_dict(implementation: Any, device: str) -> None:
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device))
    parent = nn.LayerNorm(2, device=device)  # a linear one is made at random, which not every device can
    parametrize.register_parametrization(parent, "weight", sparsity)
    parent.register_buffer("mask", torch.ones(1, device=device))
    parent.register_buffer("bias_mask", torch.ones(1, device=device))
    first, second = sparsity.state_dict(), sparsity.state_dict()
    observed: dict[str, Any] = {
        "is it a mapping": isinstance(first, Mapping),
        "is it the one of another call": first is second,
        "keys": list(first),
        "a parent's keys": sorted(parent.state_dict()),
        "a parent's keys, as variables": sorted(parent.state_dict(keep_vars=True)),
        "is the mask there": isinstance(sparsity.mask, torch.Tensor),
    }
    keys = ["bias", "bias_mask", "mask", "parametrizations.weight.original"]
    expected: dict[str, Any] = {
        "is it a mapping": True,
        "is it the one of another call": False,
        "keys": [],
        "a parent's keys": keys,
        "a parent's keys, as variables": keys,
        "is the mask there": True,
    }
    assert_same(observed, expected)


@given(
    prefix=st.sampled_from(("", "sparsity.", "a.b.c.d.e.", "without_a_dot")),
    keep_vars=st.booleans(),
    training=st.booleans(),
    plain=st.booleans(),
)
@example(prefix="sparsity.", keep_vars=False, training=True, plain=True)
def test_not_in_state_dict__destination(
    implementation: Any, device: str, prefix: str, keep_vars: bool, training: bool, plain: bool
) -> None:
    sparsity = implementation.FakeSparsity(torch.tensor([1.0, 0.0], device=device)).train(training)
    # What a parent wrote before, under whatever name, is the parent's.
    before = dict.fromkeys((f"{prefix}mask", f"{prefix}other_mask", "mask", "another.mask"), torch.ones(1))
    destination: Any = dict(before) if plain else OrderedDict(before)
    if not plain:
        destination._metadata = OrderedDict()
    sparsity.state_dict(destination=destination, prefix=prefix, keep_vars=keep_vars)
    observed = {
        "keys": list(sparsity.state_dict(prefix=prefix, keep_vars=keep_vars)),
        "a destination": dict(destination),
        "is the mask there": isinstance(sparsity.mask, torch.Tensor),
    }
    expected = {"keys": [], "a destination": before, "is the mask there": True}
    assert_same(observed, expected)


@given(
    buffer=st.booleans(),
    leave_parametrized=st.booleans(),
    numbers=st.sampled_from(((1.0, 0.0), (0.5, 3.0))),
    trained=st.booleans(),
)
@example(buffer=False, leave_parametrized=True, numbers=(1.0, 0.0), trained=True)
@example(buffer=False, leave_parametrized=False, numbers=(1.0, 0.0), trained=True)
@example(buffer=False, leave_parametrized=False, numbers=(0.5, 3.0), trained=True)
def test_as_parametrization(
    implementation: Any,
    device: str,
    buffer: bool,
    leave_parametrized: bool,
    numbers: tuple[float, ...],
    trained: bool,
) -> None:
    holds_values(device)
    original = torch.tensor([1.0, 2.0], device=device)
    sparsity = implementation.FakeSparsity(torch.tensor(numbers, device=device))
    other = implementation.FakeSparsity(torch.tensor([0.25, 1.0], device=device))
    module: Any = nn.Module()
    for name in ("tensor", "sharing"):
        if buffer:
            module.register_buffer(name, original.clone())
        else:
            module.register_parameter(name, nn.Parameter(original.clone(), requires_grad=trained))
        parametrize.register_parametrization(module, name, sparsity)
    observed = {"registered": contents(module.tensor)}
    expected = {"registered": contents(sparsity.mask * original)}
    sparsity.mask.copy_(torch.tensor(numbers[::-1], device=device))
    observed["after an in-place update"] = contents(module.tensor)
    expected["after an in-place update"] = contents(sparsity.mask * original)
    with parametrize.cached():
        observed["cached"] = contents(module.tensor)
    expected["cached"] = contents(sparsity.mask * original)
    parametrize.register_parametrization(module, "sharing", other)
    observed["of another tensor, masked twice"] = contents(module.sharing)
    expected["of another tensor, masked twice"] = contents(other.mask * (sparsity.mask * original))
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
        if isinstance(before, str):
            continue  # torch cannot copy the plain tensor either
        sparsity = implementation.FakeSparsity(given_mask)
        mask = sparsity.mask
        sparsity.train(training)
        if position % 3:
            error_of(_run, sparsity, torch.ones(mask.shape, device=device))
        duplicate = called(mode, copied, sparsity)
        label = f"{code}, training {training}, {mode}"
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
    expected: dict[str, Any] = {
        "is it one": True,
        "hooks": hooks,
        "copied again": duplicate if shared else None,
        "its mask": duplicate.mask if shared else None,
    }
    assert_same(observed, expected)


@pytest.mark.parametrize("assign", [False, True])
def test_strict_reload(implementation: Any, device: str, assign: bool) -> None:
    holds_values(device)
    if assign and "assign" not in inspect.signature(nn.Module.load_state_dict).parameters:
        not_applicable(f"torch {torch.__version__} assigns nothing that it loads")
    masked: Any = nn.Linear(2, 2, device=device)
    sparsity = implementation.FakeSparsity(torch.tensor([[1.0, 0.0], [0.0, 1.0]], device=device))
    parametrize.register_parametrization(masked, "weight", sparsity)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for state in ("as it was made", "in eval mode, with another mask"):
        if state != "as it was made":
            masked.eval()
            sparsity.mask = torch.tensor([[0.0, 0.5], [1.0, 0.0]], device=device)
        mask, before = sparsity.mask, contents(sparsity.mask)
        saved = {name: tensor.clone() for name, tensor in masked.state_dict().items()}
        with torch.no_grad():
            masked.parametrizations.weight.original.fill_(5.0)
        refused = error_of(lambda saved=saved: masked.load_state_dict(saved, **({"assign": True} if assign else {})))
        observed[state] = {
            "error of load_state_dict": None if refused is None else str(refused),
            "the mask": sparsity.mask,
            "its numbers": contents(sparsity.mask),
            "the weight": contents(masked.parametrizations.weight.original),
        }
        expected[state] = {
            "error of load_state_dict": None,
            "the mask": mask,
            "its numbers": before,
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
        "repr on meta": type(repr(implementation.FakeSparsity(torch.ones(shape, device="meta")))).__name__,
        "hooks called": list(called),
        "a replacing hook": _with_a_replacing_hook(sparsity, x),
        "eval mode": (sparsity.eval() is sparsity, sparsity.training),
        "train mode": (sparsity.train() is sparsity, sparsity.training),
        "forward": type(sparsity.forward(x)).__name__,
    }
    expected: dict[str, Any] = {
        "repr": "str",
        "repr on meta": "str",
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


def test_as_a_module__methods(implementation: Any, device: str) -> None:
    holds_values(device)
    takes_dtype(device, "float16")
    like = torch.ones(1, dtype=torch.float16, device=device)
    ways: dict[str, Callable[[Any], Any]] = {
        "to a tensor": lambda module: module.to(like),
        "to a device and a dtype": lambda module: module.to(device, torch.float16),
        "to a device, not blocking": lambda module: module.to(device=device, non_blocking=True),
        "type": lambda module: module.type(torch.float16),
        "half": lambda module: module.half(),
        "bfloat16": lambda module: module.bfloat16(),
        "float": lambda module: module.float(),
        "double": lambda module: module.double(),
        "cpu": lambda module: module.cpu(),
        "to_empty": lambda module: module.to_empty(device="meta"),
        "to_empty, not its children": lambda module: module.to_empty(device="meta", recurse=False),
        "requires_grad_": lambda module: module.requires_grad_(False),
        "apply": lambda module: module.apply(repr),
        "zero_grad": lambda module: module.zero_grad(),
        "train, by name": lambda module: module.train(mode=False),
        "eval": lambda module: module.eval(),
    }
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for (way, done), dtype in product(ways.items(), ("float32", "float64", "bool", "int8")):
        if error_of(lambda dtype=dtype: torch.ones(1, dtype=getattr(torch, dtype), device=device)) is not None:
            continue  # not every device takes every dtype
        masks = [torch.tensor([1, 0], device=device).to(getattr(torch, dtype)) for _ in range(2)]
        modules = implementation.FakeSparsity(masks[0]), Masking(masks[1])
        for module, results in zip(modules, (observed, expected), strict=True):
            done_to_it = outcome(lambda done=done, module=module: done(module) is module)
            buffer = contents(dict(module.named_buffers()).get("mask"))
            results[f"{way}, mask of {dtype}"] = done_to_it, buffer, module.training
    assert_same(observed, expected)


def hooked(module: Any, device: str) -> tuple[list[Any], list[str]]:
    """Return what comes of calls of a module with hooks of each kind that this torch has, and which are called."""
    calls: list[str] = []

    def telling(label: str, result: Any = None) -> Callable[..., Any]:
        def hook(*args: Any) -> Any:
            if args[0] is not module:
                return None  # a module below
            calls.append(f"{label}, arguments: {len(args)}")
            return result(args) if result else None

        return hook

    of_all = nn.modules.module
    handles = [
        of_all.register_module_forward_pre_hook(telling("pre-hook of all modules")),
        of_all.register_module_forward_hook(telling("hook of all modules")),
        of_all.register_module_full_backward_hook(telling("backward hook of all modules")),
    ]
    module(torch.ones(2, device=device))
    handles += [
        module.register_forward_pre_hook(telling("pre-hook", lambda args: (10 * args[1][0],))),
        module.register_forward_hook(telling("hook", lambda args: args[2] + 1)),
        module.register_full_backward_hook(telling("backward hook", lambda args: (5 * args[1][0],))),
    ]
    if hasattr(module, "register_full_backward_pre_hook"):  # since torch 2.0, as these flags
        handles += [
            module.register_full_backward_pre_hook(telling("backward pre-hook", lambda args: (7 * args[1][0],))),
            module.register_forward_pre_hook(telling("pre-hook with kwargs"), with_kwargs=True),
            module.register_forward_hook(telling("hook with kwargs"), with_kwargs=True),
            module.register_forward_hook(telling("hook that is always called"), always_call=True),
        ]
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    result = module(x)
    result.sum().backward()
    refused = raised(AssertionError, module, torch.ones(1, device=device))
    for handle in handles:
        handle.remove()
    return [contents(result), contents(x.grad), refused, contents(module(x))], calls


class Strict(Masking):
    """A plain product that takes no other shape."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the product."""
        if x.shape != self.mask.shape:
            raise AssertionError("another shape")
        return super().forward(x)


def test_as_a_module__hooks(implementation: Any, device: str) -> None:
    holds_values(device)
    mask = torch.tensor([0.5, 2.0], device=device)
    expected = hooked(Strict(mask), device)
    observed = hooked(implementation.FakeSparsity(mask), device)
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
