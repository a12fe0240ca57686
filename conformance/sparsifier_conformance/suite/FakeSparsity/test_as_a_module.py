"""Checks that ``FakeSparsity`` is used as any other module."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, outcome, raised
from sparsifier_conformance.checking.masks.masking import Masking
from sparsifier_conformance.checking.masks.strategies import dtypes
from sparsifier_conformance.checking.skips import holds_values, takes_dtype


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


def returned(done: Callable[[Any], Any], module: Any) -> str:
    """Return what a method gives: in words the module, or the class of what else it is."""
    result = done(module)
    return "the module" if result is module else type(result).__name__


def test_as_a_module__methods(implementation: Any, device: str) -> None:
    holds_values(device)
    takes_dtype(device, "float16")
    own, like = implementation.FakeSparsity, torch.ones(1, dtype=torch.float16, device=device)
    # What is done, and what ``to`` is given to do the same.
    ways: dict[str, tuple[Callable[[Any], Any], Any]] = {
        "to a tensor": (lambda module: module.to(like), torch.float16),
        "to a device and a dtype": (lambda module: module.to(device, torch.float16), torch.float16),
        "to a device, not blocking": (lambda module: module.to(device=device, non_blocking=True), device),
        "type": (lambda module: module.type(torch.float16), None),
        "half": (lambda module: module.half(), torch.float16),
        "bfloat16": (lambda module: module.bfloat16(), torch.bfloat16),
        "float": (lambda module: module.float(), torch.float32),
        "double": (lambda module: module.double(), torch.float64),
        "cpu": (lambda module: module.cpu(), "cpu"),
        "to_empty": (lambda module: module.to_empty(device="meta"), "meta"),
        "to_empty, not its children": (lambda module: module.to_empty(device="meta", recurse=False), "meta"),
        "requires_grad_": (lambda module: module.requires_grad_(False), device),
        "apply": (lambda module: module.apply(repr), device),
        "zero_grad": (lambda module: module.zero_grad(), device),
        "train, by name": (lambda module: module.train(mode=False), device),
        "eval": (lambda module: module.eval(), device),
        "load_state_dict": (
            lambda module: module.load_state_dict(module.state_dict(), strict=False).missing_keys,
            None,
        ),
    }
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for (way, (done, to)), dtype in product(ways.items(), ("float32", "float64", "bool", "int8")):
        if error_of(lambda dtype=dtype: torch.ones(1, dtype=getattr(torch, dtype), device=device)) is not None:
            continue  # not every device takes every dtype
        masks = [torch.tensor([1, 0], device=device).to(getattr(torch, dtype)) for _ in range(3)]
        module, plain, moved = (make(mask) for make, mask in zip((own, Masking, own), masks, strict=True))
        results = [outcome(returned, done, each) for each in (module, plain)]
        if to is None:
            moved = plain
        elif results[1] == "the module":  # what becomes of the mask by ``to`` is for other checks
            moved.to(to)
        observed[f"{way}, mask of {dtype}"] = results[0], contents(getattr(module, "mask", None)), module.training
        expected[f"{way}, mask of {dtype}"] = results[1], contents(getattr(moved, "mask", None)), plain.training
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
    if hasattr(module, "register_full_backward_pre_hook"):  # since torch 2.0, as this flag
        handles += [
            module.register_full_backward_pre_hook(telling("backward pre-hook", lambda args: (7 * args[1][0],))),
            module.register_forward_pre_hook(telling("pre-hook with kwargs"), with_kwargs=True),
            module.register_forward_hook(telling("hook with kwargs"), with_kwargs=True),
        ]
    if hasattr(module, "_forward_hooks_always_called"):  # since torch 2.1
        handles.append(module.register_forward_hook(telling("hook that is always called"), always_call=True))
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    result = module(x)
    result.sum().backward()
    with torch.enable_grad():  # which is left as it was, whatever becomes of it
        refused = raised(AssertionError, module, torch.ones(1, device=device))
    for handle in handles:
        handle.remove()
    return [contents(result), contents(x.grad), refused, contents(module(x))], calls


def test_as_a_module__hooks(implementation: Any, device: str) -> None:
    holds_values(device)
    mask = torch.tensor([0.5, 2.0], device=device)
    # The hooks are torch's there, and the answers the implementation's own.
    expected = hooked(nn.Sequential(implementation.FakeSparsity(mask)), device)
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
