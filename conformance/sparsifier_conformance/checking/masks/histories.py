"""Histories of a mask: what users do to a model between two calls, as lines of torch code.

The model is called ``model``, and the mask is in ``model.sparsity``.
"""

from __future__ import annotations

import copy
import io
import pickle
from functools import lru_cache
from types import CodeType
from typing import Any

import torch
from hypothesis import strategies as st
from torch import nn

from ..comparing import error_of

#: What changes the mask: torch's own sparsifiers assign to ``mask.data``, and to ``mask`` when they are loaded.
CHANGES = (
    "model.sparsity.mask.fill_(0)",
    "model.sparsity.mask.data = torch.zeros_like(model.sparsity.mask)",
    "model.sparsity.mask = torch.zeros_like(model.sparsity.mask)",
    "model.sparsity.mask = model.sparsity.mask.new_ones(4, 3)",
    "model.sparsity.mask.data.logical_not_()",
    "model.sparsity.mask.data = model.sparsity.mask.new_ones(6)",
    "model.sparsity._buffers['mask'] = torch.zeros_like(model.sparsity.mask)",
    "model.sparsity.mask.set_(torch.ones_like(model.sparsity.mask))",
    "model.sparsity.mask = model.sparsity.mask.bool()",
    "model.sparsity.mask = torch.full_like(model.sparsity.mask, 0.5, dtype=torch.float32)",
    "model.sparsity.mask = torch.full_like(model.sparsity.mask, 3, dtype=torch.int64)",
    "model.sparsity.mask[:1] = 0",
    "model.sparsity.mask.copy_(torch.ones_like(model.sparsity.mask))",
    "model.sparsity.mask.data.fill_(1)",
    "model.sparsity.mask.copy_(model.sparsity.mask.flip(-1))",
    "model.sparsity.mask.detach().zero_()",
    "with torch.no_grad(): model.sparsity.mask.logical_not_()",
    "with torch.inference_mode(): model.sparsity.mask.fill_(1)",
    "nn.init.ones_(model.sparsity.mask)",
    "model.sparsity.mask.t_()",
    # Of the memory that the mask has already.
    "model.sparsity.mask.data = model.sparsity.mask.data[:1]",
    "model.sparsity.mask = model.sparsity.mask[:1]",
    "model.sparsity.mask = model.sparsity.mask.t()",
    "setattr(model.get_submodule('sparsity'), 'mask', torch.ones_like(model.sparsity.mask))",
    # During each call from now on, before the product.
    "model.sparsity.register_forward_pre_hook(lambda module, args: setattr(module, 'mask', module.mask.logical_not()))",
)
#: What copies the model.
COPIES = (
    "model = copy.deepcopy(model)",
    "model = pickle.loads(pickle.dumps(model))",
    "file = io.BytesIO(); torch.save(model, file); file.seek(0); model = torch.load(file, weights_only=False)",
)
#: What moves, casts, or loads it.
MOVES = (
    "model.double()",
    "model.half()",
    "model.to(torch.float32)",
    "model.to(model.sparsity.mask.device)",
    "model.sparsity.bfloat16()",
    "model._apply(torch.clone)",
    "model.sparsity.share_memory()",
    "model.sparsity.to_empty(device=model.sparsity.mask.device); model.sparsity.mask.fill_(1)",
    "model.sparsity.load_state_dict({}, strict=False)",
    "model.load_state_dict(model.state_dict(), strict=False)",
    "model.load_state_dict(model.state_dict(), strict=False, assign=True)",
)
#: What else is done to it: it is run, also with a shape that is refused, and its flags are set.
RUNS = (
    "model.sparsity(torch.ones_like(model.sparsity.mask))",
    "model.sparsity(torch.ones_like(model.sparsity.mask, dtype=torch.float32, requires_grad=True)).sum().backward()",
    "model.sparsity(torch.ones(7))",
    "model.eval()",
    "model.train()",
    "model.requires_grad_(False)",
    "model.state_dict()",
)
EVERYTHING = (*COPIES, *MOVES, *CHANGES, *RUNS)


def histories(*lines: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw some lines, one after another, each as often as it comes."""
    return st.lists(st.sampled_from(lines), min_size=1, max_size=6).map(tuple)


def numbered(lines: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return each line, and a label for what is seen after it."""
    return [(f"{number}. {line}", line) for number, line in enumerate(lines, 1)]


@lru_cache(maxsize=1024)
def compiled_line(line: str) -> CodeType:
    """Return a line as Python runs it."""
    return compile(line, "<history>", "exec")


def after(line: str, model: nn.Module) -> Any:
    """Return the model after a line: the same one, or the one that the line makes."""
    names = {"torch": torch, "nn": nn, "copy": copy, "pickle": pickle, "io": io, "model": model}
    exec(compiled_line(line), names)
    return names["model"]


def after_if_it_can(line: str, model: nn.Module) -> Any:
    """Return the model after a line, or as it was if the line raises: whether it may is for other checks."""
    done: list[Any] = []
    error = error_of(lambda: done.append(after(line, model)))
    return model if error else done[0]
