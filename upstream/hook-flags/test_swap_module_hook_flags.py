# Owner(s): ["module: unknown"]

import torch
from torch import nn
from torch.ao.pruning.sparsifier.utils import swap_module
from torch.testing._internal.common_utils import run_tests, TestCase


class Failing(nn.Linear):
    @classmethod
    def from_dense(cls, mod):
        return cls(mod.in_features, mod.out_features)

    def forward(self, x, fail=False):
        if fail:
            raise ValueError("requested")
        return super().forward(x)


class TestSwapModuleHookFlags(TestCase):
    def _swap(self, mod):
        return swap_module(mod, {nn.Linear: Failing})

    def test_with_kwargs(self):
        seen = []
        dense = nn.Linear(2, 2)
        dense.register_forward_pre_hook(lambda mod, args, kwargs: seen.append(kwargs), with_kwargs=True)
        dense.register_forward_hook(lambda mod, args, kwargs, out: seen.append(kwargs), with_kwargs=True)
        self._swap(dense)(torch.ones(1, 2), fail=False)
        self.assertEqual(seen, [{"fail": False}, {"fail": False}])

    def test_always_call(self):
        calls = []
        dense = nn.Linear(2, 2)
        dense.register_forward_hook(lambda mod, args, out: calls.append("always"), always_call=True)
        dense.register_forward_hook(lambda mod, args, out: calls.append("plain"))
        with self.assertRaisesRegex(ValueError, "requested"):
            self._swap(dense)(torch.ones(1, 2), fail=True)
        self.assertEqual(calls, ["always"])


if __name__ == "__main__":
    run_tests()
