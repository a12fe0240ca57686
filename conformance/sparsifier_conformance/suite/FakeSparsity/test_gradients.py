"""Checks of the derivatives of ``FakeSparsity``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import torch
from hypothesis import example, given, reject
from hypothesis import strategies as st

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, raised
from sparsifier_conformance.checking.costs import IMPORTS_COMPILER
from sparsifier_conformance.checking.descriptions import MaskAndInput, Values
from sparsifier_conformance.checking.masks.strategies import masked_inputs
from sparsifier_conformance.checking.skips import holds_values, not_applicable, takes_dtype
from sparsifier_conformance.checking.world.circumstances import CIRCUMSTANCES, called

NAN = float("nan")
INFINITY = float("inf")
SPECIAL = MaskAndInput(
    Values("float32", (4,), (0.0, 0.0, -1.0, 1.0)), Values("float32", (4,), (NAN, INFINITY, 0.0, NAN))
)
COMPLEX = MaskAndInput(Values("complex64", (2,), (1j, 2 - 3j)), Values("float32", (2,), (3.0, 1.0)))
ZEROS_AND_ONES = MaskAndInput(Values("float32", (3,), (1.0, 0.0, 0.0)), Values("float32", (3,), (2.0, 3.0, -1.0)))
PLAIN = MaskAndInput(Values("float32", (3,), (1.0, 0.0, 2.5)), Values("float32", (3,), (2.0, 3.0, -1.0)))


def _unsigned(derivative: Any) -> Any:
    """Describe a derivative, in which zeros have no sign: it may be a sum, to which a zero was added."""
    return contents(derivative + 0 if isinstance(derivative, torch.Tensor) else derivative)


def _of_product(
    differentiated: Callable[..., Any], device: str, mask: torch.Tensor, x: torch.Tensor, *args: Any
) -> Any:
    """Return what a plain product gives; the check ends if this torch differentiates none, or not this one."""
    results: list[Any] = []
    error = error_of(lambda: results.append(differentiated(lambda value: mask * value, mask, x, *args)))
    if error is not None:
        _supported(differentiated, device, *["as usual" for _ in args])
        reject()
    return results[0]


def _supported(differentiated: Callable[..., Any], device: str, *args: Any) -> None:
    mask, x = PLAIN.build(device)
    error = error_of(differentiated, lambda value: mask * value, mask, x, *args)
    if error is not None:
        not_applicable(f"torch {torch.__version__} does this with no product on {device} ({type(error).__name__})")


def weights_of(result: torch.Tensor) -> Any:
    """Return what each number of a result counts: with infinity and nan, which are multiplied by the mask as well."""
    if result.is_complex():
        return torch.full_like(result, 3 - 2j)
    weights = torch.tensor([3.0, INFINITY, NAN, -2.0, -INFINITY] * result.numel())[: result.numel()]
    return weights.reshape(result.shape).to(result)


def gradient(multiply: Any, mask: torch.Tensor, x: torch.Tensor, circumstance: str) -> Any:
    """Return whether the result carries a graph, and the gradient of the input if it does."""
    leaf = x.clone().requires_grad_()
    result = called(circumstance, multiply, leaf)
    if not result.requires_grad:
        return "none"
    # A sum, since to go backward from a tensor that is no scalar imports much of torch's compiler.
    total = (result * weights_of(result.detach())).sum()
    (total.real if total.is_complex() else total).backward()
    return _unsigned(leaf.grad)


@given(drawn=masked_inputs(kinds=("float", "complex")))
@example(drawn=SPECIAL)
@example(drawn=COMPLEX)
@example(drawn=ZEROS_AND_ONES)
def test_gradient(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    expected = _of_product(gradient, device, mask, x, "as usual")
    observed = gradient(implementation.FakeSparsity(mask), mask, x, "as usual")
    assert_same(observed, expected)


def test_gradient__circumstances(implementation: Any, device: str) -> None:
    holds_values(device)
    mask, x = PLAIN.build(device)
    expected = {}
    observed = {}
    for circumstance in CIRCUMSTANCES:
        of_product = _of_product(gradient, device, mask, x, circumstance)
        for mode in ("train", "eval"):
            sparsity = implementation.FakeSparsity(mask).train(mode == "train")
            expected[f"{circumstance}, {mode} mode"] = of_product
            observed[f"{circumstance}, {mode} mode"] = gradient(sparsity, mask, x, circumstance)
    assert_same(observed, expected)


def higher_gradients(multiply: Any, mask: torch.Tensor, x: torch.Tensor) -> dict[str, Any]:
    """Return derivatives of the gradient: by the gradient of the result, and by the input."""
    leaf = x.clone().requires_grad_()
    result = multiply(leaf)
    weight = torch.full_like(result, 2).requires_grad_()
    (first,) = torch.autograd.grad((result * weight).sum(), leaf, create_graph=True)
    (by_weight,) = torch.autograd.grad((first * weights_of(first.detach())).sum(), weight)
    (slope,) = torch.autograd.grad((multiply(leaf) * multiply(leaf)).sum(), leaf, create_graph=True)
    (curvature,) = torch.autograd.grad((3 * slope).sum(), leaf)
    return {"by the gradient of the result": _unsigned(by_weight), "second": _unsigned(curvature)}


@given(drawn=masked_inputs(kinds=("float",), finite=True))
@example(drawn=PLAIN)
def test_gradient__of_gradients(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    expected = _of_product(higher_gradients, device, mask, x)
    observed = higher_gradients(implementation.FakeSparsity(mask), mask, x)
    assert_same(observed, expected)


_IN_PLACE = ("mask.fill_(0)", "mask.mul_(2)", "mask[:1] = 0", "mask.logical_not_()")


@given(
    dtype=st.sampled_from(("float32", "float64")),
    numbers=st.sampled_from(((1.0, 0.0), (1.0, 1.0), (0.0, 0.0))),
    line=st.sampled_from(_IN_PLACE),
    without_grad=st.booleans(),
)
@example(dtype="float32", numbers=(1.0, 1.0), line="mask.fill_(0)", without_grad=True)
def test_gradient__mask_changed_before(
    implementation: Any, device: str, dtype: str, numbers: tuple[float, ...], line: str, without_grad: bool
) -> None:
    # A product with nothing but ones is one that code saves itself.
    holds_values(device)
    takes_dtype(device, dtype)
    mask = torch.tensor(numbers, dtype=getattr(torch, dtype), device=device)
    leaf = torch.tensor([2.0, 3.0], dtype=getattr(torch, dtype), device=device, requires_grad=True)
    sparsity = implementation.FakeSparsity(mask)
    result, plain = sparsity(leaf), mask * leaf
    with torch.set_grad_enabled(not without_grad):
        exec(line, {"mask": sparsity.mask})
        exec(line, {"mask": mask})
    if error_of(plain.sum().backward) is None:
        not_applicable(f"torch {torch.__version__} notices no change on {device}")
    observed = {
        "mask changed before": raised(RuntimeError, result.sum().backward),
        "next time": raised(RuntimeError, lambda: sparsity(leaf).sum().backward()),
    }
    expected = {"mask changed before": "RuntimeError", "next time": "no error"}
    assert_same(observed, expected)


def forward_mode(multiply: Any, x: torch.Tensor) -> Any:
    """Return the derivative in one direction, or the error of a device that has no forward mode."""
    forward_ad: Any = import_module("torch.autograd.forward_ad")
    try:
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(x, weights_of(x))
            return _unsigned(forward_ad.unpack_dual(multiply(dual)).tangent)
    except (NotImplementedError, RuntimeError) as error:
        return f"raises {type(error).__name__}"


@IMPORTS_COMPILER
@given(drawn=masked_inputs(kinds=("float", "complex")))
@example(drawn=PLAIN)
def test_gradient__forward_mode(implementation: Any, device: str, drawn: MaskAndInput) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    expected = forward_mode(lambda value: mask * value, x)
    observed = forward_mode(implementation.FakeSparsity(mask), x)
    assert_same(observed, expected)
