"""fqn_to_module looks up attributes of None: fails on torch as it is, prints "fixed" once patched."""

from torch import nn
from torch.ao.pruning.sparsifier.utils import fqn_to_module

found = fqn_to_module(nn.Linear(2, 2), "missing.__class__")
assert found is None, found
print("fixed")
