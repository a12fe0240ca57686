"""A module that has all that a module can have, for checks of what must stay as it is."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

#: What registers hooks that ``swap_module`` does not carry; some are newer than the oldest torch.
BACKWARD_AND_STATE_DICT_HOOKS = (
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_state_dict_pre_hook",
    "_register_state_dict_hook",
    "_register_load_state_dict_pre_hook",
    "register_load_state_dict_post_hook",
)


def furnished(kind: type[nn.Module], value: float, flag: bool, device: str = "cpu") -> Any:
    """Return a module with tensors of every kind and layout, grads, submodules, attributes, and hooks of all kinds.

    Forward hooks are those of its submodule alone, and one of its parameters is registered twice.

    Parameters:
        kind: its class, which is made of two sizes, and has a weight and a bias: ``nn.Linear``, or one derived from it.
        value: what its tensors hold.
        flag: whether it is in training, and its bias requires a gradient; its submodule and weight are the opposite.
        device: where its tensors are.
    """
    module: Any = kind(2, 2).to(device)
    module.weight = nn.Parameter(torch.full((2, 2), value, device=device).t(), requires_grad=not flag)
    module.bias = nn.Parameter(torch.full((2,), value, device=device), requires_grad=flag)
    module.weight.grad = torch.full((2, 2), value, device=device)
    module.register_parameter("tied", module.bias)
    image = torch.full((1, 2, 2, 2), value, device=device)
    module.register_buffer("image", image)
    module.register_buffer("channels_last", image.to(memory_format=torch.channels_last), persistent=False)
    module.register_buffer("count", torch.full((), int(value), device=device))
    module.note = {"a plain attribute": [value]}
    child = module.child = nn.Sequential(nn.BatchNorm1d(2, device=device), nn.ReLU())
    child.register_forward_pre_hook(lambda *args: None)
    child.register_forward_hook(lambda *args: None)
    parametrize.register_parametrization(child[0], "weight", nn.Tanh())
    for register in BACKWARD_AND_STATE_DICT_HOOKS:
        if hasattr(module, register):
            getattr(module, register)(lambda *args: None)
    module.train(flag)
    child.train(not flag)
    return module
