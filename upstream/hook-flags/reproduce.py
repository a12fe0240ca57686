"""swap_module drops the flags of forward hooks: fails on torch as it is, prints "fixed" once patched."""

import torch
from torch import nn
from torch.ao.pruning.sparsifier.utils import swap_module


class Sparse(nn.Linear):
    @classmethod
    def from_dense(cls, mod):
        return cls(mod.in_features, mod.out_features)

    def forward(self, x, scale=1.0):
        if scale == 0.0:
            raise ValueError("scale")
        return super().forward(x) * scale


seen = []
dense = nn.Linear(2, 2)
dense.register_forward_pre_hook(lambda mod, args, kwargs: seen.append(kwargs), with_kwargs=True)
dense.register_forward_hook(lambda mod, args, kwargs, out: seen.append("after"), with_kwargs=True, always_call=True)

sparse = swap_module(dense, {nn.Linear: Sparse})
try:
    sparse(torch.ones(1, 2), scale=0.0)
except ValueError:
    pass
assert seen == [{"scale": 0.0}, "after"], seen
print("fixed")
