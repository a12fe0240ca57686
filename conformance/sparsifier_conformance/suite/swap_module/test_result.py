"""Checks of what ``swap_module`` leaves as it is: the result, and the old module."""

from __future__ import annotations

from itertools import product
from typing import Any

import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from sparsifier_conformance.checking.comparing import assert_same, contents, error_of
from sparsifier_conformance.checking.models.furnished import BACKWARD_AND_STATE_DICT_HOOKS, furnished
from sparsifier_conformance.checking.skips import takes_dtype
from sparsifier_conformance.checking.swaps.hooks import mapping_by, mapping_to, swapped, was_swapped
from sparsifier_conformance.checking.world.states import state_of
from sparsifier_conformance.checking.world.values import changes
from sparsifier_conformance.devices.registry import elsewhere


@given(flag=st.booleans(), parametrized=st.booleans())
@example(flag=True, parametrized=True)
def test_result_kept(implementation: Any, device: str, flag: bool, parametrized: bool) -> None:
    # All flags are the same: whether they are carried is for another check to see.
    old: Any = nn.Linear(2, 2).to(device).train(flag).requires_grad_(flag)
    old.child = nn.Sequential(nn.BatchNorm1d(2, device=device), nn.ReLU())
    old.child.register_forward_pre_hook(lambda *args: None)
    old.child.register_forward_hook(lambda *args: None)
    # What has the same name on the new module, and is persistent where that is not.
    old.register_buffer("image", torch.ones(2, device=device), persistent=False)
    old.register_buffer("channels_last", torch.ones(2, device=device))
    old.note = {"a plain attribute": "of the old module"}
    new = furnished(nn.Linear, 3.0, flag, device).train(flag).requires_grad_(flag)
    if parametrized:
        parametrize.register_parametrization(new, "weight", nn.Tanh())
        new.train(flag)
    untouched = state_of(new)
    # What torch itself changes of a module that it is told to move to where it is, such as the objects that a vendor's
    # backend keeps with a tensor.
    by_torch = changes(untouched, state_of(new.to(device)))
    before = state_of(new)
    result = swapped(implementation, old, mapping_to(new), new)
    changed = {what: how for what, how in changes(before, state_of(new)).items() if what not in by_torch}
    observed = {"result": result, "changes of the result": changed}
    expected = {"result": new, "changes of the result": {}}
    assert_same(observed, expected)


class OwnParameter(nn.Parameter):
    """A parameter of a class of one's own."""


def test_result_kept__what_it_shares(implementation: Any, device: str) -> None:
    old, new = (nn.Linear(2, 2).to(device) for _ in range(2))
    new.weight, new.child = old.weight, old
    new.register_parameter("own", OwnParameter(torch.ones(2, device=device)))
    before = [*new.parameters(), *new.modules()]
    result = swapped(implementation, old, mapping_to(new), new)
    observed = [result, *new.parameters(), *new.modules()]
    expected = [new, *before]
    assert_same(observed, expected)


def _looks_of(module: nn.Module) -> dict[str, Any]:
    """Return what a move between devices leaves as it is: all but which objects tensors are, and their ties."""
    looks: dict[str, Any] = {"keys of the state dict": list(module.state_dict())}
    for path, each in module.named_modules():
        looks[f"type of {path!r}"] = type(each).__name__
        looks[f"attributes of {path!r}"] = list(vars(each))
        looks[f"training of {path!r}"] = each.training
        looks[f"number of hooks of {path!r}"] = [
            len(hooks) for name, hooks in vars(each).items() if name.endswith("hooks") and isinstance(hooks, dict)
        ]
        kept = [(name, value) for name, value in vars(each).items() if isinstance(value, torch.Tensor)]
        for name, tensor in [*each._parameters.items(), *each._buffers.items(), *kept]:
            looks[f"{name} of {path!r}"] = "None" if tensor is None else _looks_of_tensor(tensor)
    return looks


def _looks_of_tensor(tensor: torch.Tensor) -> dict[str, Any]:
    looks = {**contents(tensor), "stride": str(tensor.stride()), "requires_grad": tensor.requires_grad}
    return {**looks, "grad": "None" if tensor.grad is None else _looks_of_tensor(tensor.grad)}


def _places_of(module: nn.Module) -> list[torch.device]:
    """Return where the tensors of a module are."""
    return [each.device for each in (*module.parameters(), *module.buffers())]


def test_result_kept__that_moves(implementation: Any, device: str) -> None:
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for place, flag in product(elsewhere(device)[-1:], (True, False)):
        # Moved there, as it is made of random numbers, which fake:cuda has none of.
        old = nn.Linear(2, 2).to(device).eval().requires_grad_(flag)
        new, by_hand = (furnished(nn.Linear, 3.0, True, place).eval().requires_grad_(flag) for _ in range(2))
        new.kept, by_hand.kept = (torch.ones(2, device=place) for _ in range(2))  # an attribute, which is not moved
        result = implementation.swap_module(old, mapping_to(new))
        if was_swapped(result, old) and result is not new:
            continue  # for a third one, which is for other checks to say
        by_hand.to(device)
        if _places_of(new) != _places_of(by_hand):
            continue  # so is where it went
        label = f"made on {place}, requires_grad {flag}"
        observed |= {f"result {label}": result, f"what it is then, {label}": _looks_of(new)}
        expected |= {f"result {label}": new, f"what it is then, {label}": _looks_of(by_hand)}
    assert_same(observed, expected)


def _failing(mod: nn.Module) -> nn.Module:
    raise ValueError("raised by from_dense")


@given(flag=st.booleans(), parametrized=st.booleans())
def test_old_module_unchanged(implementation: Any, flag: bool, parametrized: bool) -> None:
    old, new = furnished(nn.Linear, 2.0, flag), furnished(nn.Linear, 3.0, not flag)
    if parametrized:
        parametrize.register_parametrization(old, "weight", nn.Tanh())
    before = state_of(old)
    observed: dict[str, Any] = {
        "result": swapped(implementation, old, mapping_to(new), new),
        "changes of the old module": changes(before, state_of(old)),
    }
    if parametrized and observed["result"] is old:
        observed["result"] = new  # what a parametrized module is taken for is for other checks
    error_of(implementation.swap_module, old, mapping_by(_failing))
    observed["changes of the old module after an error"] = changes(before, state_of(old))
    expected = {
        "result": new,
        "changes of the old module": {},
        "changes of the old module after an error": {},
    }
    assert_same(observed, expected)


def _differentiate(device: str) -> None:
    loss: Any = torch.ones(1, device=device, requires_grad=True).sum()
    loss.backward()


def _plain_attributes(module: nn.Module) -> dict[str, str]:
    """Return the attributes of a module that are plain values, such as of which kind its backward hooks are."""
    return {name: repr(each) for name, each in vars(module).items() if isinstance(each, (bool, int, str, type(None)))}


def _names_of(module: nn.Module) -> list[str]:
    """List the names of all that a module has."""
    return [*vars(module), *module._parameters, *module._buffers, *module._modules]


@given(training=st.booleans(), dtype=st.sampled_from(("float64", "float16")))
def test_nothing_else_carried(implementation: Any, device: str, training: bool, dtype: str) -> None:
    takes_dtype(device, dtype)
    calls: list[str] = []
    requires_grad = not training
    old: Any = (
        nn.Linear(2, 2).to(device).to(getattr(torch, dtype)).train(not training).requires_grad_(not requires_grad)
    )
    old.register_buffer("mask", torch.ones(2, device=device, dtype=getattr(torch, dtype)))
    old.register_parameter("scale", nn.Parameter(torch.ones(2, device=device), not requires_grad))
    old.child, old.note = nn.ReLU(), "a plain attribute"
    for register in BACKWARD_AND_STATE_DICT_HOOKS:
        if hasattr(old, register):  # some are newer than the oldest torch
            getattr(old, register)(lambda *args, register=register: calls.append(register))
    new: Any = nn.Linear(2, 2).to(device).train(training).requires_grad_(requires_grad)
    new.register_buffer("coarse", torch.ones(2, device=device, dtype=torch.float16))
    names, attributes = _names_of(new), _plain_attributes(new)
    result = swapped(implementation, old, mapping_by(lambda mod: new), new)
    observed = {"result": result, "names": _names_of(result), "attributes": _plain_attributes(result)}
    calls.clear()  # an implementation may look at the old module's state
    result.register_full_backward_hook(lambda *args: None)  # with which torch runs all that are there
    # Where the result is: that is for other checks.
    y = result(torch.ones(1, 2, device=result.weight.device, requires_grad=True))
    if error_of(_differentiate, device) is None:  # not every device that is made up can, or takes copies
        y.sum().backward()
        result.load_state_dict(result.state_dict())
    observed |= {
        "training": result.training,
        "dtypes": [result.weight.dtype, result.coarse.dtype],
        "requires_grad": [parameter.requires_grad for parameter in result.parameters()],
        "hooks called": calls,
    }
    expected = {
        "result": new,
        "names": names,
        "attributes": attributes,
        "training": training,
        "dtypes": [torch.float32, torch.float16],
        "requires_grad": [requires_grad] * 2,
        "hooks called": [],
    }
    assert_same(observed, expected)


class Answering(nn.Linear):
    """A module that has an attribute of whatever name one asks for, unless it is private or torch's own."""

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name.startswith("_") or name == "parametrizations":
                raise
        return name


def test_nothing_else_carried__that_only_the_old_module_has(implementation: Any, device: str) -> None:
    old: Any = nn.Linear(2, 2).to(device)
    old.__class__ = Answering  # as it is made, torch asks for names that nothing has
    old.weight.grad, old.weight.label = torch.ones(2, 2, device=device), "of the old module"
    old.weight.register_hook(lambda grad: grad)
    old.child, old.qconfig, old.activation_post_process = nn.ReLU(), "fast", nn.Identity()
    old._private, old.forward = "of the old module", lambda x: x
    for name in ("name", "fqn", "tag", "layer_idx", "sparse_params"):  # which tools leave on a module
        setattr(old, name, "of the old module")
    new = nn.Linear(2, 2, bias=False).to(device)
    new.add_module("child", None)
    alike = nn.Linear(2, 2).to(device)
    names, values = _names_of(new), contents(alike.weight)["values"]
    results = [
        swapped(implementation, old, mapping_to(new, Answering), new),
        swapped(implementation, nn.Linear(2, 2).to(device), mapping_to(alike), alike),
    ]
    observed = {
        "results": results,
        "names": _names_of(new),
        "what is None there": [new._parameters.get("bias"), new._modules.get("child"), new.weight.grad],
        "whether the weight has the attribute of the old one": hasattr(new.weight, "label"),
        "hooks of the weight": len(new.weight._backward_hooks or ()),
        "values of one that has the same tensors": contents(alike.weight)["values"],
    }
    expected = {
        "results": [new, alike],
        "names": names,
        "what is None there": [None, None, None],
        "whether the weight has the attribute of the old one": False,
        "hooks of the weight": 0,
        "values of one that has the same tensors": values,
    }
    assert_same(observed, expected)
