"""module_to_fqn misses modules that compare equal: fails on torch as it is, prints "fixed" once patched."""

from torch import nn
from torch.ao.pruning.sparsifier.utils import module_to_fqn


class Scale(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def __eq__(self, other):
        return isinstance(other, Scale) and self.factor == other.factor

    def __hash__(self):
        return hash(self.factor)


model = nn.Sequential(Scale(2), Scale(2))
found = [module_to_fqn(model, child) for child in (model[0], model[1])]
assert found == ["0", "1"], found
print("fixed")
