"""Checks of the mask and the input of ``FakeSparsity``: what they are, stay, and where they go."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import example, given, reject
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of
from sparsifier_conformance.checking.descriptions import MaskAndInput, Values
from sparsifier_conformance.checking.masks.every import every_mask
from sparsifier_conformance.checking.masks.masking import may_be_differentiated
from sparsifier_conformance.checking.masks.numbers import kinds_of_dtypes
from sparsifier_conformance.checking.masks.strategies import dtypes, masked_inputs
from sparsifier_conformance.checking.skips import holds_values
from sparsifier_conformance.checking.world.circumstances import CIRCUMSTANCES, MODES, called
from sparsifier_conformance.checking.world.states import tensor_state
from sparsifier_conformance.checking.world.values import changes
from sparsifier_conformance.devices.registry import elsewhere

PLAIN = MaskAndInput(Values("float32", (2,), (1.0, 0.0)), Values("float32", (2,), (2.0, 3.0)))


def test_mask_is_buffer(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for code, mask in every_mask(device):
        if "reshape" in code:
            continue  # it may well be a buffer of any shape
        sparsity = implementation.FakeSparsity(mask)
        observed[code] = {
            "parameters": [name for name, _ in sparsity.named_parameters()],
            "is the attribute a tensor": isinstance(sparsity.mask, torch.Tensor),
            "is the attribute the buffer": dict(sparsity.named_buffers()).get("mask") is sparsity.mask,
        }
        expected[code] = {
            "parameters": [],
            "is the attribute a tensor": True,
            "is the attribute the buffer": True,
        }
    assert_same(observed, expected)


#: What is done to a module whose mask stays the tensor that it is.
KEEPING: dict[str, Callable[[Any, torch.Tensor], Any]] = {
    "made": lambda sparsity, x: None,
    "called": lambda sparsity, x: sparsity(x),
    "called without grad": lambda sparsity, x: called("without grad", sparsity, x),
    "called with another shape": lambda sparsity, x: sparsity(torch.ones(7, 7, device=x.device)),
    "differentiated": lambda sparsity, x: sparsity(x.clone().requires_grad_()).sum().backward(),
    "updated in place": lambda sparsity, x: sparsity.mask.fill_(0),
    "called again": lambda sparsity, x: sparsity(x),
    "in eval mode": lambda sparsity, x: sparsity.eval(),
    "saved": lambda sparsity, x: sparsity.state_dict(),
    "saved by a parent": lambda sparsity, x: nn.ModuleList([sparsity]).state_dict(),
    "loaded": lambda sparsity, x: nn.ModuleList([sparsity]).load_state_dict({}, strict=False),
    # States without a mask: what one that has a mask does is nobody's promise.
    "loaded strictly": lambda sparsity, x: sparsity.load_state_dict(nn.Identity().state_dict()),
    "loaded, assigned": lambda sparsity, x: sparsity.load_state_dict(
        nn.Identity().state_dict(), strict=False, assign=True
    ),
    "loaded strictly by a parent, assigned": lambda sparsity, x: nn.ModuleList([sparsity]).load_state_dict(
        nn.ModuleList([nn.Identity()]).state_dict(), assign=True
    ),
    "copied": lambda sparsity, x: copy.deepcopy(sparsity),
    "pickled": lambda sparsity, x: pickle.dumps(sparsity),
    "given another for a call": lambda sparsity, x: torch.func.functional_call(
        sparsity, {"mask": torch.ones_like(sparsity.mask)}, (x,)
    ),
}
#: What is assigned to a module in place of a mask, as code: of other shapes, dtypes and strides.
ASSIGNED = (
    "torch.ones(1, device=device)",
    "torch.ones((), device=device)",
    "torch.ones(1, device=device).expand(2, 5)",
    "torch.ones(5, 2, device=device).t()",
    "torch.ones(4, device=device)[1:3]",
    "torch.ones(2, dtype=torch.bool, device=device)",
    "torch.ones(2, dtype=torch.int32, device=device)",
    "torch.ones(2, dtype=torch.float16, device=device)",
    "torch.ones(0, device=device)",
)


def test_mask_identity(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for position, (code, mask) in enumerate(every_mask(device)):
        sparsity, sharing = implementation.FakeSparsity(mask), implementation.FakeSparsity(mask)
        for what, done in KEEPING.items():
            error_of(done, sparsity, torch.ones(mask.shape, device=device))  # what it may raise is for other checks
            # In words: what is done later may change the values of either.
            observed[f"{code}, {what}"] = "the mask given" if sparsity.mask is mask else "another tensor"
            expected[f"{code}, {what}"] = "the mask given"
        for other in ("torch.zeros_like(mask)", ASSIGNED[position % len(ASSIGNED)]):
            assigned = eval(other, {"torch": torch, "device": device, "mask": mask})
            sparsity.mask = assigned
            observed[f"{code}, {other} assigned"] = sparsity.mask is assigned, sharing.mask is mask
            expected[f"{code}, {other} assigned"] = True, True
    elsewhere_made, assigned = implementation.FakeSparsity(torch.ones(2, device="meta")), torch.ones(2, device=device)
    elsewhere_made.mask = assigned
    observed["assigned over one on another device"] = elsewhere_made.mask
    expected["assigned over one on another device"] = assigned
    assert_same(observed, expected)


@pytest.mark.parametrize("mode", MODES)
def test_mask_identity__modes(implementation: Any, device: str, mode: str) -> None:
    mask = torch.tensor([1.0, 0.0], device=device)
    observed = called(mode, implementation.FakeSparsity, mask).mask
    expected = mask
    assert_same(observed, expected)


@given(
    drawn=masked_inputs(),
    kind=st.sampled_from(("a tensor", "a leaf", "a parameter", "a result")),
    circumstance=st.sampled_from(CIRCUMSTANCES),
    training=st.booleans(),
)
@example(drawn=PLAIN, kind="a parameter", circumstance="as usual", training=True)
@example(drawn=PLAIN, kind="a tensor", circumstance="without grad", training=False)
@example(drawn=PLAIN, kind="a tensor", circumstance="in inference mode", training=True)
def test_input_unchanged(
    implementation: Any, device: str, drawn: MaskAndInput, kind: str, circumstance: str, training: bool
) -> None:
    holds_values(device)
    mask, x = drawn.build(device)
    if kind != "a tensor" and may_be_differentiated(x):
        x.requires_grad_()
        x = {"a leaf": x, "a parameter": nn.Parameter(x.detach()), "a result": 1 * x}[kind]
        if x.is_leaf:
            x.grad = torch.ones_like(x)
    refused = torch.ones(7, 7, device=device, requires_grad=True)
    refused.grad = torch.ones_like(refused)
    sparsity = implementation.FakeSparsity(mask)
    sparsity.train(training)
    seen = {"input": x, "input of another shape": refused, "mask": sparsity.mask}

    def state() -> dict[str, Any]:
        tensors = [tensor_state(tensor, name) for name, tensor in seen.items()]
        return {"training": sparsity.training, **{name: value for each in tensors for name, value in each.items()}}

    before = state()
    error_of(sparsity, refused)
    for _ in range(5):
        error_of(called, circumstance, sparsity, x)
    masked: Any = implementation.FakeSparsity(torch.zeros(1, device=device))(torch.ones(1, device=device))
    observed = {"what has changed": changes(before, state()), "a result": tuple(masked.shape)}
    expected = {"what has changed": {}, "a result": (1,)}
    assert_same(observed, expected)


def test_input_unchanged__masks(implementation: Any, device: str) -> None:
    holds_values(device)
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for code, mask in every_mask(device):
        mask.grad = torch.ones_like(mask)
        sparsity, before = implementation.FakeSparsity(mask), tensor_state(mask, "mask")
        result = sparsity(torch.zeros(mask.shape, device=device))
        observed[code] = changes(before, tensor_state(mask, "mask")), tuple(result.shape)
        expected[code] = {}, tuple(mask.shape)
    assert_same(observed, expected)


def _plain(dtype: str, shape: tuple[int, ...], device: str) -> Any:
    """Make a module with a mask as a plain buffer: what becomes of that is what torch means by moving."""
    plain = nn.Module()
    plain.register_buffer("mask", torch.ones(shape, dtype=getattr(torch, dtype), device=device))
    return plain


@given(dtype=dtypes("float", "bool", "signed", "unsigned"), to=dtypes("float"), shape=st.sampled_from(((2,), (), (0,))))
@example(dtype="bool", to="float64", shape=(2,))
@example(dtype="float32", to="float64", shape=(2,))
@example(dtype="float32", to="float64", shape=())
@example(dtype="float32", to="float64", shape=(0,))
@example(dtype="int64", to="float16", shape=(2,))
@example(dtype="float32", to="float16", shape=(2,))
@example(dtype="float32", to="bfloat16", shape=(2,))
def test_moves_with_module(implementation: Any, device: str, dtype: str, to: str, shape: tuple[int, ...]) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for place in elsewhere(device):
        if error_of(lambda place=place: _plain(dtype, shape, place).to(device).to(getattr(torch, to))) is not None:
            reject()  # not every device takes every dtype
        module: Any = nn.Module()
        module.add_module("sparsity", implementation.FakeSparsity(_plain(dtype, shape, place).mask))
        plain = nn.Module()
        plain.register_buffer("mask", module.sparsity.mask.clone())
        observed[f"moved from {place}"] = contents(module.to(device).sparsity.mask)
        expected[f"moved from {place}"] = contents(plain.to(device).mask)
        observed[f"cast, moved from {place}"] = contents(module.to(getattr(torch, to)).sparsity.mask)
        expected[f"cast, moved from {place}"] = contents(plain.to(getattr(torch, to)).mask)
        # A module that is moved or cast moves its children in another way than they do themselves.
        alone = implementation.FakeSparsity(_plain(dtype, shape, place).mask).to(device)
        observed[f"alone, moved from {place}"] = contents(alone.mask)
        expected[f"alone, moved from {place}"] = expected[f"moved from {place}"]
        observed[f"alone, cast, moved from {place}"] = contents(alone.to(getattr(torch, to)).mask)
        expected[f"alone, cast, moved from {place}"] = expected[f"cast, moved from {place}"]
    assert_same(observed, expected)


def test_moves_with_module__every_dtype(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for dtype, kind in kinds_of_dtypes().items():
        for to in (torch.float16, torch.float32, torch.float64) if kind != "complex" else ():
            plain: list[Any] = []
            if error_of(lambda dtype=dtype, to=to, made=plain: made.append(_plain(dtype, (2,), device).to(to))):
                continue  # not every device takes every dtype
            alone, within = (implementation.FakeSparsity(_plain(dtype, (2,), device).mask) for _ in range(2))
            alone.to(to)
            nn.ModuleList([within]).to(to)
            observed[f"{dtype} to {to}"] = contents(alone.mask), contents(within.mask)
            expected[f"{dtype} to {to}"] = contents(plain[0].mask), contents(plain[0].mask)
    assert_same(observed, expected)


def test_moves_with_module__one_of_two_alike(implementation: Any, device: str) -> None:
    module: Any = nn.LayerNorm(2, device=device)
    for _ in range(2):
        sparsity = implementation.FakeSparsity(torch.ones(2, device=device))
        parametrize.register_parametrization(module, "weight", sparsity)
    module.to(torch.float16)
    observed = [str(module.parametrizations.weight[index].mask.dtype) for index in range(2)]
    expected = ["torch.float16"] * 2
    assert_same(observed, expected)
