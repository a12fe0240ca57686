"""The state of a model, of a tensor, and of torch and Python beyond any model, each as a value."""

from __future__ import annotations

import os
import random
import sys
import warnings
from typing import Any
from zlib import crc32

import torch
from torch import nn

from ..comparing import contents
from .switches import switches
from .values import Attributes, Kept, answer_to, value_of
from .watching import unheeded


def state_of(model: nn.Module) -> dict[str, Any]:
    """Return the state of a model, in words: its modules by their first paths, what is registered, and every attribute.

    Classes, orders, hooks and flags are part of it, and of each tensor all that there is to know.
    """
    with unheeded():
        return _state_of(model)


def _state_of(model: nn.Module) -> dict[str, Any]:
    state: dict[str, Any] = {}
    to_come, seen = [("", model)], {id(model)}
    for path, module in to_come:
        kept = {**vars(module), **{name: getattr(module, name) for name in ("_modules", "_parameters", "_buffers")}}
        state[f"the module {path!r}"] = Kept(module), Kept(type(module)), list(kept)
        for name, value in kept.items():
            state[f"{name} of {path!r}"] = value_of(value)
            held = dict(value.items()) if name in ("_parameters", "_buffers") else {name: value}
            for tensor_name, tensor in held.items():
                if isinstance(tensor, torch.Tensor):
                    state.update(tensor_state(tensor, f"{path}.{tensor_name}"))
        for name, child in kept["_modules"].items():
            if child is not None and id(child) not in seen:
                seen.add(id(child))
                to_come.append((f"{path}.{name}" if path else name, child))
    for kind in {type(module): None for _, module in to_come}:
        state[f"the class {kind.__name__}"] = Attributes(kind)
    return state


def tensor_state(tensor: torch.Tensor, name: str) -> dict[str, Any]:
    """Return the state of a tensor, in words that end with its name: values, layout, version, flags, grad, hooks."""
    state: dict[str, Any] = {"identity": Kept(tensor), "values": answer_to(lambda: repr(contents(tensor)))}
    for each in ("requires_grad", "is_leaf", "_version", "grad_fn", "retains_grad", "layout", "__dict__", "__class__"):
        state[each] = answer_to(getattr, tensor, each, None)
    for each in ("_backward_hooks", "_post_accumulate_grad_hooks"):
        state[each] = answer_to(getattr, tensor, each, None)
    for each in ("stride", "storage_offset", "data_ptr", "is_inference"):
        state[each] = answer_to(getattr(tensor, each, bool))
    named = {f"{each} of the tensor {name!r}": value for each, value in state.items()}
    # Of a tensor that is no leaf torch warns that it has no gradient.
    grad = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    return named if grad is None else {**named, **tensor_state(grad, f"{name}.grad")}


def global_state() -> dict[str, Any]:
    """Return the state of torch and Python beyond any model, in words: every switch that the installed torch has."""
    filters, shown = tuple(warnings.filters), warnings.showwarning
    watching = {"sys.gettrace": Kept(sys.gettrace()), "sys.getprofile": Kept(sys.getprofile())}
    with unheeded(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some questions are deprecated
        state = {switch.name: answer_to(switch.ask) for switch in switches()}
        state["warnings"] = repr(filters), Kept(shown)
        state["random state of Python"] = hash(random.getstate())
        state["random state of torch"] = crc32(bytes(torch.get_rng_state().tolist()))
    state.update(watching)
    state.update({f"environment {name}": value for name, value in os.environ.items()})
    for owner in (nn.Module, torch.Tensor):
        state[f"the class {owner.__name__}"] = Attributes(owner)
    return state
