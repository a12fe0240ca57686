"""A masked model does not load its own state_dict: fails on torch as it is, prints "fixed" once patched."""

import torch
from torch import nn
from torch.ao.pruning.sparsifier.utils import FakeSparsity
from torch.nn.utils import parametrize

model = nn.Linear(2, 2)
parametrize.register_parametrization(model, "weight", FakeSparsity(torch.eye(2)))
model.load_state_dict(model.state_dict())
print("fixed")
