# Owner(s): ["module: unknown"]

import torch
from torch import nn
from torch.ao.pruning.sparsifier.utils import swap_module
from torch.testing._internal.common_utils import run_tests, TestCase


class InPlace(nn.Linear):
    @staticmethod
    def from_dense(mod):
        mod.__class__ = InPlace
        return mod


class TestSwapModuleInPlace(TestCase):
    def test_hooks_are_there_once(self):
        calls = []
        dense = nn.Linear(2, 2)
        dense.register_forward_pre_hook(lambda mod, args: calls.append("pre"))
        dense.register_forward_hook(lambda mod, args, out: calls.append("post"))
        swapped = swap_module(dense, {nn.Linear: InPlace})
        self.assertIs(swapped, dense)
        swapped(torch.ones(1, 2))
        self.assertEqual(calls, ["pre", "post"])


if __name__ == "__main__":
    run_tests()
