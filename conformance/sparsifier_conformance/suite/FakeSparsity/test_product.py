"""Checks of the product of ``FakeSparsity``."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from sparsifier_conformance.checking.comparing import assert_same, contents, in_case
from sparsifier_conformance.checking.descriptions import MaskAndInput, Values
from sparsifier_conformance.checking.masks.every import every_mask
from sparsifier_conformance.checking.masks.masking import may_be_differentiated, ways_to_call
from sparsifier_conformance.checking.masks.numbers import crossed_numbers, special_numbers
from sparsifier_conformance.checking.masks.strategies import PLAIN, masked_inputs
from sparsifier_conformance.checking.skips import holds_values
from sparsifier_conformance.checking.world.circumstances import MODES, called, under

NAN = float("nan")
SPECIAL = MaskAndInput(
    Values("float32", (4,), (0.0, 0.0, -1.0, 1.0)), Values("float32", (4,), (NAN, float("inf"), 0.0, NAN))
)
ZEROS_AND_ONES = MaskAndInput(
    Values("float32", (4,), (0.0, 0.0, 0.0, 1.0)), Values("float32", (4,), (NAN, float("inf"), -1.0, NAN))
)
#: Where a mask of truth selects, a zero loses its sign.
SELECTING = MaskAndInput(Values("bool", (3,), (True, False, False)), Values("float32", (3,), (2.0, -3.0, -0.0)))
#: As many dimensions as torch has room for on every device.
MANY_DIMENSIONS = MaskAndInput(
    Values("float32", (2, *(1,) * 24), (0.0, 0.5)), Values("float32", (2, *(1,) * 24), (3.0, -1.0))
)
#: The dtype of the result is that of the mask.
WIDER = (
    MaskAndInput(Values("float64", (2,), (0.1, 0.0)), Values("float32", (2,), (3.0, 1.0))),
    MaskAndInput(Values("float16", (2,), (0.5, 0.0)), Values("int64", (2,), (3, 1))),
    MaskAndInput(Values("complex64", (2,), (1j, 0j)), Values("float32", (2,), (3.0, 1.0))),
)
ZEROS = MaskAndInput(Values("float32", (3,), (0.0, 0.0, 0.0)), Values("float32", (3,), (NAN, -1.0, 2.0)))


@given(drawn=masked_inputs(), trained=st.booleans())
@example(drawn=PLAIN, trained=True)  # the first that fails is shown
@example(drawn=SPECIAL, trained=True)
@example(drawn=ZEROS_AND_ONES, trained=True)
@example(drawn=ZEROS, trained=False)
@example(drawn=SELECTING, trained=False)
@example(drawn=MANY_DIMENSIONS, trained=False)
@example(drawn=ZEROS, trained=True)
@example(drawn=WIDER[0], trained=True)
@example(drawn=WIDER[1], trained=False)
@example(drawn=WIDER[2], trained=True)
def test_product(implementation: Any, device: str, drawn: MaskAndInput, trained: bool) -> None:
    mask, x = drawn.build(device)
    sparsity = implementation.FakeSparsity(mask)
    observed = {"result": contents(sparsity(x))}
    expected = {"result": contents(mask * x)}
    if may_be_differentiated(x):
        parameter = nn.Parameter(x.detach(), requires_grad=trained)
        observed["result of a parameter"] = contents(sparsity(parameter))
        expected["result of a parameter"] = contents(mask * parameter)
    assert_same(observed, expected)


def product_by(implementation: Any, mask: torch.Tensor, x: torch.Tensor) -> Any:
    """Return the contents of the product of a new module."""
    return contents(implementation.FakeSparsity(mask)(x))


def test_product__layouts(implementation: Any, device: str) -> None:
    holds_values(device)
    observed = {}
    expected = {}
    for code, mask in every_mask(device):
        x = mask.clone(memory_format=torch.contiguous_format)
        for case, pair in {f"mask = {code}, times itself": (mask, x), f"x = {code}, times itself": (x, mask)}.items():
            observed[case] = in_case(case, product_by, implementation, *pair)
            expected[case] = contents(pair[0] * pair[1])
    assert_same(observed, expected)


def test_product__circumstances(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    products: dict[str, Any] = {}
    for label, circumstance, training, by_forward in ways_to_call():
        mask, x = SPECIAL.build(device)
        if circumstance not in products:
            products[circumstance] = in_turn(circumstance, lambda value, mask=mask: mask * value, x.clone())
        sparsity = implementation.FakeSparsity(mask)
        sparsity.train(training)
        # The input of one is made where it is called: in inference mode it is another one then.
        call = (lambda x, sparsity=sparsity: sparsity.forward(x.clone())) if by_forward else sparsity
        observed[label] = in_case(label, in_turn, circumstance, call, x)
        expected[label] = products[circumstance]
    assert_same(observed, expected)


def in_turn(circumstance: str, multiply: Any, x: torch.Tensor) -> list[Any]:
    """Return the products with an input, and with what it is changed to: each has memory of its own."""
    first = called(circumstance, multiply, x)
    x.data.fill_(2)
    second = called(circumstance, multiply, x)
    return [contents(first), contents(second)]


#: Of numbers in a row, each as a tensor of its own kind.
PARTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "all": torch.Tensor.clone,
    "without dimensions": lambda numbers: numbers[0].clone(),
    # Not the last ones: torch has two ways for one number, of which one overflows.
    "the second alone": lambda numbers: numbers[1:2],
    "with gaps": lambda numbers: numbers.repeat_interleave(2)[1::2],
    "all, of a leaf": lambda numbers: numbers.clone().requires_grad_(may_be_differentiated(numbers)),
}


def test_product__numbers(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for pair, mask, x in crossed_numbers(device):
        for part, of in PARTS.items():
            of_mask, of_x = of(mask).detach(), of(x)
            observed[f"{pair}, {part}"] = in_case(f"{pair}, {part}", product_by, implementation, of_mask, of_x)
            expected[f"{pair}, {part}"] = contents(of_mask * of_x)
        sparsity = implementation.FakeSparsity(mask).eval()
        with under(MODES[-1]):
            try:
                by_torch = contents(mask * x)
                _ = torch.empty_like(mask), torch.empty_like(x)  # which others may need on the way
            except RuntimeError:  # torch 2.4 fills no complex32 where algorithms are deterministic
                continue
            case = f"{pair}, {MODES[-1]}, eval mode"
            observed[case] = contents(in_case(case, sparsity, x))
            expected[case] = by_torch
    assert_same(observed, expected)


def test_product__special_numbers(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for position, (pair, mask, x) in enumerate(special_numbers(device)):
        case = f"{position}. {pair}, {tuple(x.shape)}"
        observed[case] = in_case(case, product_by, implementation, mask, x)
        expected[case] = contents(mask * x)
    assert_same(observed, expected)


def test_product__of_many(implementation: Any, device: str) -> None:
    holds_values(device)
    numbers = torch.arange(-65536.0, 65536.0, device=device).reshape(256, 512)
    masks = {"numbers": 0.5 * (numbers % 3) - 0.25, "truth values": numbers % 3 == 0}
    numbers[:2, :3] = torch.tensor([NAN, float("inf"), -float("inf")], device=device)
    observed: dict[str, Any] = {}
    for (kind, mask), mode in product(masks.items(), MODES[:2]):
        sparsity = implementation.FakeSparsity(mask)
        case = f"{kind}, {mode}"
        results = [in_case(case, called, mode, sparsity, x) for x in (numbers, -numbers)]  # each has memory of its own
        products = [mask * x for x in (numbers, -numbers)]
        alike = [(one == other) | (one.isnan() & other.isnan()) for one, other in zip(results, products, strict=True)]
        observed[case] = [bool(each.all()) for each in alike]
    expected: dict[str, Any] = {label: [True, True] for label in observed}
    assert_same(observed, expected)
