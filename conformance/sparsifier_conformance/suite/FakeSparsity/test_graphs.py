"""Checks of what ``FakeSparsity`` leaves for backward: of leaves and gradients of every kind, and without values."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, contents, in_case, outcome
from sparsifier_conformance.checking.costs import IMPORTS_COMPILER
from sparsifier_conformance.checking.masks.masking import real_sum, unsigned
from sparsifier_conformance.checking.skips import holds_values, not_applicable


def graph(multiply: Any, mask: torch.Tensor, x: torch.Tensor) -> dict[str, Any]:
    """Return whether a result carries a graph, and what the gradient of the input is but for its values."""
    leaf = x.clone().requires_grad_()
    result = multiply(leaf)
    has_one = result.requires_grad
    if has_one:
        total: Any = real_sum(result)
        total.backward()
    found = None if leaf.grad is None else (str(leaf.grad.device), str(leaf.grad.dtype), tuple(leaf.grad.shape))
    return {"carries a graph": has_one, "gradient of the input": found}


@IMPORTS_COMPILER
def test_gradient__without_values(implementation: Any, device: str) -> None:
    # What there is to see on a device without values: there a result is often made by other code.
    masks = {
        f"mask of {dtype}, shape {shape}": torch.ones(shape, dtype=dtype, device=device)
        for shape, dtype in product(((2, 3), (1,), (), (0,)), (torch.float32, torch.bool, torch.float16))
    }
    inputs = {case: torch.ones(mask.shape, device=device) for case, mask in masks.items()}
    expected = {case: graph(lambda leaf, mask=mask: mask * leaf, mask, inputs[case]) for case, mask in masks.items()}
    if not any(each["carries a graph"] for each in expected.values()):
        not_applicable(f"torch {torch.__version__} keeps no graph on {device}")
    observed = {
        case: in_case(case, graph, implementation.FakeSparsity(mask), mask, inputs[case])
        for case, mask in masks.items()
    }
    assert_same(observed, expected)


#: What makes a leaf that requires a gradient, of a tensor.
LEAVES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "a tensor": lambda x: x.clone().requires_grad_(),
    "a parameter": lambda x: nn.Parameter(x.clone()),
    "a view": lambda x: x.clone().view(x.shape).requires_grad_(),
    "a part": lambda x: torch.stack([x, x])[1].requires_grad_(),
    "a part with gaps": lambda x: torch.stack([x, x], -1)[..., 1].requires_grad_(),
    "a parameter that is a part": lambda x: nn.Parameter(torch.stack([x, x])[1]),
    "what was detached": lambda x: (2 * x.clone().requires_grad_()).detach().requires_grad_(),
    "a parameter that is a view of one": lambda x: nn.Parameter(nn.Parameter(x.clone()).detach().view(x.shape)),
}


def test_gradient__leaves(implementation: Any, device: str) -> None:
    holds_values(device)
    mask = torch.tensor([[0.5, 0.0], [2.0, -1.0]], device=device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for (kind, make), training in zip(LEAVES.items(), (True, False) * len(LEAVES), strict=False):
        sparsity = implementation.FakeSparsity(mask).train(training)
        for results, multiply in ((observed, sparsity), (expected, lambda x: mask * x)):
            leaf = make(torch.full_like(mask, 3.0))
            result = in_case(kind, multiply, leaf)
            if result.requires_grad:
                (2 * result).sum().backward()
            results[kind] = contents(leaf.grad)
    assert_same(observed, expected)


def by_gradient(make: Callable[[torch.Tensor], Any], number: complex, device: str, kind: str) -> dict[str, Any]:
    """Return the gradient of an input by one of the result that is given, and what that one counts itself."""
    mask = torch.tensor([number, 0.0], device=device)
    x = torch.full_like(mask, 3.0).requires_grad_()
    given = LEAVES[kind](torch.full_like(mask, 2.0))
    (first,) = torch.autograd.grad(make(mask)(x), x, given, create_graph=True)
    by_given = None
    if first.requires_grad:
        (by_given,) = torch.autograd.grad(real_sum(3 * first), given, allow_unused=True)
    return {"gradient": unsigned(first), "by the gradient of the result": unsigned(by_given)}


@IMPORTS_COMPILER
@pytest.mark.parametrize("number", [2.5, 2 - 3j], ids=["real", "complex"])
def test_gradient__given(implementation: Any, device: str, number: complex) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for kind in LEAVES:
        expected[kind] = outcome(by_gradient, lambda mask: lambda x: mask * x, number, device, kind)
        if isinstance(expected[kind], str):
            del expected[kind]  # not every device has such numbers, or goes backward so
            continue
        observed[kind] = in_case(kind, by_gradient, implementation.FakeSparsity, number, device, kind)
    if not expected:
        not_applicable(f"torch {torch.__version__} does this with no product on {device}")
    assert_same(observed, expected)
