"""swap_module fails if from_dense returns its argument: fails on torch as it is, prints "fixed" once patched."""

import torch
from torch import nn
from torch.ao.pruning.sparsifier.utils import swap_module


class Sparse(nn.Linear):
    @staticmethod
    def from_dense(mod):
        mod.__class__ = Sparse  # converted in place
        return mod


calls = []
dense = nn.Linear(2, 2)
dense.register_forward_hook(lambda mod, args, out: calls.append(mod))
sparse = swap_module(dense, {nn.Linear: Sparse})
sparse(torch.ones(1, 2))
assert sparse is dense and len(calls) == 1, calls
print("fixed")
