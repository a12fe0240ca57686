"""Checks of the derivatives of ``FakeSparsity``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import torch
from hypothesis import example, given, reject
from hypothesis import strategies as st

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of, in_case, raised
from sparsifier_conformance.checking.costs import IMPORTS_COMPILER
from sparsifier_conformance.checking.descriptions import MaskAndInput, Values
from sparsifier_conformance.checking.masks.every import every_mask
from sparsifier_conformance.checking.masks.masking import may_be_differentiated, real_sum, unsigned, ways_to_call
from sparsifier_conformance.checking.masks.numbers import crossed_numbers
from sparsifier_conformance.checking.masks.strategies import PLAIN, masked_inputs
from sparsifier_conformance.checking.skips import holds_values, not_applicable
from sparsifier_conformance.checking.world.circumstances import called

NAN = float("nan")
INFINITY = float("inf")
SPECIAL = MaskAndInput(
    Values("float32", (4,), (0.0, 0.0, -1.0, 1.0)), Values("float32", (4,), (NAN, INFINITY, 0.0, NAN))
)
COMPLEX = MaskAndInput(Values("complex64", (2,), (1j, 2 - 3j)), Values("float32", (2,), (3.0, 1.0)))
ZEROS_AND_ONES = MaskAndInput(Values("float32", (3,), (1.0, 0.0, 0.0)), Values("float32", (3,), (2.0, 3.0, -1.0)))
_CONJUGATED, _NEGATED = ".conj_physical().conj()", ".mul(-1j).conj().imag"
CONJUGATED = MaskAndInput(
    Values("complex64", (2,), (1j, 2 - 3j), _CONJUGATED), Values("complex64", (2,), (1 + 1j, -2j), _CONJUGATED)
)
NEGATED = MaskAndInput(Values("float32", (2,), (1.0, -3.0), _NEGATED), Values("float32", (2,), (2.0, -1.0), _NEGATED))
ALL_COMPLEX = MaskAndInput(Values("complex64", (2,), (1j, 2 - 3j)), Values("complex64", (2,), (1 + 1j, -2j)))


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
    """Return what each number of a result counts: with infinity and nan, which are multiplied by the mask as well.

    One is no number of any dtype: it is another one in each.
    """
    if result.is_complex():
        return torch.full_like(result, 3 - 2j)
    weights = torch.tensor([0.1, INFINITY, NAN, -2.0, -INFINITY], dtype=torch.float64)
    return weights.repeat(result.numel() // 5 + 1)[: result.numel()].reshape(result.shape).to(result)


def gradient(multiply: Any, mask: torch.Tensor, x: torch.Tensor, circumstance: str) -> Any:
    """Return whether the results carry a graph, and if they do, gradients: of the input, and of what is added to them.

    There is a result of a leaf, another one of the same leaf, and one of what was itself computed. The gradient of each
    result is part of its name.
    """
    leaf = x.clone().requires_grad_()
    zeros = torch.zeros(mask.shape, dtype=torch.result_type(mask, x), device=x.device).requires_grad_()
    gradients: dict[str, Any] = {}
    for weighed, computed in ((True, False), (False, False), (True, True)):
        numbers = (weights_of(zeros.detach()) if weighed else torch.ones_like(zeros)).flatten()[:6].tolist()
        label = f"input {'computed' if computed else 'a leaf'}, gradient of the result {numbers}"
        # Computed before, so that torch goes backward there later, with the same gradient as the result has.
        beside = 1 * zeros
        result = called(circumstance, multiply, 1 * leaf if computed else leaf)
        if not result.requires_grad:
            gradients[label] = "none"
            continue
        total = result + beside
        last: Any = real_sum(total * weights_of(total.detach()) if weighed else total)
        last.backward()
        gradients[label] = {"gradient of the input": unsigned(leaf.grad), "of what is added": unsigned(zeros.grad)}
        leaf.grad = zeros.grad = None
    return gradients


@given(drawn=masked_inputs(kinds=("float", "complex")), training=st.booleans())
@example(drawn=ZEROS_AND_ONES, training=True)
@example(drawn=SPECIAL, training=True)
@example(drawn=COMPLEX, training=True)
@example(drawn=CONJUGATED, training=True)
@example(drawn=NEGATED, training=True)
def test_gradient(implementation: Any, device: str, drawn: MaskAndInput, training: bool) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    expected = _of_product(gradient, device, mask, x, "as usual")
    observed = gradient(implementation.FakeSparsity(mask).train(training), mask, x, "as usual")
    assert_same(observed, expected)


def gradient_of_product(mask: torch.Tensor, x: torch.Tensor) -> Any:
    """Return the gradient of a plain product."""
    return gradient(lambda value: mask * value, mask, x, "as usual")


def test_gradient__numbers(implementation: Any, device: str) -> None:
    holds_values(device)
    observed = {}
    expected = {}
    for pair, every_number, x in crossed_numbers(device):
        if not may_be_differentiated(x):
            continue
        mask, x = every_number[::3], x[::3]
        of_product: list[Any] = []
        if error_of(lambda mask=mask, x=x, to=of_product: to.append(gradient_of_product(mask, x))) is not None:
            continue  # not every device goes backward with every dtype
        expected[pair] = of_product[0]
        observed[pair] = in_case(pair, gradient, implementation.FakeSparsity(mask), mask, x, "as usual")
    assert_same(observed, expected)


def test_gradient__circumstances(implementation: Any, device: str) -> None:
    holds_values(device)
    mask, x = PLAIN.build(device)
    expected = {}
    observed = {}
    products: dict[str, Any] = {}
    for label, circumstance, training, by_forward in ways_to_call():
        if circumstance not in products:
            products[circumstance] = _of_product(gradient, device, mask, x, circumstance)
        sparsity = implementation.FakeSparsity(mask)
        sparsity.train(training)
        expected[label] = products[circumstance]
        call = sparsity.forward if by_forward else sparsity
        observed[label] = in_case(label, gradient, call, mask, x, circumstance)
    assert_same(observed, expected)


def higher_gradients(multiply: Any, mask: torch.Tensor, x: torch.Tensor) -> dict[str, Any]:
    """Return derivatives of the gradient: by the gradient of the result, and by the input."""
    leaf = x.clone().requires_grad_()
    result = multiply(leaf)
    weight = torch.full_like(result, 2).requires_grad_()
    (first,) = torch.autograd.grad(real_sum(result * weight), leaf, create_graph=True)
    (by_weight,) = torch.autograd.grad(real_sum(first * weights_of(first.detach())), weight)
    (slope,) = torch.autograd.grad(real_sum(multiply(leaf) * multiply(leaf)), leaf, create_graph=True)
    (curvature,) = torch.autograd.grad(real_sum(3 * slope), leaf)
    return {"by the gradient of the result": unsigned(by_weight), "second": unsigned(curvature)}


@given(drawn=masked_inputs(kinds=("float",), finite=True), training=st.booleans())
@example(drawn=PLAIN, training=True)
@example(drawn=ALL_COMPLEX, training=True)
def test_gradient__of_gradients(implementation: Any, device: str, drawn: MaskAndInput, training: bool) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    expected = _of_product(higher_gradients, device, mask, x)
    observed = higher_gradients(implementation.FakeSparsity(mask).train(training), mask, x)
    assert_same(observed, expected)


#: What changes a mask in place.
_IN_PLACE = ("mask.fill_(0)", "mask.copy_(mask * 0)", "mask[:1] = 0", "mask.logical_not_()")


def backward_after(line: str, multiply: Any, mask: torch.Tensor, leaf: torch.Tensor, without_grad: bool) -> str:
    """Return what comes of going backward after a line has changed the mask."""
    result = multiply(leaf)
    with torch.set_grad_enabled(not without_grad):
        exec(line, {"mask": mask})
    return raised(RuntimeError, real_sum(result).backward)


def test_gradient__mask_changed_before(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for position, line in enumerate(_IN_PLACE):
        training, without_grad = position % 2 == 0, position < 2
        pairs = zip(masks_to_change(device), masks_to_change(device), strict=True)
        for index, ((code, own), (_, of_product)) in enumerate(pairs):
            if "reshape" in code and index % len(_IN_PLACE) != position:
                continue  # each dtype is changed in each way, of the shapes and layouts each in one
            if not may_be_differentiated(own) or not own.numel():
                continue  # it may be converted, and what is converted is a copy; and of nothing no gradient is wrong
            leaf = torch.full_like(own, 2.0, requires_grad=True)
            try:
                changed = backward_after(line, lambda x, mask=of_product: mask * x, of_product, leaf, without_grad)
            except (IndexError, RuntimeError):
                continue  # not every mask takes such a change
            sparsity = implementation.FakeSparsity(own).train(training)
            label = f"{code}, {line}, training {training}, without grad {without_grad}"
            observed[label] = in_case(label, backward_after, line, sparsity, sparsity.mask, leaf, without_grad)
            observed[f"{label}, next time"] = raised(RuntimeError, real_sum(sparsity(leaf)).backward)
            expected[label] = changed
            expected[f"{label}, next time"] = "no error"
    if "RuntimeError" not in expected.values():
        not_applicable(f"torch {torch.__version__} notices no change on {device}")
    assert_same(observed, expected)


def test_gradient__saved_elsewhere(implementation: Any, device: str) -> None:
    holds_values(device)
    mask, x = PLAIN.build(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for results, multiply in ((observed, implementation.FakeSparsity(mask)), (expected, lambda leaf: mask * leaf)):
        leaf = x.clone().requires_grad_()
        # As checkpoints do, and what keeps on a CPU or a disk what is saved for backward.
        with torch.autograd.graph.saved_tensors_hooks(torch.clone, lambda saved: saved):
            result = multiply(leaf)
        result.sum().backward()
        results["gradient"] = contents(leaf.grad)
    assert_same(observed, expected)


def masks_to_change(device: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Give masks of every kind, and one of ones alone: its product is one that code saves itself."""
    yield "torch.ones(2, device=device)", torch.ones(2, device=device)
    yield from every_mask(device, writable=True)


def forward_mode(multiply: Any, x: torch.Tensor) -> Any:
    """Return the derivative in one direction, or the error of a device that has no forward mode."""
    forward_ad: Any = import_module("torch.autograd.forward_ad")
    try:
        with forward_ad.dual_level() as level:
            # As ``make_dual`` does, but for rules that no product needs, which torch first compiles for it.
            dual = torch._make_dual(x, weights_of(x), level=level)
            return unsigned(forward_ad.unpack_dual(multiply(dual)).tangent)
    except (NotImplementedError, RuntimeError) as error:
        return f"raises {type(error).__name__}"


@IMPORTS_COMPILER
# Of finite numbers: torch tells a function of one's own that the tangent of the mask is zero, by which it may multiply.
@given(drawn=masked_inputs(kinds=("float", "complex"), finite=True), training=st.booleans())
@example(drawn=PLAIN, training=True)
@example(drawn=ALL_COMPLEX, training=False)
def test_gradient__forward_mode(implementation: Any, device: str, drawn: MaskAndInput, training: bool) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    expected = forward_mode(lambda value: mask * value, x)
    observed = forward_mode(implementation.FakeSparsity(mask).train(training), x)
    assert_same(observed, expected)
