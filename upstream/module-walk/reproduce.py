"""module_to_fqn on deep, cyclic and shared models: fails on torch as it is, prints "fixed" once patched."""

import sys

from torch import nn
from torch.ao.pruning.sparsifier.utils import module_to_fqn

deep = leaf = nn.Module()
for _ in range(sys.getrecursionlimit()):
    parent = nn.Module()
    parent.child = deep
    deep = parent

cyclic = nn.Sequential(nn.ReLU())
cyclic.up = nn.Sequential(cyclic)


class Counting(nn.Sequential):
    visits = 0

    def named_children(self):
        Counting.visits += 1
        return super().named_children()


pair = nn.ReLU(), nn.ReLU()
for _ in range(12):  # 2 ** 12 paths; at 40 levels torch as it is does not come back
    pair = Counting(*pair), Counting(*pair)
shared = Counting(*pair)

failed = []
for name, call in {
    "deep": lambda: module_to_fqn(deep, leaf).count(".") == sys.getrecursionlimit() - 1,
    "cyclic": lambda: module_to_fqn(cyclic, nn.Tanh()) is None,
    "shared": lambda: module_to_fqn(shared, nn.Tanh()) is None and Counting.visits <= 25,
}.items():
    try:
        if not call():
            failed.append(name)
    except RecursionError as error:
        failed.append(f"{name}: {error}")
assert not failed, failed
print("fixed")
