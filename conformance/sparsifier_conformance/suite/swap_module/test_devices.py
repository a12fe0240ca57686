"""Checks of what ``swap_module`` does with devices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import cycle, product
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from sparsifier_conformance.checking.comparing import assert_same, error_of, raised
from sparsifier_conformance.checking.skips import not_applicable
from sparsifier_conformance.checking.swaps.hooks import Sparse, is_third, mapping_by, mapping_to, swapped, was_swapped
from sparsifier_conformance.checking.under_O import LOOKS
from sparsifier_conformance.devices.registry import elsewhere, moves, others

#: Tensors of every kind, their shape and their dtype; the words say the rest, such as that a buffer is not persistent.
TENSORS: dict[str, tuple[tuple[int, ...], torch.dtype]] = {
    "a parameter": ((2,), torch.float32),
    "a parameter beside None": ((2,), torch.float32),
    "a frozen parameter": ((2,), torch.float32),
    "an empty parameter": ((0,), torch.float32),
    "a parameter without dimensions": ((), torch.float32),
    "a parameter of a convolution": ((1, 1, 1, 1), torch.float32),
    "a buffer": ((2,), torch.float32),
    "a buffer beside None": ((2,), torch.float32),
    "a buffer that is not persistent": ((2,), torch.float32),
    "an empty buffer": ((0,), torch.float32),
    "an empty buffer that is not persistent": ((0,), torch.float32),
    "a buffer without dimensions": ((), torch.float32),
    "a buffer of integers": ((2,), torch.int64),
    "a boolean buffer": ((2,), torch.bool),
    "a boolean buffer without dimensions": ((), torch.bool),
    "a buffer that counts": ((), torch.int64),
}
PARAMETERS = tuple(kind for kind in TENSORS if "parameter" in kind)
BUFFERS = tuple(kind for kind in TENSORS if "buffer" in kind)


class Claiming(torch.Tensor):
    """A tensor that claims to be on a device which need not be there: enough for whoever asks where it is."""

    @staticmethod
    def __new__(cls, place: str, shape: tuple[int, ...] = (2,), dtype: torch.dtype = torch.float32) -> Any:
        make: Any = torch.Tensor._make_wrapper_subclass
        return make(cls, shape, dtype=dtype, device=torch.device(place))

    def detach(self) -> Any:
        """Return what a parameter is made of, without a dispatch, for which torch imports a third as much as itself."""
        return type(self)(str(self.device), tuple(self.shape), self.dtype)

    @classmethod
    def __torch_dispatch__(  # type: ignore[override, unused-ignore]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Do nothing but stay where it is."""
        return cls(str(args[0].device))


def _tensor_on(place: str, shape: tuple[int, ...], dtype: torch.dtype) -> Any:
    """Make a tensor on a device, or one that claims to be there."""
    try:
        return torch.ones(shape, dtype=dtype, device=place)
    except (AssertionError, RuntimeError):  # there is no such device
        return Claiming(place, shape, dtype)


def holding(kind: str, place: str, depth: int = 0) -> nn.Module:
    """Make a module that has one tensor.

    Parameters:
        kind: words for the tensor; beside None it stands if others are registered as None.
        place: the device that it is on, or claims to be on.
        depth: how many modules, which have no tensors, there are around the one that has it.
    """
    module, tensor = nn.Module(), _tensor_on(place, *TENSORS[kind])
    if "beside None" in kind:
        module.register_parameter("no_parameter", None)
        module.register_buffer("no_buffer", None)
    if "parameter" in kind:
        module.register_parameter("held", nn.Parameter(tensor, requires_grad="frozen" not in kind))
    else:
        module.register_buffer("held", tensor, persistent="not persistent" not in kind)
    for _ in range(depth):
        module = nn.Sequential(nn.ReLU(), module)
    return module


def _devices_of(module: nn.Module) -> list[str]:
    """Return where each tensor of a module is, and whether it was moved where nothing can be trained any more."""
    return [
        f"{each.device}, in inference mode" if not is_lazy(each) and each.is_inference() else str(each.device)
        for each in [*module.parameters(), *module.buffers()]
    ]


def _tensors_on(module: nn.Module) -> str:
    """Return how many tensors of a module are where, in words."""
    return ", ".join(f"{count} on {place}" for place, count in sorted(Counter(_devices_of(module)).items()))


def _came_back(result: Any, new: nn.Module) -> str:
    """Return what came back, in words: a module that is shown in full hides where it is."""
    return "the result" if result is new else "the old module"


#: The tensors of a result, one of each kind in each of three modules within one another, outermost first.
LEVELS = ("the result itself", "its child", "its grandchild")
KINDS = ("a frozen parameter", "a buffer of integers", "an empty buffer that is not persistent")
#: What of a result is made on another device than the one where it belongs: every tensor, or one alone.
ALL = "every tensor"
ALONE = [f"{kind} of {level}" for level, kind in product(LEVELS, KINDS)]


class Level(nn.Module):
    """One of the modules of a result, of a class that no old module has."""


def _new_on(device: str, place: str, made: str) -> nn.Module:
    """Make a result on a device, but for what is made elsewhere."""
    result: nn.Module = Level()
    for level in reversed(LEVELS):
        result, inner = Level(), result
        for kind in KINDS:
            held = _tensor_on(place if made in (ALL, f"{kind} of {level}") else device, *TENSORS[kind])
            if "parameter" in kind:
                result.register_parameter("frozen", nn.Parameter(held, requires_grad=False))
            else:
                result.register_buffer(kind.replace(" ", "_"), held, persistent="not persistent" not in kind)
        result.add_module("inner", inner)
    return result


def _moved(
    implementation: Any, ways: list[tuple[str, str]], kinds: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return where results are that were made elsewhere, and where they should be: on the device of the old module.

    Parameters:
        implementation: that which swaps.
        ways: from where to where a tensor can move.
        kinds: words for the one tensor that the old module has.
    """
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    # Each kind alone decides where to, and each tensor alone that the result is to be moved.
    cases = [*product(kinds, (ALL,)), *zip(cycle(kinds), ALONE, strict=False)]
    for (index, (kind, made)), (place, target) in product(enumerate(cases), ways):
        depth = index % 3
        old = holding(kind, target, depth)
        new = _new_on(target, place, made)
        case = f"{kind}, modules around it: {depth}, made on {place}: {made}"
        result = implementation.swap_module(old, mapping_to(new, type(old)))
        if is_third(result, old, new):
            continue
        observed[case] = _came_back(result, new), _tensors_on(new)
        expected[case] = "the result", f"{len(_devices_of(new))} on {target}"
    for place, target in ways:
        old, new = holding("a parameter", target), _new_on(target, place, ALL)
        new.register_parameter("of_the_old_module", next(old.parameters()))
        case = f"with a tensor of the old module, made on {place}"
        result = implementation.swap_module(old, mapping_to(new, type(old)))
        if is_third(result, old, new):
            continue
        observed[case] = _came_back(result, new), _tensors_on(new)
        expected[case] = "the result", f"{len(_devices_of(new))} on {target}"
    return observed, expected


def test_device_follows_parameters(implementation: Any, device: str) -> None:
    observed, expected = _moved(implementation, moves(device), PARAMETERS)
    for place, target in moves(device):
        if error_of(lambda target=target: nn.LazyLinear(3, device=target)) is not None:
            continue  # a parameter without a shape has a class of its own, which not every device makes
        lazy, plain = nn.LazyLinear(3, device=target), nn.Linear(2, 2, device=target)
        results = {"old module": nn.Linear(2, 2, device=place), "result": nn.LazyLinear(3, device=place)}
        for (case, new), old in zip(results.items(), (lazy, plain), strict=True):
            result = implementation.swap_module(old, mapping_to(new, type(old)))
            if is_third(result, old, new):
                continue
            observed[f"lazy {case}"] = _came_back(result, new), _tensors_on(new)
            expected[f"lazy {case}"] = "the result", f"2 on {target}"
    assert_same(observed, expected)


def test_device_follows_buffers(implementation: Any, device: str) -> None:
    observed, expected = _moved(implementation, moves(device), BUFFERS)
    assert_same(observed, expected)


def _without_tensors(device: str) -> dict[str, nn.Module]:
    """Make modules that have no tensors, whatever else they have."""
    absent = nn.BatchNorm1d(2, affine=False, track_running_stats=False)
    with_attribute: Any = nn.ReLU()
    with_attribute.scale = torch.ones(2, device=device)
    return {
        "nothing": nn.ReLU(),
        "no children": nn.Sequential(),
        "children without any": nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh())),
        "tensors that are None": nn.Sequential(absent),
        "a tensor that is a plain attribute": with_attribute,
    }


def test_no_tensors_no_move(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for place in elsewhere(device):
        for words, old in _without_tensors(device).items():
            for made in ("nothing", ALL, ALONE[0], ALONE[-1]):
                new = _new_on(device, place, made)
                case = f"{words}, made on {place}: {made}"
                expected |= {f"result of {case}": new, f"devices of {case}": _devices_of(new)}
                result = swapped(implementation, old, mapping_to(new, type(old)), new)
                observed |= {f"result of {case}": result, f"devices of {case}": _devices_of(result)}
    assert_same(observed, expected)


def _can_claim() -> bool:
    """Return whether this torch has parameters that can claim to be on a device which is not there."""
    try:
        return nn.Parameter(Claiming("xla:0")).device.type == "xla"
    except Exception:  # each release that cannot has its own error
        return False


def _second_device(device: str) -> None:
    """End the check if there is no other device, nor tensors that can claim to be on one."""
    if device == "meta":
        not_applicable("meta is not a place, so a module on meta and elsewhere is not on two devices")
    if not _can_claim():
        not_applicable(f"torch {torch.__version__} has no tensors that can claim to be on another device")


def test_mixed_devices_rejected(implementation: Any, device: str) -> None:
    _second_device(device)

    def swap(kind: str, one: str, other: str, from_dense: Any = lambda mod: nn.ReLU()) -> Any:
        index = [*TENSORS].index(kind)
        first = holding(("a parameter", "a buffer")[index % 2], one)
        old = nn.Sequential(first, holding(kind, other, index % 3))
        return implementation.swap_module(old, mapping_by(from_dense, nn.Sequential))

    observed: dict[str, Any] = {}
    for kind, place in product(TENSORS, others(device)):
        observed[f"{kind} on {place}"] = raised(AssertionError, swap, kind, device, place)
        observed[f"all but {kind} on {place}"] = raised(AssertionError, swap, kind, place, device)
    observed["on two of one kind"] = raised(AssertionError, swap, "a buffer", "xla:0", "xla:1")
    for place in others(device):
        return_it = partial(swap, "a parameter", device, place, lambda mod: mod)
        observed[f"returned itself, a parameter on {place}"] = raised(AssertionError, return_it)
    expected: dict[str, Any] = dict.fromkeys(observed, "AssertionError")
    for kind in TENSORS:
        result = swap(kind, device, device)
        observed[f"{kind} on the same device"] = isinstance(result, nn.Module)
        expected[f"{kind} on the same device"] = True
    assert_same(observed, expected)


def mixed_devices(implementation: Any) -> dict[str, str]:
    mapping = {nn.Linear: Sparse}
    mixed = nn.Linear(2, 2)
    # Not on meta, which code may leave out of account.
    mixed.register_buffer("mask", Claiming("xla:0"))
    return {
        "on two devices": raised(AssertionError, implementation.swap_module, mixed, mapping),
        "on one device": raised(AssertionError, implementation.swap_module, nn.Linear(2, 2), mapping),
    }


LOOKS["swap_module"] = mixed_devices


def test_rejected_under_O(implementation: Any, optimized: Any) -> None:
    _second_device("cpu")
    expected = {"on two devices": "AssertionError", "on one device": "no error"}
    observed = optimized(implementation, "swap_module")
    old = nn.Linear(2, 2)
    swaps = was_swapped(implementation.swap_module(old, {nn.Linear: Sparse}), old)
    if swaps and mixed_devices(implementation) != expected:
        observed = expected  # what is not rejected with asserts either is for another check
    assert_same(observed, expected)
